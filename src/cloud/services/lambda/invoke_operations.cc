#include <fmt/core.h>

#include "aws/paging.h"
#include "base/json.h"
#include "base/text.h"
#include "cloud/services/lambda/service.h"

namespace pds::cloud::lambda {

namespace {

std::unexpected<Error> not_done(std::string_view parameter, std::string_view why) {
  return fail("NotImplemented", fmt::format("Invoke: {} is not supported: {}", parameter, why), 501);
}

Result<void> check_payload(const std::string& payload, size_t bytes_max) {
  if (payload.size() > bytes_max)
    return fail("RequestTooLargeException",
                fmt::format("{} byte payload is too large for the {} invocation type (limit {} bytes)", payload.size(),
                            bytes_max == event_bytes_max ? "Event" : "RequestResponse", bytes_max),
                413);
  if (payload.empty()) return {};
  if (Result<void> valid = check_json(payload); !valid)
    return fail("InvalidRequestContentException", fmt::format("Could not parse request body into json: {}", valid.error().message));
  return {};
}

// The context comes base64-encoded and leaves as a header's value.
Result<std::string> decode_client_context(const std::optional<std::string>& encoded) {
  if (!encoded || encoded->empty()) return std::string();
  Result<std::string> decoded = from_base64(*encoded);
  if (!decoded || !parse_json(*decoded))
    return fail("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.");
  // Line breaks of a pretty-printed document cannot travel in a header.
  return to_text(*parse_json(*decoded));
}

}  // namespace

Result<InvocationPtr> Lambda::begin(const FunctionName& name, std::string payload, std::string request_id,
                                    const std::string& client_context, bool wants_log, std::shared_ptr<ResponseStream> stream) {
  TRY(Target target, catalog_.target_at(name, draw()));
  CHECK(cloud::lambda::check_invokable(*target.version));
  auto invocation = std::make_shared<Invocation>();
  invocation->request_id = std::move(request_id);
  invocation->payload = payload.empty() ? "{}" : std::move(payload);
  invocation->client_context = client_context;
  invocation->invoked_arn = target.invoked_arn;
  invocation->resource = target.resource;
  invocation->wants_log = wants_log;
  invocation->stream = std::move(stream);
  std::string id = to_hex(core_.random.bytes(16));
  auto epoch = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  invocation->trace_id = fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0", epoch.count(), std::string_view(id).substr(0, 24),
                                     std::string_view(id).substr(16));
  CHECK(runtime_.submit(target, invocation));
  return invocation;
}

io::Task<Result<wire::InvokeReply>> Lambda::invoke(const Call& call, const wire::InvokeRequest& request) {
  if (request.durable_execution_name) co_return not_done("X-Amz-Durable-Execution-Name", "there are no durable functions");
  if (request.tenant_id) co_return not_done("X-Amz-Tenant-Id", "functions are not isolated by tenant");
  std::string type = request.invocation_type.value_or("RequestResponse");
  if (type != "RequestResponse" && type != "Event" && type != "DryRun")
    co_return fail(
        "InvalidParameterValueException",
        fmt::format("Value '{}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, "
                    "RequestResponse, DryRun]",
                    type));
  CO_TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  CO_TRY(const VersionRecord* version, catalog_.version_at(name));
  CO_CHECK(check_payload(request.payload.bytes, type == "Event" ? event_bytes_max : request_bytes_max));
  CO_TRY(std::string context, decode_client_context(request.client_context));
  std::string request_id = call.request_id.empty() ? new_id() : call.request_id;

  wire::InvokeReply reply;
  if (type == "DryRun") {
    reply.status_code = 204;
    co_return reply;
  }
  if (type == "Event") {
    CO_CHECK(enqueue(name, request.payload.bytes, std::move(request_id), std::move(context)));
    reply.status_code = 202;
    co_return reply;
  }
  CO_CHECK(cloud::lambda::check_invokable(*version));
  bool wants_log = request.log_type.value_or("None") == "Tail";
  CO_TRY(InvocationPtr invocation, begin(name, request.payload.bytes, std::move(request_id), context, wants_log));
  co_await invocation->done.wait();
  if (invocation->refused) co_return std::unexpected(*invocation->refused);
  reply.payload.bytes = std::move(invocation->response);
  reply.executed_version = invocation->executed_version;
  if (!invocation->function_error.empty()) reply.function_error = invocation->function_error;
  if (wants_log) reply.log_result = to_base64(invocation->log_tail);
  co_return reply;
}

