// ECR: repositories of images. The JSON API lists and deletes; images are pushed and pulled through the OCI distribution API at
// /v2/ on the same port, with a password that GetAuthorizationToken makes; functions and instances run them through resolve().
#pragma once

#include <map>
#include <memory>

#include "cloud/authority.h"
#include "cloud/core.h"
#include "cloud/images.h"
#include "cloud/master_key.h"
#include "cloud/services/ecr/records.h"
#include "oci/registry_service.h"

namespace pds::cloud::ecr {

class Ecr final : public CloudService, public ImageSource {
 public:
  // Tokens expire on `real_time`, as their clients reckon. The constructor makes the repositories' directories agree with the
  // table.
  Ecr(Core& core, const MasterKey& master_key, const Authority& authority, const Clock& real_time);
  ~Ecr() override;
  Api api() override;

  // The registry of this region, and whether a request is for it: /v2/ at the host <account>.dkr.ecr.<region>.localhost or
  // .amazonaws.com. Requests for /v2/ at any other name are taken by the default region.
  http::Service& registry() { return *registry_service_; }
  bool claims(const http::ServerRequest& request) const;

  io::Task<Result<ContainerImage>> resolve(const std::string& image_uri) override;

  io::Task<Result<aws::ecr::BatchCheckLayerAvailabilityReply>> batch_check_layer_availability(
      const Call&, const aws::ecr::BatchCheckLayerAvailabilityRequest&);
  io::Task<Result<aws::ecr::BatchDeleteImageReply>> batch_delete_image(const Call&, const aws::ecr::BatchDeleteImageRequest&);
  io::Task<Result<aws::ecr::BatchGetImageReply>> batch_get_image(const Call&, const aws::ecr::BatchGetImageRequest&);
  Result<aws::ecr::CreateRepositoryReply> create_repository(const Call&, const aws::ecr::CreateRepositoryRequest&);
  io::Task<Result<aws::ecr::DeleteRepositoryReply>> delete_repository(const Call&, const aws::ecr::DeleteRepositoryRequest&);
  io::Task<Result<aws::ecr::DescribeImagesReply>> describe_images(const Call&, const aws::ecr::DescribeImagesRequest&);
  Result<aws::ecr::DescribeRepositoriesReply> describe_repositories(const Call&, const aws::ecr::DescribeRepositoriesRequest&);
  Result<aws::ecr::GetAuthorizationTokenReply> get_authorization_token(const Call&, const aws::ecr::GetAuthorizationTokenRequest&);
  io::Task<Result<aws::ecr::ListImagesReply>> list_images(const Call&, const aws::ecr::ListImagesRequest&);
  Result<aws::ecr::ListTagsForResourceReply> list_tags_for_resource(const Call&, const aws::ecr::ListTagsForResourceRequest&);
  io::Task<Result<aws::ecr::PutImageReply>> put_image(const Call&, const aws::ecr::PutImageRequest&);
  Result<aws::ecr::PutImageTagMutabilityReply> put_image_tag_mutability(const Call&, const aws::ecr::PutImageTagMutabilityRequest&);
  Result<aws::ecr::TagResourceReply> tag_resource(const Call&, const aws::ecr::TagResourceRequest&);
  Result<aws::ecr::UntagResourceReply> untag_resource(const Call&, const aws::ecr::UntagResourceRequest&);

 private:
  using Store = std::shared_ptr<oci::Store>;
  Result<const RepositoryRecord*> at(const std::string& name, const std::optional<std::string>& registry_id) const;
  io::Task<Result<Store>> store_of(const std::string& name, const std::optional<std::string>& registry_id);
  aws::ecr::Repository shown(const RepositoryRecord& record) const;
  std::string registry_host() const;
  Result<std::string> name_of_arn(const std::string& arn) const;

  // access.cc
  std::string make_password(const Call& call, Timestamp expires) const;
  Result<oci::Registry*> authorize(const oci::RegistryAccess& access);
  Result<void> check_password(std::string_view password, const oci::RegistryAccess& access) const;
  Result<void> check_tag(const std::string& repository, const std::string& tag, const Digest& digest);

  Core& core_;
  const Authority& authority_;
  const Clock& real_time_;
  std::string token_key_;
  Table<RepositoryRecord> repositories_;     // by name
  std::shared_ptr<oci::Registry> registry_;  // shared with work on other threads
  std::unique_ptr<oci::RegistryService> registry_service_;
  std::map<std::string, std::shared_ptr<io::Event>> unpacking_;  // by digest: who comes second waits for the first
};

}  // namespace pds::cloud::ecr
