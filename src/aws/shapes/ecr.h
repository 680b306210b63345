// ECR 2015-09-21: repositories of images, beside the registry that speaks the OCI distribution API.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::ecr {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "ecr",
                                .id = "ECR",
                                .protocol = Protocol::json,
                                .version = "2015-09-21",
                                .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
                                .json_version = "1.1",
                                .endpoint_prefix = "api.ecr"};
  return info;
}

struct BatchCheckLayerAvailabilityRequest {
  std::optional<std::string> registry_id;
  std::string repository_name;
  std::vector<std::string> layer_digests;
};
PDS_WIRE_SHAPE(BatchCheckLayerAvailabilityRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256),
               FIELD(layer_digests, "layerDigests").required().bounds(1, 100))

struct Layer {
  std::optional<std::string> layer_digest, layer_availability, media_type;
  std::optional<int64_t> layer_size;
};
PDS_WIRE_SHAPE(Layer, FIELD(layer_digest, "layerDigest"), FIELD(layer_availability, "layerAvailability"), FIELD(layer_size, "layerSize"),
               FIELD(media_type, "mediaType"))

struct LayerFailure {
  std::optional<std::string> layer_digest, failure_code, failure_reason;
};
PDS_WIRE_SHAPE(LayerFailure, FIELD(layer_digest, "layerDigest"), FIELD(failure_code, "failureCode"),
               FIELD(failure_reason, "failureReason"))

struct BatchCheckLayerAvailabilityReply {
  std::vector<Layer> layers;
  std::vector<LayerFailure> failures;
};
PDS_WIRE_SHAPE(BatchCheckLayerAvailabilityReply, FIELD(layers, "layers"), FIELD(failures, "failures"))

PDS_OPERATION(BatchCheckLayerAvailability)

struct ImageIdentifier {
  std::optional<std::string> image_digest, image_tag;
};
PDS_WIRE_SHAPE(ImageIdentifier, FIELD(image_digest, "imageDigest"), FIELD(image_tag, "imageTag").bounds(1, 300))

struct BatchDeleteImageRequest {
  std::optional<std::string> registry_id;
  std::string repository_name;
  std::vector<ImageIdentifier> image_ids;
};
PDS_WIRE_SHAPE(BatchDeleteImageRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256),
               FIELD(image_ids, "imageIds").required().bounds(1, 100))

struct ImageFailure {
  std::optional<ImageIdentifier> image_id;
  std::optional<std::string> failure_code, failure_reason;
};
PDS_WIRE_SHAPE(ImageFailure, FIELD(image_id, "imageId"), FIELD(failure_code, "failureCode"), FIELD(failure_reason, "failureReason"))

struct BatchDeleteImageReply {
  std::vector<ImageIdentifier> image_ids;
  std::vector<ImageFailure> failures;
};
PDS_WIRE_SHAPE(BatchDeleteImageReply, FIELD(image_ids, "imageIds"), FIELD(failures, "failures"))

PDS_OPERATION(BatchDeleteImage)

struct BatchGetImageRequest {
  std::optional<std::string> registry_id;
  std::string repository_name;
  std::vector<ImageIdentifier> image_ids;
  std::vector<std::string> accepted_media_types;
};
PDS_WIRE_SHAPE(BatchGetImageRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256),
               FIELD(image_ids, "imageIds").required().bounds(1, 100), FIELD(accepted_media_types, "acceptedMediaTypes").bounds(1, 100))

struct Image {
  std::optional<std::string> registry_id, repository_name, image_manifest, image_manifest_media_type;
  std::optional<ImageIdentifier> image_id;
};
PDS_WIRE_SHAPE(Image, FIELD(registry_id, "registryId"), FIELD(repository_name, "repositoryName"), FIELD(image_id, "imageId"),
               FIELD(image_manifest, "imageManifest"), FIELD(image_manifest_media_type, "imageManifestMediaType"))

struct BatchGetImageReply {
  std::vector<Image> images;
  std::vector<ImageFailure> failures;
};
PDS_WIRE_SHAPE(BatchGetImageReply, FIELD(images, "images"), FIELD(failures, "failures"))

PDS_OPERATION(BatchGetImage)