Result<void> Lambda::enqueue(const FunctionName& name, std::string payload, std::string request_id, std::string client_context) {
  CHECK(catalog_.version_at(name));
  Timestamp now = core_.clock.now();
  CHECK(events_.add(EventRecord{.id = std::move(request_id),
                                .function = name.name,
                                .qualifier = name.qualifier,
                                .client_context = std::move(client_context),
                                .payload = {std::move(payload)},
                                .received = now,
                                .due = now}));
  runtime_.metrics().event(name.name, "AsyncEventsReceived", 1, "Count");
  return {};
}

io::Task<EventOutcome> Lambda::run_event(EventRecord event) {
  Duration age = core_.clock.now() - event.received;
  runtime_.metrics().event(event.function, "AsyncEventAge", static_cast<double>(age.count()) / 1000.0, "Milliseconds");
  FunctionName name{event.function, event.qualifier};
  // A retry keeps the request id, as at Lambda: that is how a function can tell.
  Result<InvocationPtr> invocation = begin(name, std::move(event.payload.bytes), event.id, event.client_context, false);
  if (!invocation) co_return EventOutcome::refused;
  InvocationPtr running = *invocation;
  co_await running->done.wait();
  if (running->refused) co_return EventOutcome::refused;
  co_return running->function_error.empty() ? EventOutcome::succeeded : EventOutcome::failed;
}

// ---- in process ----

Result<FunctionName> Lambda::authorized(const FunctionCall& call) const {
  TRY(FunctionName name, catalog_.parse(call.function, call.qualifier));
  TRY(const VersionRecord* version, catalog_.version_at(name));
  Access access{.action = "lambda:InvokeFunction",
                .service_principal = call.service_principal,
                .account = core_.account,
                .source_arn = call.source_arn};
  if (!call.service_principal.empty() && !catalog_.is_allowed(name, access))
    return fail(
        "AccessDeniedException",
        fmt::format(
            "{} is not authorized to perform: lambda:InvokeFunction on resource: {} because no resource-based policy allows "
            "the lambda:InvokeFunction action",
            call.service_principal, catalog_.arn(name.name, name.qualifier)),
        403);
  CHECK(cloud::lambda::check_invokable(*version));
  return name;
}

Result<void> Lambda::check_invokable(const FunctionCall& call) const {
  CHECK(authorized(call));
  return {};
}

io::Task<Result<FunctionResult>> Lambda::invoke(FunctionCall call) {
  CO_TRY(FunctionName name, authorized(call));
  CO_CHECK(check_payload(call.payload, request_bytes_max));
  CO_TRY(std::string context, decode_client_context(call.client_context));
  CO_TRY(InvocationPtr invocation, begin(name, std::move(call.payload), new_id(), context, true));
  co_await invocation->done.wait();
  if (invocation->refused) co_return std::unexpected(*invocation->refused);
  co_return FunctionResult{.payload = std::move(invocation->response),
                           .function_error = invocation->function_error,
                           .executed_version = invocation->executed_version,
                           .log_tail = invocation->log_tail};
}

io::Task<Result<void>> Lambda::invoke_later(FunctionCall call) {
  CO_TRY(FunctionName name, authorized(call));
  CO_CHECK(check_payload(call.payload, event_bytes_max));
  CO_TRY(std::string context, decode_client_context(call.client_context));
  CO_CHECK(enqueue(name, std::move(call.payload), new_id(), std::move(context)));
  co_return co_await core_.store.durable();
}

// ---- how asynchronous invocations are retried ----

