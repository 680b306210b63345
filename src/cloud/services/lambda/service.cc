#include "cloud/services/lambda/service.h"

namespace pds::cloud::lambda {

namespace {

EventLimits limits_of(const Catalog& catalog, const EventRecord& event) {
  EventLimits limits;
  const EventConfigRecord* config = catalog.event_configs.find(qualified_key(event.function, event.qualifier));
  if (config && config->retries_max) limits.retries_max = *config->retries_max;
  if (config && config->age_seconds_max) limits.age_max = std::chrono::seconds(*config->age_seconds_max);
  return limits;
}

}  // namespace

Lambda::Lambda(Core& core, Dependencies dependencies)
    : core_(core),
      dependencies_(dependencies),
      catalog_(core),
      runtime_(core, dependencies.images, dependencies.roles, dependencies.logs, dependencies.metrics, dependencies.idle_policy),
      events_(
          core, [this](EventRecord event) { return run_event(std::move(event)); },
          [this](const EventRecord& event) { return limits_of(catalog_, event); },
          [this](const EventRecord& event) { runtime_.metrics().event(event.function, "AsyncEventsDropped", 1, "Count"); }),
      url_door_(core, catalog_, dependencies.authority,
                [this](const FunctionName& name, std::string payload, std::string request_id, std::shared_ptr<ResponseStream> stream) {
                  return begin(name, std::move(payload), std::move(request_id), "", false, std::move(stream));
                },
                [this](const UrlRecord& url, int status, Duration latency) {
                  runtime_.metrics().url_answered(url.function, url.qualifier.empty() ? url.function : url.function + ":" + url.qualifier,
                                                  status, latency);
                }) {
  if (dependencies_.found) runtime_.await_adoption();
}

Lambda::~Lambda() { tasks_.cancel_all(); }

void Lambda::start() {
  if (dependencies_.found) runtime_.adopt(*dependencies_.found, catalog_);
  for (const auto& [key, version] : catalog_.versions.rows())
    if (version.state == "Pending" || version.last_update_status == "InProgress")
      tasks_.spawn(activate(key, version.configuration_id));
  events_.start();
}

io::Task<void> Lambda::stop() {
  events_.stop();
  tasks_.cancel_all();
  co_await runtime_.stop();
}

Api Lambda::api() {
  Api api(wire::service_info());
  auto about = [this](Api::Entry& entry, auto name_of) -> Api::Entry& {
    entry.resource = [this, name_of](const Call&, const void* request) -> std::string {
      Result<FunctionName> name = catalog_.parse(name_of(request));
      return name ? catalog_.arn(name->name, name->qualifier) : "*";
    };
    return entry;
  };
  for (const aws::Operation& operation : refused_operations()) api.refuse(operation);
  auto passed = [](const std::string& role) {
    return PassedRole{.role_arn = role, .service = "lambda.amazonaws.com", .refusal = ""};
  };
  // What most operations are about, for authorisation.
#define PDS_FUNCTION_OPERATION(Op, handler)        \
  about(api.add<wire::Op>(this, &Lambda::handler), \
        [](const void* request) { return static_cast<const wire::Op::Request*>(request)->function_name; })
  PDS_FUNCTION_OPERATION(AddPermission, add_permission);
  PDS_FUNCTION_OPERATION(CreateAlias, create_alias);
  PDS_FUNCTION_OPERATION(CreateFunction, create_function).passed_roles = [passed](const Call&, const void* request) {
    return std::vector{passed(static_cast<const wire::CreateFunctionRequest*>(request)->role)};
  };
  PDS_FUNCTION_OPERATION(CreateFunctionUrlConfig, create_url);
  PDS_FUNCTION_OPERATION(DeleteAlias, delete_alias);
  PDS_FUNCTION_OPERATION(DeleteFunction, delete_function);
  PDS_FUNCTION_OPERATION(DeleteFunctionEventInvokeConfig, delete_event_config);
  PDS_FUNCTION_OPERATION(DeleteFunctionUrlConfig, delete_url);
  api.add<wire::GetAccountSettings>(this, &Lambda::get_account_settings);
  PDS_FUNCTION_OPERATION(GetAlias, get_alias);
  PDS_FUNCTION_OPERATION(GetFunction, get_function);
  PDS_FUNCTION_OPERATION(GetFunctionCodeSigningConfig, get_code_signing);
  PDS_FUNCTION_OPERATION(GetFunctionConcurrency, get_concurrency);
  PDS_FUNCTION_OPERATION(GetFunctionConfiguration, get_function_configuration);
  PDS_FUNCTION_OPERATION(GetFunctionEventInvokeConfig, get_event_config);
  PDS_FUNCTION_OPERATION(GetFunctionUrlConfig, get_url);
  PDS_FUNCTION_OPERATION(GetPolicy, get_policy);
  about(api.add<wire::Invoke>(
            this,
            static_cast<io::Task<Result<wire::InvokeReply>> (Lambda::*)(const Call&, const wire::InvokeRequest&)>(&Lambda::invoke)),
        [](const void* request) { return static_cast<const wire::InvokeRequest*>(request)->function_name; });
  PDS_FUNCTION_OPERATION(ListAliases, list_aliases);
  PDS_FUNCTION_OPERATION(ListFunctionEventInvokeConfigs, list_event_configs);
  PDS_FUNCTION_OPERATION(ListFunctionUrlConfigs, list_urls);
  api.add<wire::ListFunctions>(this, &Lambda::list_functions);
  api.add<wire::ListTags>(this, &Lambda::list_tags).resource = [](const Call&, const void* request) {
    return static_cast<const wire::ListTagsRequest*>(request)->resource;
  };
  PDS_FUNCTION_OPERATION(ListVersionsByFunction, list_versions_by_function);
  PDS_FUNCTION_OPERATION(PublishVersion, publish_version);
  PDS_FUNCTION_OPERATION(PutFunctionEventInvokeConfig, put_event_config);
  PDS_FUNCTION_OPERATION(RemovePermission, remove_permission);
  api.add<wire::TagResource>(this, &Lambda::tag_resource).resource = [](const Call&, const void* request) {
    return static_cast<const wire::TagResourceRequest*>(request)->resource;
  };
  api.add<wire::UntagResource>(this, &Lambda::untag_resource).resource = [](const Call&, const void* request) {
    return static_cast<const wire::UntagResourceRequest*>(request)->resource;
  };
  PDS_FUNCTION_OPERATION(UpdateAlias, update_alias);
  PDS_FUNCTION_OPERATION(UpdateFunctionCode, update_function_code);
  PDS_FUNCTION_OPERATION(UpdateFunctionConfiguration, update_function_configuration).passed_roles = [passed](const Call&,
                                                                                                             const void* request) {
    const auto& role = static_cast<const wire::UpdateFunctionConfigurationRequest*>(request)->role;
    return role ? std::vector{passed(*role)} : std::vector<PassedRole>{};
  };
  PDS_FUNCTION_OPERATION(UpdateFunctionEventInvokeConfig, update_event_config);
  PDS_FUNCTION_OPERATION(UpdateFunctionUrlConfig, update_url);
#undef PDS_FUNCTION_OPERATION
  return api;
}

double Lambda::draw() {
  return static_cast<double>(core_.random.below(uint64_t{1} << 53)) / static_cast<double>(uint64_t{1} << 53);
}

Result<FunctionName> Lambda::existing(std::string_view function, const std::optional<std::string>& qualifier) const {
  TRY(FunctionName name, catalog_.parse(function, qualifier.value_or("")));
  CHECK(catalog_.version_at(name));
  return name;
}

}  // namespace pds::cloud::lambda
