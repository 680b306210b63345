#include "agent/command.h"

#include <fmt/core.h>

#include "agent/agent.h"
#include "aws/shapes/ecr.h"
#include "base/text.h"
#include "http/client.h"
#include "io/clock.h"
#include "io/files.h"
#include "sandbox/program.h"
#include "supply/supply.h"

namespace pds::agent {
namespace {

constexpr Duration look_again = 100ms;
constexpr Duration identity_pause = 1s;

// What AWS's SDKs need to find the endpoint and the role; everything else of the agent's environment stays outside.
constexpr const char* passed_on[] = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "PDS_INSTANCE_ID"};

std::map<std::string, std::string> container_environment(const RunContainer& request, const oci::ImageConfig& config,
                                                         aws::EnvironmentReader environment) {
  std::map<std::string, std::string> out;
  for (const std::string& entry : config.environment) {
    size_t equals = entry.find('=');
    if (equals != std::string::npos) out[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  for (const char* name : passed_on)
    if (std::string value = environment(name); !value.empty()) out[name] = value;
  for (const auto& [name, value] : request.environment) out[name] = value;
  return out;
}

// "65532:65532", "65532" or nothing. Names would need the image's passwd file; our builder writes numbers.
Result<std::pair<int, int>> user_of(const std::string& text) {
  if (text.empty()) return std::pair{65532, 65532};
  size_t colon = std::min(text.find(':'), text.size());
  std::optional<int64_t> uid = parse_int(text.substr(0, colon)),
                         gid = colon < text.size() ? parse_int(text.substr(colon + 1)) : uid;
  if (!uid || !gid || *uid < 0 || *gid < 0 || *uid > 65533 || *gid > 65533)
    return fail("E_IMAGE_UNSUPPORTED", fmt::format("the image's user '{}' is not a pair of numbers below 65534", text));
  return std::pair{static_cast<int>(*uid), static_cast<int>(*gid)};
}

Result<trust::Policy> policy_of(const std::string& key_file) {
  TRY(std::string pem, io::read_file(key_file, trust::key_file_bytes_max));
  trust::Policy policy;
  // One file may hold several keys, one PEM block after the other.
  constexpr std::string_view end_of_key = "-----END PUBLIC KEY-----";
  for (size_t begin = 0, end = 0; (end = pem.find(end_of_key, begin)) != std::string::npos; begin = end) {
    end += end_of_key.size();
    TRY(trust::TrustedKey key, trust::TrustedKey::from_pem(key_file, std::string_view(pem).substr(begin, end - begin)));
    policy.keys.push_back(std::move(key));
  }
  if (policy.keys.empty()) return fail("E_KEY_INVALID", fmt::format("{} holds no public key", key_file));
  // SBOMs are judged when a release is made; here it must be the very image that was signed.
  policy.spdx = policy.cyclonedx = policy.sbom_minimum = false;
  return policy;
}

Result<ContainerRecord> record_of(const RunContainer& request, const oci::RootFilesystem& image,
                                  aws::EnvironmentReader environment) {
  ContainerRecord record;
  record.name = request.name;
  record.image = request.image;
  record.root = image.root;
  record.arguments = image.config.entrypoint;
  record.arguments.insert(record.arguments.end(), image.config.command.begin(), image.config.command.end());
  if (record.arguments.empty()) return fail("E_IMAGE_UNSUPPORTED", "the image names no program to run");
  record.environment = container_environment(request, image.config, environment);
  if (!image.config.working_directory.empty()) record.working_directory = image.config.working_directory;
  std::optional<std::string> program = sandbox::find_program(record.arguments[0], record.working_directory, record.environment["PATH"],
                                                             [&image](const std::string& path) { return io::exists(image.root + path); });
  if (!program) return fail("E_IMAGE_UNSUPPORTED", fmt::format("the image has no program {}", record.arguments[0]));
  record.arguments[0] = *std::move(program);
  TRY(auto user, user_of(image.config.user));
  record.uid = user.first;
  record.gid = user.second;
  record.port = request.port;
  return record;
}

// The instance's role lets it read the repository; the registry takes the login that ECR gives for it.
io::Task<Result<std::string>> registry_login(io::Loop& loop, aws::EnvironmentReader environment) {
  aws::Client client(loop, aws::config_from_environment(loop, environment));
  CO_TRY(auto reply, co_await client.call<aws::ecr::GetAuthorizationToken>({}));
  if (reply.authorization_data.empty()) co_return fail("E_REGISTRY", "the registry gave no login");
  co_return "Basic " + reply.authorization_data[0].authorization_token.value_or("");
}

io::Task<Identity> wait_for_identity(io::Loop& loop, const Logger& log, aws::EnvironmentReader environment) {
  while (true) {
    Result<Identity> identity = co_await find_identity(loop, environment);
    if (identity) co_return *identity;
    log.warn("the instance metadata service cannot be asked", {{"error", identity.error().message}});
    co_await loop.sleep_for(identity_pause);
  }
}

}  // namespace

io::Task<Result<void>> run_agent(io::Loop& loop, const Logger& log, aws::EnvironmentReader environment) {
  std::unique_ptr<ContainerStarter> starter = sandbox_starter();
  Supervisor supervisor(loop, log, containers_directory, *starter);
  CO_CHECK(supervisor.start());  // first: what ran before a restart is not to wait for a network
  Identity identity = co_await wait_for_identity(loop, log, environment);
  aws::ClientConfig config = aws::config_from_environment(loop, environment);
  config.timeout = 80s;  // the command service may wait with its answer
  aws::Client client(loop, config);
  Agent agent(loop, client, log, Executor(Layout(deployment_root)), identity);
  log.info("agent started", {{"instance", identity.instance_id}, {"region", identity.region}});
  co_await agent.run();
  co_return Result<void>{};
}

io::Task<Result<void>> run_container(io::Loop& loop, RunContainer request, aws::EnvironmentReader environment) {
  CO_CHECK(check_container_name(request.name));
  CO_TRY(oci::DigestReference image, oci::DigestReference::parse(request.image));
  CO_TRY(trust::Policy policy, policy_of(request.trusted_key));
  CO_CHECK(io::make_directories(request.images));
  io::SystemClock clock;
  CO_TRY(std::unique_ptr<oci::Store> store, oci::Store::open(request.images + "/store", clock));
  CO_TRY(std::string authorization, co_await registry_login(loop, environment));
  oci::RegistryClientOptions options{.authorization = authorization, .authorities_file = environment("AWS_CA_BUNDLE")};
  CO_TRY(std::unique_ptr<oci::RegistryClient> registry, oci::connect_registry(loop, image.registry, options));
  CO_TRY(oci::RootFilesystem root,
         co_await supply::pull_verified(loop, *registry, image, policy, *store, request.images + "/unpacked"));
  CO_TRY(ContainerRecord record, record_of(request, root, environment));
  co_return put_container(request.directory, record);
}

io::Task<Result<void>> stop_container(io::Loop& loop, std::string name, Duration timeout, std::string directory) {
  CO_CHECK(remove_container(directory, name));
  std::string run = directory + "/" + name + ".run";
  for (MonoTime end = std::chrono::steady_clock::now() + timeout; io::exists(run);) {
    if (std::chrono::steady_clock::now() >= end)
      co_return fail("E_TIMEOUT", fmt::format("the container '{}' has not ended within {}", name, human_duration(timeout)));
    co_await loop.sleep_for(look_again);
  }
  co_return Result<void>{};
}

io::Task<Result<void>> wait_healthy(io::Loop& loop, int port, std::string path, Duration timeout) {
  std::string url = fmt::format("http://127.0.0.1:{}{}", port, path), last = "no answer";
  for (MonoTime end = std::chrono::steady_clock::now() + timeout; std::chrono::steady_clock::now() < end;) {
    Result<http::Response> response = co_await http::fetch(loop, "GET", url);
    if (response && response->head.status / 100 == 2) co_return Result<void>{};
    last = response ? fmt::format("status {}", response->head.status) : response.error().message;
    co_await loop.sleep_for(look_again);
  }
  co_return fail("E_TIMEOUT", fmt::format("{} was not healthy within {}: {}", url, human_duration(timeout), last));
}

}  // namespace pds::agent
