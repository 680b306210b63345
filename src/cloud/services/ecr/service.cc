#include "cloud/services/ecr/service.h"

#include <fmt/format.h>

#include <set>

namespace pds::cloud::ecr {

namespace wire = aws::ecr;

namespace {
template <class Request>
auto repository_of(const Core& core) {
  return [&core](const Call&, const void* request) {
    return core.arn("ecr", "repository/" + static_cast<const Request*>(request)->repository_name);
  };
}
}  // namespace

Ecr::Ecr(Core& core, const MasterKey& master_key, const Authority& authority, const Clock& real_time)
    : core_(core),
      authority_(authority),
      real_time_(real_time),
      token_key_(master_key.derive("ecr authorization token")),
      repositories_(core.store, core.table("ecr", "repositories")),
      registry_(std::make_shared<oci::Registry>(core.data_dir + "/ecr/" + core.region, core.clock)) {
  // The table decides: a crash between it and the directory leaves one of the two to be made good here.
  std::set<std::string> wanted;
  for (const auto& [name, record] : repositories_.rows()) wanted.insert(name);
  for (const std::string& name : registry_->repositories()) {
    if (wanted.contains(name)) continue;
    if (Result<void> gone = registry_->delete_repository(name); !gone)
      core_.log.warn("a repository's directory stays", {{"repository", name}, {"error", gone.error().message}});
  }
  for (const std::string& name : wanted) {
    if (Result<void> made = registry_->create_repository(name); !made)
      core_.log.error("a repository has no directory", {{"repository", name}, {"error", made.error().message}});
  }
  oci::RegistryServiceOptions options;
  options.challenge = R"(Basic realm="ECR")";
  options.before_tag = [this](const oci::RegistryAccess& access, const std::string& tag, const Digest& digest) {
    return check_tag(access.repository, tag, digest);
  };
  registry_service_ = std::make_unique<oci::RegistryService>(
      core.loop, core.clock, [this](const oci::RegistryAccess& access) { return authorize(access); }, std::move(options));
}

Ecr::~Ecr() = default;

std::string Ecr::registry_host() const {
  return fmt::format("{}.dkr.ecr.{}.localhost:{}", core_.account, core_.region, core_.endpoint_port);
}

Api Ecr::api() {
  Api api(wire::service_info());
  api.add<wire::BatchCheckLayerAvailability>(this, &Ecr::batch_check_layer_availability).resource =
      repository_of<wire::BatchCheckLayerAvailabilityRequest>(core_);
  api.add<wire::BatchDeleteImage>(this, &Ecr::batch_delete_image).resource = repository_of<wire::BatchDeleteImageRequest>(core_);
  api.add<wire::BatchGetImage>(this, &Ecr::batch_get_image).resource = repository_of<wire::BatchGetImageRequest>(core_);
  api.add<wire::CreateRepository>(this, &Ecr::create_repository).resource = repository_of<wire::CreateRepositoryRequest>(core_);
  api.add<wire::DeleteRepository>(this, &Ecr::delete_repository).resource = repository_of<wire::DeleteRepositoryRequest>(core_);
  api.add<wire::DescribeImages>(this, &Ecr::describe_images).resource = repository_of<wire::DescribeImagesRequest>(core_);
  api.add<wire::DescribeRepositories>(this, &Ecr::describe_repositories);
  api.add<wire::GetAuthorizationToken>(this, &Ecr::get_authorization_token);
  api.add<wire::ListImages>(this, &Ecr::list_images).resource = repository_of<wire::ListImagesRequest>(core_);
  api.add<wire::ListTagsForResource>(this, &Ecr::list_tags_for_resource).resource = [](const Call&, const void* request) {
    return static_cast<const wire::ListTagsForResourceRequest*>(request)->resource_arn;
  };
  api.add<wire::PutImage>(this, &Ecr::put_image).resource = repository_of<wire::PutImageRequest>(core_);
  api.add<wire::PutImageTagMutability>(this, &Ecr::put_image_tag_mutability).resource =
      repository_of<wire::PutImageTagMutabilityRequest>(core_);
  api.add<wire::TagResource>(this, &Ecr::tag_resource).resource = [](const Call&, const void* request) {
    return static_cast<const wire::TagResourceRequest*>(request)->resource_arn;
  };
  api.add<wire::UntagResource>(this, &Ecr::untag_resource).resource = [](const Call&, const void* request) {
    return static_cast<const wire::UntagResourceRequest*>(request)->resource_arn;
  };
  return api;
}

}  // namespace pds::cloud::ecr