struct Tag {
  std::string key, value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key").required(), FIELD(value, "Value").required())

struct ImageScanningConfiguration {
  std::optional<bool> scan_on_push;
};
PDS_WIRE_SHAPE(ImageScanningConfiguration, FIELD(scan_on_push, "scanOnPush"))

struct EncryptionConfiguration {
  std::string encryption_type;
  std::optional<std::string> kms_key;
};
PDS_WIRE_SHAPE(EncryptionConfiguration, FIELD(encryption_type, "encryptionType").required(), FIELD(kms_key, "kmsKey").bounds(1, 2048))

struct CreateRepositoryRequest {
  std::optional<std::string> registry_id, image_tag_mutability;
  std::string repository_name;
  std::vector<Tag> tags;
  std::optional<Unsupported> image_tag_mutability_exclusion_filters;
  std::optional<ImageScanningConfiguration> image_scanning_configuration;
  std::optional<EncryptionConfiguration> encryption_configuration;
};
PDS_WIRE_SHAPE(CreateRepositoryRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256), FIELD(tags, "tags"),
               FIELD(image_tag_mutability, "imageTagMutability"),
               FIELD(image_tag_mutability_exclusion_filters, "imageTagMutabilityExclusionFilters"),
               FIELD(image_scanning_configuration, "imageScanningConfiguration"),
               FIELD(encryption_configuration, "encryptionConfiguration"))

struct Repository {
  std::optional<std::string> repository_arn, registry_id, repository_name, repository_uri, image_tag_mutability;
  std::optional<Timestamp> created_at;
  std::optional<ImageScanningConfiguration> image_scanning_configuration;
  std::optional<EncryptionConfiguration> encryption_configuration;
};
PDS_WIRE_SHAPE(Repository, FIELD(repository_arn, "repositoryArn"), FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName"), FIELD(repository_uri, "repositoryUri"), FIELD(created_at, "createdAt"),
               FIELD(image_tag_mutability, "imageTagMutability"), FIELD(image_scanning_configuration, "imageScanningConfiguration"),
               FIELD(encryption_configuration, "encryptionConfiguration"))

struct CreateRepositoryReply {
  std::optional<Repository> repository;
};
PDS_WIRE_SHAPE(CreateRepositoryReply, FIELD(repository, "repository"))

PDS_OPERATION(CreateRepository)

struct DeleteRepositoryRequest {
  std::optional<std::string> registry_id;
  std::string repository_name;
  std::optional<bool> force;
};
PDS_WIRE_SHAPE(DeleteRepositoryRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256), FIELD(force, "force"))

struct DeleteRepositoryReply {
  std::optional<Repository> repository;
};
PDS_WIRE_SHAPE(DeleteRepositoryReply, FIELD(repository, "repository"))

PDS_OPERATION(DeleteRepository)

struct DescribeImagesFilter {
  std::optional<std::string> tag_status;
};
PDS_WIRE_SHAPE(DescribeImagesFilter, FIELD(tag_status, "tagStatus"))

struct DescribeImagesRequest {
  std::optional<std::string> registry_id, next_token;
  std::string repository_name;
  std::vector<ImageIdentifier> image_ids;
  std::optional<int> max_results;
  std::optional<DescribeImagesFilter> filter;
};
PDS_WIRE_SHAPE(DescribeImagesRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256), FIELD(image_ids, "imageIds").bounds(1, 100),
               FIELD(next_token, "nextToken"), FIELD(max_results, "maxResults").bounds(1, 1000), FIELD(filter, "filter"))

struct ImageDetail {
  std::optional<std::string> registry_id, repository_name, image_digest, image_manifest_media_type, artifact_media_type;
  std::vector<std::string> image_tags;
  std::optional<int64_t> image_size_in_bytes;
  std::optional<Timestamp> image_pushed_at;
};
PDS_WIRE_SHAPE(ImageDetail, FIELD(registry_id, "registryId"), FIELD(repository_name, "repositoryName"),
               FIELD(image_digest, "imageDigest"), FIELD(image_tags, "imageTags").omit_empty(),
               FIELD(image_size_in_bytes, "imageSizeInBytes"), FIELD(image_pushed_at, "imagePushedAt"),
               FIELD(image_manifest_media_type, "imageManifestMediaType"), FIELD(artifact_media_type, "artifactMediaType"))