wire::FunctionEventInvokeConfig Lambda::event_configuration(const EventConfigRecord& record) const {
  wire::FunctionEventInvokeConfig out;
  out.last_modified = record.modified;
  out.function_arn = catalog_.arn(record.function, record.qualifier.empty() ? latest : std::string_view(record.qualifier));
  out.maximum_retry_attempts = record.retries_max;
  out.maximum_event_age_in_seconds = record.age_seconds_max;
  out.destination_config.on_success = wire::OnDestination{};
  out.destination_config.on_failure = wire::OnDestination{};
  return out;
}

Result<wire::FunctionEventInvokeConfig> Lambda::write_event_config(const wire::PutFunctionEventInvokeConfigRequest& request,
                                                                   bool replace) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  auto given = [](const std::optional<wire::OnDestination>& on) { return on && !on->destination.value_or("").empty(); };
  if (request.destination_config &&
      (given(request.destination_config->on_success) || given(request.destination_config->on_failure)))
    return fail("NotImplemented",
                "PutFunctionEventInvokeConfig: DestinationConfig is not supported: there is no queue, topic or bus yet", 501);
  std::string key = qualified_key(name.name, name.qualifier);
  EventConfigRecord record;
  if (const EventConfigRecord* before = catalog_.event_configs.find(key); before && !replace) record = *before;
  record.function = name.name;
  record.qualifier = name.qualifier;
  record.modified = core_.clock.now();
  if (request.maximum_retry_attempts) record.retries_max = request.maximum_retry_attempts;
  if (request.maximum_event_age_in_seconds) record.age_seconds_max = request.maximum_event_age_in_seconds;
  return event_configuration(catalog_.event_configs.put(key, std::move(record)));
}

Result<wire::FunctionEventInvokeConfig> Lambda::put_event_config(const Call&,
                                                                 const wire::PutFunctionEventInvokeConfigRequest& request) {
  return write_event_config(request, true);
}

Result<wire::FunctionEventInvokeConfig> Lambda::update_event_config(const Call&,
                                                                    const wire::PutFunctionEventInvokeConfigRequest& request) {
  return write_event_config(request, false);
}

namespace {

std::unexpected<Error> no_event_config(const std::string& arn) {
  return fail("ResourceNotFoundException", fmt::format("The function {} doesn't have an EventInvokeConfig", arn), 404);
}

}  // namespace

Result<wire::FunctionEventInvokeConfig> Lambda::get_event_config(const Call&, const wire::QualifiedRequest& request) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  const EventConfigRecord* record = catalog_.event_configs.find(qualified_key(name.name, name.qualifier));
  if (!record) return no_event_config(catalog_.arn(name.name, name.qualifier.empty() ? latest : std::string_view(name.qualifier)));
  return event_configuration(*record);
}

Result<aws::Empty> Lambda::delete_event_config(const Call&, const wire::QualifiedRequest& request) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  std::string key = qualified_key(name.name, name.qualifier);
  if (!catalog_.event_configs.contains(key))
    return no_event_config(catalog_.arn(name.name, name.qualifier.empty() ? latest : std::string_view(name.qualifier)));
  catalog_.event_configs.erase(key);
  return aws::Empty{};
}

Result<wire::ListFunctionEventInvokeConfigsReply> Lambda::list_event_configs(const Call&,
                                                                             const wire::PagedFunctionRequest& request) {
  TRY(FunctionName name, existing(request.function_name, std::nullopt));
  std::vector<const EventConfigRecord*> found;
  for (const auto& [key, record] : catalog_.event_configs.rows())
    if (record.function == name.name) found.push_back(&record);
  TRY(std::optional<std::string> next,
      aws::cut_page(
          found, request.marker, request.max_items.value_or(0), 50,
          [](const EventConfigRecord* record) { return qualified_key(record->function, record->qualifier); },
          "InvalidParameterValueException"));
  wire::ListFunctionEventInvokeConfigsReply reply;
  reply.next_marker = next;
  for (const EventConfigRecord* record : found) reply.function_event_invoke_configs.push_back(event_configuration(*record));
  return reply;
}

}  // namespace pds::cloud::lambda
