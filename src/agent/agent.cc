#include "agent/agent.h"

#include <fmt/core.h>

#include "aws/shapes/s3.h"
#include "base/json.h"
#include "base/text.h"
#include "http/client.h"
#include "io/files.h"

namespace pds::agent {
namespace {

namespace commands = aws::codedeploy_commands;

// A service that answers "nothing" at once is asked once a second; one that waits with its answer (ours) sets the pace itself.
constexpr Duration poll_pause = 1s;
constexpr Duration failure_pause_max = 10s;
constexpr const char* instance_endpoint = "http://169.254.169.254";
constexpr size_t specification_bytes_max = 256 << 10;

template <class T>
commands::Envelope json_envelope(const T& value) {
  return {"JSON", aws::to_json_text(value)};
}

std::string strip_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

}  // namespace

io::Task<Result<Identity>> find_identity(io::Loop& loop, aws::EnvironmentReader environment) {
  std::string base = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (base.empty()) base = instance_endpoint;
  http::Headers ask;
  ask.add("X-aws-ec2-metadata-token-ttl-seconds", "60");
  CO_TRY(http::Response token, co_await http::fetch(loop, "PUT", base + "/latest/api/token", ask));
  http::Headers headers;
  headers.add("X-aws-ec2-metadata-token", trim(token.body));
  CO_TRY(http::Response answer, co_await http::fetch(loop, "GET", base + "/latest/dynamic/instance-identity/document", headers));
  if (answer.head.status != 200)
    co_return fail_world("E_METADATA",
                         fmt::format("the instance metadata service answered {} to the identity document", answer.head.status));
  CO_TRY(json::value document, parse_json(answer.body));
  const json::object* object = document.if_object();
  Identity identity;
  if (object) identity = {get_string(*object, "instanceId"), get_string(*object, "accountId"), get_string(*object, "region")};
  if (identity.instance_id.empty() || identity.account.empty() || identity.region.empty())
    co_return fail_world("E_METADATA", "the identity document lacks instanceId, accountId or region");
  co_return identity;
}

Agent::Agent(io::Loop& loop, aws::Client& client, const Logger& log, Executor executor, Identity identity)
    : loop_(loop), client_(client), log_(log), executor_(std::move(executor)), identity_(std::move(identity)) {}

io::Task<void> Agent::run() {
  Duration pause = poll_pause;
  while (true) {
    MonoTime asked = std::chrono::steady_clock::now();
    Result<bool> busy = co_await step();
    if (!busy) {
      log_.warn("the command service cannot be asked", {{"code", busy.error().code}, {"error", busy.error().message}});
      co_await loop_.sleep_for(pause);
      pause = std::min(failure_pause_max, pause * 2);
      continue;
    }
    pause = poll_pause;
    if (!*busy && std::chrono::steady_clock::now() - asked < poll_pause) co_await loop_.sleep_for(poll_pause);
  }
}

io::Task<Result<bool>> Agent::step() {
  CO_TRY(auto polled, co_await client_.call<commands::PollHostCommand>({.host_identifier = identity_.host_identifier()}));
  if (!polled.host_command) co_return false;
  const HostCommand& command = *polled.host_command;
  log_.info("command received", {{"command", command.command_name}, {"deployment", command.deployment_execution_id}});
  Result<Specification> specification = co_await specification_of(command);
  if (!specification && specification.error().retryable) co_return std::unexpected(specification.error());
  Diagnostics diagnostics;
  if (!specification) {
    diagnostics = {static_cast<int>(5), "", specification.error().message, ""};
  } else {
    bool noop = executor_.is_noop(command.command_name, *specification);
    CO_TRY(auto state, co_await client_.call<commands::PutHostCommandAcknowledgement>(
                           {command.host_command_identifier, json_envelope(commands::Acknowledgement{noop})}));
    if (noop || state.command_status == "Succeeded" || state.command_status == "Failed") co_return true;
    diagnostics = co_await perform(command, *specification);
  }
  co_await complete(command, diagnostics);
  co_return true;
}

io::Task<Result<Executor::Specification>> Agent::specification_of(const HostCommand& command) {
  CO_TRY(auto reply,
         co_await client_.call<commands::GetDeploymentSpecification>(
             {.deployment_execution_id = command.deployment_execution_id, .host_identifier = identity_.host_identifier()}));
  const commands::Envelope& envelope = reply.deployment_specification.generic_envelope;
  // PKCS7/JSON is AWS's signed form; its certificates are a later issue's.
  if (reply.deployment_system != "CodeDeploy" || envelope.format != "TEXT/JSON" ||
      envelope.payload.size() > specification_bytes_max)
    co_return fail("E_SPECIFICATION", fmt::format("the deployment specification has the unsupported format '{}'", envelope.format));
  CO_TRY(Specification specification, aws::from_json_text<Specification>(envelope.payload));
  CO_CHECK(check_id(specification.deployment_id));
  CO_CHECK(check_id(specification.deployment_group_id));
  co_return specification;
}

io::Task<Executor::Diagnostics> Agent::perform(const HostCommand& command, const Specification& specification) {
  if (command.command_name == "DownloadBundle") {
    Result<void> downloaded = co_await download(specification);
    if (!downloaded) co_return Diagnostics{static_cast<int>(5), "", downloaded.error().message, ""};
  }
  co_return co_await loop_.offload(
      [executor = executor_, name = command.command_name, s = specification] { return executor.execute(name, s); });
}

io::Task<Result<void>> Agent::download(const Specification& s) {
  const auto& from = s.revision.s3_revision;
  if (s.revision.revision_type != "S3" || !from) co_return fail("E_SPECIFICATION", "the revision is not in S3");
  http::Request request;
  request.head.method = "GET";
  request.head.target = fmt::format("/{}/{}", percent_encode(from->bucket), percent_encode(from->key, true));
  if (from->version) request.head.target += "?versionId=" + percent_encode(*from->version);
  CO_TRY(http::Response response, co_await client_.send_signed(aws::s3::service_info(), std::move(request)));
  if (response.head.status != 200)
    co_return fail("E_BUNDLE", fmt::format("s3://{}/{} cannot be downloaded: the answer was {}", from->bucket, from->key,
                                           response.head.status));
  if (response.body.size() > bundle_bytes_max)
    co_return fail("E_TOO_LARGE", fmt::format("the bundle is larger than {} bytes", bundle_bytes_max));
  std::string etag = strip_quotes(response.head.headers.get("ETag"));
  if (from->e_tag && strip_quotes(*from->e_tag) != etag)
    co_return fail("E_BUNDLE", fmt::format("The ETag of s3://{}/{} does not match the revision's: {} instead of {}", from->bucket,
                                           from->key, etag, *from->e_tag));
  co_return co_await loop_.offload(
      [layout = executor_.layout(), group = s.deployment_group_id, id = s.deployment_id, body = std::move(response.body)] {
        if (Result<void> ready = layout.prepare(group, id); !ready) return ready;
        return io::write_file_atomically(layout.bundle(group, id), body);
      });
}

// Until it is heard: a cloud that restarts meanwhile must not take a finished command for a lost one.
io::Task<void> Agent::complete(const HostCommand& command, const Diagnostics& diagnostics) {
  commands::PutHostCommandCompleteRequest request{command.host_command_identifier,
                                                  diagnostics.error_code == 0 ? "Succeeded" : "Failed", json_envelope(diagnostics)};
  log_.info("command finished",
            {{"command", command.command_name}, {"status", request.command_status}, {"message", diagnostics.message}});
  for (Duration pause = poll_pause;; pause = std::min(failure_pause_max, pause * 2)) {
    Result<commands::PutHostCommandCompleteReply> told = co_await client_.call<commands::PutHostCommandComplete>(request);
    if (told || !told.error().retryable) co_return;
    co_await loop_.sleep_for(pause);
  }
}

}  // namespace pds::agent
