// Lambda: the operation table, and what other services and the front door use of it.
#pragma once

#include "cloud/authority.h"
#include "cloud/core.h"
#include "cloud/functions.h"
#include "cloud/images.h"
#include "cloud/roles.h"
#include "cloud/sandboxes.h"
#include "cloud/services/lambda/catalog.h"
#include "cloud/services/lambda/event_queue.h"
#include "cloud/services/lambda/runtime.h"
#include "cloud/services/lambda/url_door.h"
#include "cloud/telemetry.h"

namespace pds::cloud::lambda {

namespace wire = aws::lambda;

class Lambda final : public CloudService, public FunctionInvoker {
 public:
  struct Dependencies {
    ImageSource& images;
    RoleSource& roles;
    Authority& authority;  // for function URLs of AuthType AWS_IAM
    MetricSink& metrics;
    LogSink& logs;
    FoundSandboxes* found = nullptr;  // what was running when the cloud started; null: nothing
    IdlePolicy idle_policy = {};
  };
  Lambda(Core& core, Dependencies dependencies);
  ~Lambda() override;

  Api api() override;
  void start() override;
  io::Task<void> stop() override;
  // What Lambda has and this does not do, by method and path.
  static std::span<const aws::Operation> refused_operations();

  // For Dispatcher::add_door: requests to <id>.lambda-url.<region>.<anything>.
  UrlDoor& url_door() { return url_door_; }

  // Functions.
  io::Task<Result<wire::CreateFunctionReply>> create_function(const Call& call, const wire::CreateFunctionRequest& request);
  Result<wire::GetFunctionReply> get_function(const Call& call, const wire::GetFunctionRequest& request);
  Result<wire::FunctionConfiguration> get_function_configuration(const Call& call, const wire::QualifiedRequest& request);
  Result<wire::ListFunctionsReply> list_functions(const Call& call, const wire::ListFunctionsRequest& request);
  io::Task<Result<wire::FunctionConfiguration>> update_function_code(const Call& call,
                                                                     const wire::UpdateFunctionCodeRequest& request);
  Result<wire::FunctionConfiguration> update_function_configuration(const Call& call,
                                                                    const wire::UpdateFunctionConfigurationRequest& request);
  Result<wire::DeleteFunctionReply> delete_function(const Call& call, const wire::DeleteFunctionRequest& request);
  // Versions.
  Result<wire::FunctionConfiguration> publish_version(const Call& call, const wire::PublishVersionRequest& request);
  Result<wire::ListVersionsByFunctionReply> list_versions_by_function(const Call& call,
                                                                      const wire::ListVersionsByFunctionRequest& request);
  // Aliases.
  Result<wire::AliasConfiguration> create_alias(const Call& call, const wire::CreateAliasRequest& request);
  Result<wire::AliasConfiguration> get_alias(const Call& call, const wire::GetAliasRequest& request);
  Result<wire::ListAliasesReply> list_aliases(const Call& call, const wire::ListAliasesRequest& request);
  Result<wire::AliasConfiguration> update_alias(const Call& call, const wire::UpdateAliasRequest& request);
  Result<wire::DeleteAliasReply> delete_alias(const Call& call, const wire::DeleteAliasRequest& request);
  // Invocations.
  io::Task<Result<wire::InvokeReply>> invoke(const Call& call, const wire::InvokeRequest& request);
  Result<wire::FunctionEventInvokeConfig> put_event_config(const Call& call,
                                                           const wire::PutFunctionEventInvokeConfigRequest& request);
  Result<wire::FunctionEventInvokeConfig> update_event_config(const Call& call,
                                                              const wire::PutFunctionEventInvokeConfigRequest& request);
  Result<wire::FunctionEventInvokeConfig> get_event_config(const Call& call, const wire::QualifiedRequest& request);
  Result<aws::Empty> delete_event_config(const Call& call, const wire::QualifiedRequest& request);
  Result<wire::ListFunctionEventInvokeConfigsReply> list_event_configs(const Call& call, const wire::PagedFunctionRequest& request);
  // URLs.
  Result<wire::FunctionUrlConfig> create_url(const Call& call, const wire::CreateFunctionUrlConfigRequest& request);
  Result<wire::FunctionUrlConfig> get_url(const Call& call, const wire::QualifiedRequest& request);
  Result<wire::FunctionUrlConfig> update_url(const Call& call, const wire::UpdateFunctionUrlConfigRequest& request);
  Result<aws::Empty> delete_url(const Call& call, const wire::QualifiedRequest& request);
  Result<wire::ListFunctionUrlConfigsReply> list_urls(const Call& call, const wire::PagedFunctionRequest& request);
  // Permissions.
  Result<wire::AddPermissionReply> add_permission(const Call& call, const wire::AddPermissionRequest& request);
  Result<aws::Empty> remove_permission(const Call& call, const wire::RemovePermissionRequest& request);
  Result<wire::GetPolicyReply> get_policy(const Call& call, const wire::GetPolicyRequest& request);
  // Account, tags, and what is only there when it was configured.
  Result<wire::GetAccountSettingsReply> get_account_settings(const Call& call, const wire::GetAccountSettingsRequest& request);
  Result<aws::Empty> tag_resource(const Call& call, const wire::TagResourceRequest& request);
  Result<aws::Empty> untag_resource(const Call& call, const wire::UntagResourceRequest& request);
  Result<wire::ListTagsReply> list_tags(const Call& call, const wire::ListTagsRequest& request);
  Result<wire::GetFunctionCodeSigningConfigReply> get_code_signing(const Call& call, const wire::FunctionNameRequest& request);
  Result<wire::GetFunctionConcurrencyReply> get_concurrency(const Call& call, const wire::FunctionNameRequest& request);

