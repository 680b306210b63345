#include "cli/session.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/ecr.h"
#include "base/text.h"
#include "io/files.h"
#include "supply/key_file.h"

namespace pds::cli {

namespace ecr = aws::ecr;

Result<std::unique_ptr<Session>> open_session(Context& context, const Args& args) {
  CHECK(apply_output(context, args));
  TRY(deploy::Config config, context.config(args));
  TRY(auto client, context.client(config));
  return std::make_unique<Session>(Session{std::move(config), std::move(client)});
}

std::string resolve(const deploy::Config& config, const std::string& path) { return path.starts_with('/') ? path : config.folder() + "/" + path; }

Result<std::vector<trust::TrustedKey>> trusted_keys(const deploy::Config& config) {
  std::vector<trust::TrustedKey> keys;
  for (const std::string& path : config.list("trust.public_keys")) {
    Result<trust::TrustedKey> key = supply::load_trusted_key(resolve(config, path));
    if (!key) return fail("E_CONFIG", fmt::format("trust.public_keys: {}: {}", path, key.error().message));
    keys.push_back(std::move(*key));
  }
  return keys;
}

Result<std::unique_ptr<oci::Store>> open_images(const Args& args, const Clock& clock) {
  std::string folder = Context::data_dir(args) + "/images";
  CHECK(io::make_directories(folder));
  return oci::Store::open(folder, clock);
}

io::Task<Result<RegistryAccess>> open_registry(io::Loop& loop, aws::Client& client, const deploy::Config& config, bool create) {
  RegistryAccess access;
  access.repository = config.text("image.repository");
  ecr::DescribeRepositoriesRequest by_name;
  by_name.repository_names = {access.repository};
  auto found = co_await client.call<ecr::DescribeRepositories>(by_name);
  std::string uri;
  if (found && !found->repositories.empty()) {
    uri = found->repositories[0].repository_uri.value_or("");
  } else if (!found && found.error().code != "RepositoryNotFoundException") {
    co_return std::unexpected(found.error());
  } else if (!create) {
    co_return fail("E_NOT_FOUND", fmt::format("there is no repository '{}' in {}", access.repository, config.region()));
  } else {
    ecr::CreateRepositoryRequest request;
    request.repository_name = access.repository;
    request.tags = {{"pds:stack", config.stack()}};
    CO_TRY(auto made, co_await client.call<ecr::CreateRepository>(request));
    if (made.repository) uri = made.repository->repository_uri.value_or("");
  }
  access.registry = uri.substr(0, uri.find('/'));
  CO_TRY(auto token, co_await client.call<ecr::GetAuthorizationToken>({}));
  if (token.authorization_data.empty()) co_return fail("E_REGISTRY", "the registry gave no login");
  oci::RegistryClientOptions options;
  options.authorization = "Basic " + token.authorization_data[0].authorization_token.value_or("");
  options.authorities_file = client.config().authorities_file;
  CO_TRY(access.client, oci::connect_registry(loop, access.registry, options));
  co_return access;
}

io::Task<Result<oci::DigestReference>> resolve_image(RegistryAccess& access, std::string text) {
  // "1.1.0" alone is a tag of the stack's repository.
  bool plain_tag = text.find_first_of(":@/") == std::string::npos;
  CO_TRY(oci::Reference reference, oci::Reference::parse(plain_tag ? access.repository + ":" + text : text));
  if (!reference.registry.empty() && reference.registry != access.registry)
    co_return fail("E_USAGE", fmt::format("the image is in the registry {}, and this stack's is {}: push it there first", reference.registry, access.registry));
  if (reference.repository != access.repository)
    co_return fail("E_USAGE", fmt::format("the image is in the repository '{}', and this stack deploys '{}' (image.repository)", reference.repository, access.repository));
  if (reference.digest) co_return oci::DigestReference{access.registry, access.repository, *reference.digest};
  CO_TRY(auto manifest, co_await access.client->find_manifest(access.repository, reference.tag.value_or("latest")));
  if (!manifest) co_return fail("E_NOT_FOUND", fmt::format("there is no image {} in the registry", reference.text()));
  co_return oci::DigestReference{access.registry, access.repository, manifest->digest};
}

io::Task<Result<trust::Verdict>> check_image(RegistryAccess& access, oci::DigestReference image, const deploy::Config& config) {
  trust::Policy policy;
  CO_TRY(policy.keys, trusted_keys(config));
  co_return co_await supply::verify(*access.client, std::move(image), policy);
}

io::Task<Result<deploy::StackFacts>> look_at_stack(io::Loop& loop, aws::Client& client, const deploy::Config& config) {
  deploy::StackWalk walk(loop, client, config, "", [](const deploy::Change&) {});
  CO_TRY(auto changes, co_await walk.run(deploy::StackWalk::Mode::plan));
  bool missing = std::any_of(changes.begin(), changes.end(), [](const deploy::Change& change) { return change.action == deploy::ChangeAction::create; });
  if (missing) co_return fail("E_NOT_FOUND", fmt::format("the stack '{}' is not complete in {}: `pds up` makes what is missing", config.stack(), config.region()));
  co_return walk.facts();
}

std::string short_image(const std::string& image) {
  size_t at = image.find("@sha256:");
  if (at == std::string::npos) return image;
  size_t slash = image.rfind('/', at);
  return image.substr(slash == std::string::npos ? 0 : slash + 1, at + 20 - (slash == std::string::npos ? 0 : slash + 1));
}

deploy::Progress progress_of(Context& context) {
  return {.happened = [&context](const std::string& text) { context.out().event("progress", json::object{{"text", text}}, text); },
          .waiting = [&context](const std::string& text) { context.out().waiting(text); }};
}

}  // namespace pds::cli