struct DescribeImagesReply {
  std::vector<ImageDetail> image_details;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeImagesReply, FIELD(image_details, "imageDetails"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeImages)

struct DescribeRepositoriesRequest {
  std::optional<std::string> registry_id, next_token;
  std::vector<std::string> repository_names;
  std::optional<int> max_results;
};
PDS_WIRE_SHAPE(DescribeRepositoriesRequest, FIELD(registry_id, "registryId"), FIELD(repository_names, "repositoryNames").bounds(1, 100),
               FIELD(next_token, "nextToken"), FIELD(max_results, "maxResults").bounds(1, 1000))

struct DescribeRepositoriesReply {
  std::vector<Repository> repositories;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeRepositoriesReply, FIELD(repositories, "repositories"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeRepositories)

struct GetAuthorizationTokenRequest {
  std::vector<std::string> registry_ids;
};
PDS_WIRE_SHAPE(GetAuthorizationTokenRequest, FIELD(registry_ids, "registryIds").bounds(1, 10))

struct AuthorizationData {
  std::optional<std::string> authorization_token, proxy_endpoint;
  std::optional<Timestamp> expires_at;
};
PDS_WIRE_SHAPE(AuthorizationData, FIELD(authorization_token, "authorizationToken"), FIELD(expires_at, "expiresAt"),
               FIELD(proxy_endpoint, "proxyEndpoint"))

struct GetAuthorizationTokenReply {
  std::vector<AuthorizationData> authorization_data;
};
PDS_WIRE_SHAPE(GetAuthorizationTokenReply, FIELD(authorization_data, "authorizationData"))

PDS_OPERATION(GetAuthorizationToken)

struct ListImagesFilter {
  std::optional<std::string> tag_status;
};
PDS_WIRE_SHAPE(ListImagesFilter, FIELD(tag_status, "tagStatus"))

struct ListImagesRequest {
  std::optional<std::string> registry_id, next_token;
  std::string repository_name;
  std::optional<int> max_results;
  std::optional<ListImagesFilter> filter;
};
PDS_WIRE_SHAPE(ListImagesRequest, FIELD(registry_id, "registryId"), FIELD(repository_name, "repositoryName").required().bounds(2, 256),
               FIELD(next_token, "nextToken"), FIELD(max_results, "maxResults").bounds(1, 1000), FIELD(filter, "filter"))

struct ListImagesReply {
  std::vector<ImageIdentifier> image_ids;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListImagesReply, FIELD(image_ids, "imageIds"), FIELD(next_token, "nextToken"))

PDS_OPERATION(ListImages)

struct ListTagsForResourceRequest {
  std::string resource_arn;
};
PDS_WIRE_SHAPE(ListTagsForResourceRequest, FIELD(resource_arn, "resourceArn").required())

struct ListTagsForResourceReply {
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(ListTagsForResourceReply, FIELD(tags, "tags"))

PDS_OPERATION(ListTagsForResource)

struct PutImageRequest {
  std::optional<std::string> registry_id, image_manifest_media_type, image_tag, image_digest;
  std::string repository_name, image_manifest;
};
PDS_WIRE_SHAPE(PutImageRequest, FIELD(registry_id, "registryId"), FIELD(repository_name, "repositoryName").required().bounds(2, 256),
               FIELD(image_manifest, "imageManifest").required().bounds(1, 4194304),
               FIELD(image_manifest_media_type, "imageManifestMediaType"), FIELD(image_tag, "imageTag").bounds(1, 300),
               FIELD(image_digest, "imageDigest"))

struct PutImageReply {
  std::optional<Image> image;
};
PDS_WIRE_SHAPE(PutImageReply, FIELD(image, "image"))

PDS_OPERATION(PutImage)

struct PutImageTagMutabilityRequest {
  std::optional<std::string> registry_id;
  std::string repository_name, image_tag_mutability;
  std::optional<Unsupported> image_tag_mutability_exclusion_filters;
};
PDS_WIRE_SHAPE(PutImageTagMutabilityRequest, FIELD(registry_id, "registryId"),
               FIELD(repository_name, "repositoryName").required().bounds(2, 256),
               FIELD(image_tag_mutability, "imageTagMutability").required(),
               FIELD(image_tag_mutability_exclusion_filters, "imageTagMutabilityExclusionFilters"))

struct PutImageTagMutabilityReply {
  std::optional<std::string> registry_id, repository_name, image_tag_mutability;
};
PDS_WIRE_SHAPE(PutImageTagMutabilityReply, FIELD(registry_id, "registryId"), FIELD(repository_name, "repositoryName"),
               FIELD(image_tag_mutability, "imageTagMutability"))

PDS_OPERATION(PutImageTagMutability)

struct TagResourceRequest {
  std::string resource_arn;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagResourceRequest, FIELD(resource_arn, "resourceArn").required(), FIELD(tags, "tags").required())

struct TagResourceReply {};
PDS_EMPTY_WIRE_SHAPE(TagResourceReply)

PDS_OPERATION(TagResource)

struct UntagResourceRequest {
  std::string resource_arn;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagResourceRequest, FIELD(resource_arn, "resourceArn").required(), FIELD(tag_keys, "tagKeys").required())

struct UntagResourceReply {};
PDS_EMPTY_WIRE_SHAPE(UntagResourceReply)

PDS_OPERATION(UntagResource)

}  // namespace pds::aws::ecr