  // FunctionInvoker.
  io::Task<Result<FunctionResult>> invoke(FunctionCall call) override;
  io::Task<Result<void>> invoke_later(FunctionCall call) override;
  Result<void> check_invokable(const FunctionCall& call) const override;

  const Catalog& catalog() const { return catalog_; }
  const Runtime& runtime() const { return runtime_; }

 private:
  wire::FunctionConfiguration configuration_of(const VersionRecord& version, bool qualified) const;
  wire::AliasConfiguration alias_configuration(const AliasRecord& alias) const;
  wire::FunctionUrlConfig url_configuration(const UrlRecord& url, const Call& call) const;
  wire::FunctionEventInvokeConfig event_configuration(const EventConfigRecord& record) const;

  io::Task<Result<std::string>> resolve_image(const std::string& image_uri);  // the digest
  Result<const VersionRecord*> changeable(std::string_view function_name, const std::optional<std::string>& revision_id);
  const VersionRecord& put_changed(VersionRecord version);
  const VersionRecord& publish(const std::string& function, const std::optional<std::string>& description);
  io::Task<void> activate(std::string key, std::string configuration_id);
  void settle(const std::string& key, const std::string& configuration_id, const std::optional<Error>& problem);

  Result<wire::FunctionEventInvokeConfig> write_event_config(const wire::PutFunctionEventInvokeConfigRequest& request,
                                                             bool replace);
  Result<FunctionName> existing(std::string_view function, const std::optional<std::string>& qualifier) const;
  Result<FunctionName> authorized(const FunctionCall& call) const;
  Result<InvocationPtr> begin(const FunctionName& name, std::string payload, std::string request_id,
                              const std::string& client_context, bool wants_log, std::shared_ptr<ResponseStream> stream = nullptr);
  Result<void> enqueue(const FunctionName& name, std::string payload, std::string request_id, std::string client_context);
  io::Task<EventOutcome> run_event(EventRecord event);
  double draw();
  std::string new_id() { return core_.random.uuid(); }

  Core& core_;
  Dependencies dependencies_;
  Catalog catalog_;
  Runtime runtime_;
  EventQueue events_;
  UrlDoor url_door_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::lambda
