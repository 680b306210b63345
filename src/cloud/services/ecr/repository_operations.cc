// Repositories, their tags, and the token that opens the registry.
#include <fmt/format.h>

#include <algorithm>

#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/ecr/service.h"

namespace pds::cloud::ecr {

namespace wire = aws::ecr;

namespace {

std::unexpected<Error> not_found(const Core& core, const std::string& name) {
  return fail("RepositoryNotFoundException",
              fmt::format("The repository with name '{}' does not exist in the registry with id '{}'", name, core.account));
}

std::unexpected<Error> not_supported(std::string_view operation, std::string_view what) {
  return fail("NotImplemented", fmt::format("{}: {} is not supported", operation, what), 501);
}

Result<bool> read_mutability(const std::string& text) {
  if (text == "MUTABLE") return false;
  if (text == "IMMUTABLE") return true;
  if (text.ends_with("_WITH_EXCLUSION")) return not_supported("imageTagMutability", text);
  return fail("InvalidParameterException",
              fmt::format("Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'Member must satisfy enum "
                          "value set: [MUTABLE, IMMUTABLE]', given {}",
                          text));
}

Result<void> merge_tags(std::vector<wire::Tag>& tags, const std::vector<wire::Tag>& added) {
  for (const wire::Tag& tag : added) {
    if (tag.key.empty() || tag.key.size() > 128 || tag.value.size() > 256 || tag.key.starts_with("aws:"))
      return fail("InvalidTagParameterException", fmt::format("The tag key '{}' is not valid.", tag.key.substr(0, 128)));
    std::erase_if(tags, [&](const wire::Tag& t) { return t.key == tag.key; });
    tags.push_back(tag);
  }
  if (tags.size() > tags_max) return fail("TooManyTagsException", fmt::format("A repository has at most {} tags.", tags_max));
  return {};
}

}  // namespace

Result<const RepositoryRecord*> Ecr::at(const std::string& name, const std::optional<std::string>& registry_id) const {
  const RepositoryRecord* record = registry_id.value_or(core_.account) == core_.account ? repositories_.find(name) : nullptr;
  if (!record) return not_found(core_, name);
  return record;
}

io::Task<Result<Ecr::Store>> Ecr::store_of(const std::string& name, const std::optional<std::string>& registry_id) {
  CO_CHECK(at(name, registry_id));
  auto store = co_await core_.loop.offload([registry = registry_, name] { return registry->repository(name); });
  if (!store) co_return fail("ServerException", store.error().message, 500);
  co_return std::move(store);
}

wire::Repository Ecr::shown(const RepositoryRecord& record) const {
  wire::Repository out;
  out.repository_arn = core_.arn("ecr", "repository/" + record.name), out.registry_id = core_.account,
  out.repository_name = record.name;
  out.repository_uri = registry_host() + "/" + record.name, out.created_at = record.created;
  out.image_tag_mutability = record.immutable_tags ? "IMMUTABLE" : "MUTABLE";
  out.image_scanning_configuration = wire::ImageScanningConfiguration{.scan_on_push = false};
  out.encryption_configuration = wire::EncryptionConfiguration{.encryption_type = "AES256"};
  return out;
}

Result<wire::CreateRepositoryReply> Ecr::create_repository(const Call&, const wire::CreateRepositoryRequest& request) {
  const std::string& name = request.repository_name;
  if (name.size() < 2 || !oci::is_valid_repository(name))
    return fail("InvalidParameterException",
                "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression "
                "'(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''");
  if (request.registry_id.value_or(core_.account) != core_.account)
    return fail("InvalidParameterException", fmt::format("The registry {} is not this account's.", *request.registry_id));
  TRY(bool immutable, read_mutability(request.image_tag_mutability.value_or("MUTABLE")));
  if (request.image_scanning_configuration && request.image_scanning_configuration->scan_on_push.value_or(false))
    return not_supported("CreateRepository", "scanOnPush");
  // AES256 is AWS's own encryption at rest, which asks nothing of the caller; a key of the caller's would have to be used.
  if (request.encryption_configuration && request.encryption_configuration->encryption_type != "AES256")
    return not_supported("CreateRepository", "encryptionType " + request.encryption_configuration->encryption_type);
  std::vector<wire::Tag> tags;
  CHECK(merge_tags(tags, request.tags));
  if (repositories_.contains(name))
    return fail("RepositoryAlreadyExistsException",
                fmt::format("The repository with name '{}' already exists in the registry with id '{}'", name, core_.account));
  if (repositories_.size() >= repositories_max)
    return fail("LimitExceededException", fmt::format("A registry has at most {} repositories.", repositories_max));
  if (Result<void> made = registry_->create_repository(name); !made) return fail("ServerException", made.error().message, 500);
  const RepositoryRecord& record =
      repositories_.put(name, {.name = name, .created = core_.clock.now(), .immutable_tags = immutable, .tags = std::move(tags)});
  return wire::CreateRepositoryReply{shown(record)};
}

io::Task<Result<wire::DeleteRepositoryReply>> Ecr::delete_repository(const Call&, const wire::DeleteRepositoryRequest& request) {
  const std::string& name = request.repository_name;
  CO_TRY(Store store, co_await store_of(name, request.registry_id));
  if (!request.force.value_or(false) && !store->manifests().empty())
    co_return fail(
        "RepositoryNotEmptyException",
        fmt::format("The repository with name '{}' in registry with id '{}' cannot be deleted because it still contains images",
                    name, core_.account));
  const RepositoryRecord* record = repositories_.find(name);
  if (!record) co_return not_found(core_, name);
  wire::DeleteRepositoryReply reply{shown(*record)};
  // First the record, on disk; a crash before the directory is gone is made good at the next start.
  repositories_.erase(name);
  Result<void> kept = co_await core_.store.durable();
  if (!kept) co_return fail("ServerException", kept.error().message, 500);
  store.reset();
  Result<void> gone = co_await core_.loop.offload([registry = registry_, name] { return registry->delete_repository(name); });
  if (!gone) co_return fail("ServerException", gone.error().message, 500);
  co_return reply;
}

Result<wire::DescribeRepositoriesReply> Ecr::describe_repositories(const Call&, const wire::DescribeRepositoriesRequest& request) {
  wire::DescribeRepositoriesReply reply;
  if (!request.repository_names.empty()) {
    if (request.max_results || request.next_token)
      return fail("InvalidParameterException", "maxResults and nextToken cannot be used together with repositoryNames.");
    for (const std::string& name : request.repository_names) {
      TRY(const RepositoryRecord* record, at(name, request.registry_id));
      reply.repositories.push_back(shown(*record));
    }
    return reply;
  }
  for (const auto& [name, record] : repositories_.rows()) reply.repositories.push_back(shown(record));
  TRY(reply.next_token, aws::cut_page(
                            reply.repositories, request.next_token, request.max_results.value_or(0), 100,
                            [](const auto& r) { return *r.repository_name; }, "InvalidParameterException"));
  return reply;
}

Result<wire::GetAuthorizationTokenReply> Ecr::get_authorization_token(const Call& call, const wire::GetAuthorizationTokenRequest&) {
  Timestamp expires = real_time_.now() + std::chrono::hours(12);
  wire::AuthorizationData data;
  data.authorization_token = to_base64("AWS:" + make_password(call, expires));
  data.expires_at = expires;
  data.proxy_endpoint = "http://" + registry_host();
  wire::GetAuthorizationTokenReply reply;
  reply.authorization_data.push_back(std::move(data));
  return reply;
}

Result<wire::PutImageTagMutabilityReply> Ecr::put_image_tag_mutability(const Call&,
                                                                       const wire::PutImageTagMutabilityRequest& request) {
  TRY(const RepositoryRecord* record, at(request.repository_name, request.registry_id));
  TRY(bool immutable, read_mutability(request.image_tag_mutability));
  repositories_.update(record->name, [&](RepositoryRecord& r) { r.immutable_tags = immutable; });
  wire::PutImageTagMutabilityReply reply;
  reply.registry_id = core_.account, reply.repository_name = request.repository_name,
  reply.image_tag_mutability = request.image_tag_mutability;
  return reply;
}

Result<std::string> Ecr::name_of_arn(const std::string& arn) const {
  std::string prefix = core_.arn("ecr", "repository/");
  if (!arn.starts_with(prefix))
    return fail("InvalidParameterException", fmt::format("'{}' is not the ARN of a repository of this region.", arn));
  std::string name = arn.substr(prefix.size());
  if (!repositories_.contains(name)) return not_found(core_, name);
  return name;
}

Result<wire::TagResourceReply> Ecr::tag_resource(const Call&, const wire::TagResourceRequest& request) {
  TRY(std::string name, name_of_arn(request.resource_arn));
  std::vector<wire::Tag> tags = repositories_.find(name)->tags;
  CHECK(merge_tags(tags, request.tags));
  repositories_.update(name, [&](RepositoryRecord& r) { r.tags = std::move(tags); });
  return wire::TagResourceReply{};
}

Result<wire::UntagResourceReply> Ecr::untag_resource(const Call&, const wire::UntagResourceRequest& request) {
  TRY(std::string name, name_of_arn(request.resource_arn));
  repositories_.update(name, [&](RepositoryRecord& r) {
    for (const std::string& key : request.tag_keys) std::erase_if(r.tags, [&](const wire::Tag& t) { return t.key == key; });
  });
  return wire::UntagResourceReply{};
}

Result<wire::ListTagsForResourceReply> Ecr::list_tags_for_resource(const Call&, const wire::ListTagsForResourceRequest& request) {
  TRY(std::string name, name_of_arn(request.resource_arn));
  wire::ListTagsForResourceReply reply;
  reply.tags = repositories_.find(name)->tags;
  return reply;
}

}  // namespace pds::cloud::ecr
