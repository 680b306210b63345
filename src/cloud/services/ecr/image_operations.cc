// Images: what the JSON API says about what was pushed, and what runs them.
#include <fmt/format.h>

#include <algorithm>

#include "aws/paging.h"
#include "cloud/services/ecr/service.h"
#include "oci/unpack.h"

namespace pds::cloud::ecr {

namespace wire = aws::ecr;

namespace {

constexpr size_t image_ids_max = 100;

struct Found {
  std::optional<oci::ManifestRecord> record;
  std::string code, reason;  // when there is none
};

Found find_image(const oci::Store& store, const wire::ImageIdentifier& id) {
  if (!id.image_digest && !id.image_tag)
    return {{}, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"};
  std::optional<oci::ManifestRecord> record;
  if (id.image_digest) {
    Result<Digest> digest = Digest::parse(*id.image_digest);
    if (!digest)
      return {{},
              "InvalidImageDigest",
              "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"};
    record = store.find_manifest(*digest);
    if (record && id.image_tag && std::find(record->tags.begin(), record->tags.end(), *id.image_tag) == record->tags.end())
      return {{}, "ImageTagDoesNotMatchDigest", "The image tag does not match the digest"};
  } else {
    if (!oci::is_valid_tag(*id.image_tag)) return {{}, "InvalidImageTag", "Invalid request parameters: the image tag is not valid"};
    record = store.find_tag(*id.image_tag);
  }
  if (!record) return {{}, "ImageNotFound", "Requested image not found"};
  return {std::move(record), "", ""};
}

Result<void> check_tag_status(const std::optional<std::string>& status) {
  if (!status || *status == "TAGGED" || *status == "UNTAGGED" || *status == "ANY") return {};
  return fail("InvalidParameterException", fmt::format("'{}' is not a tagStatus: TAGGED, UNTAGGED or ANY.", *status));
}

bool has_status(const oci::ManifestRecord& record, const std::optional<std::string>& status) {
  if (!status || *status == "ANY") return true;
  return (*status == "TAGGED") == !record.tags.empty();
}

wire::ImageDetail detail(const Core& core, const std::string& repository, const oci::ManifestRecord& record) {
  wire::ImageDetail out;
  out.registry_id = core.account, out.repository_name = repository, out.image_digest = record.digest.text(),
  out.image_tags = record.tags;
  out.image_size_in_bytes = static_cast<int64_t>(record.image_bytes), out.image_pushed_at = record.pushed_at;
  out.image_manifest_media_type = record.media_type;
  if (std::string artifact = record.artifact_type.empty() ? record.config_media_type : record.artifact_type; !artifact.empty())
    out.artifact_media_type = artifact;
  return out;
}

std::unexpected<Error> image_not_found(const Core& core, const std::string& repository, const wire::ImageIdentifier& id) {
  return fail("ImageNotFoundException",
              fmt::format("The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with "
                          "name '{}' in the registry "
                          "with id '{}'",
                          id.image_digest.value_or("null"), id.image_tag.value_or("null"), repository, core.account));
}

std::unexpected<Error> put_error(const Error& error) {
  if (error.code == "E_MANIFEST_BLOB_UNKNOWN") return fail("LayersNotFoundException", error.message);
  if (error.code == "E_MANIFEST_INVALID") return fail("InvalidParameterException", error.message);
  if (error.code.starts_with("E_TOO_MANY")) return fail("LimitExceededException", error.message);
  return fail("ServerException", error.message, 500);
}

}  // namespace

io::Task<Result<wire::BatchCheckLayerAvailabilityReply>> Ecr::batch_check_layer_availability(
    const Call&, const wire::BatchCheckLayerAvailabilityRequest& request) {
  CO_TRY(Store store, co_await store_of(request.repository_name, request.registry_id));
  if (request.layer_digests.size() > image_ids_max)
    co_return fail("InvalidParameterException", "At most 100 layers can be asked about.");
  co_return co_await core_.loop.offload(
      [store, digests = request.layer_digests]() -> Result<wire::BatchCheckLayerAvailabilityReply> {
        wire::BatchCheckLayerAvailabilityReply reply;
        for (const std::string& text : digests) {
          Result<Digest> digest = Digest::parse(text);
          if (!digest) {
            reply.failures.push_back(
                {.layer_digest = text, .failure_code = "InvalidLayerDigest", .failure_reason = "Invalid layer digest"});
            continue;
          }
          wire::Layer layer;
          layer.layer_digest = text, layer.layer_availability = "UNAVAILABLE";
          if (Result<oci::BlobFile> blob = store->open_blob(*digest))
            layer.layer_availability = "AVAILABLE", layer.layer_size = static_cast<int64_t>(blob->size);
          reply.layers.push_back(std::move(layer));
        }
        return reply;
      });
}

io::Task<Result<wire::BatchDeleteImageReply>> Ecr::batch_delete_image(const Call&, const wire::BatchDeleteImageRequest& request) {
  CO_TRY(Store store, co_await store_of(request.repository_name, request.registry_id));
  if (request.image_ids.empty() || request.image_ids.size() > image_ids_max)
    co_return fail("InvalidParameterException", "Invalid parameter at 'imageIds': 1 to 100 images are expected.");
  co_return co_await core_.loop.offload([store, ids = request.image_ids]() -> Result<wire::BatchDeleteImageReply> {
    wire::BatchDeleteImageReply reply;
    for (const wire::ImageIdentifier& id : ids) {
      Found found = find_image(*store, id);
      if (!found.record) {
        reply.failures.push_back({.image_id = id, .failure_code = found.code, .failure_reason = found.reason});
        continue;
      }
      // A tag alone takes the tag away, and the image with its last tag; a digest takes the image with all its tags.
      bool whole = id.image_digest.has_value() || found.record->tags.size() <= 1;
      Result<void> gone = whole ? store->delete_manifest(found.record->digest) : store->delete_tag(*id.image_tag);
      if (!gone) {
        bool named = gone.error().code == "E_DENIED";
        reply.failures.push_back({.image_id = id,
                                  .failure_code = named ? "ImageReferencedByManifestList" : "ServerError",
                                  .failure_reason = gone.error().message});
        continue;
      }
      wire::ImageIdentifier deleted{.image_digest = found.record->digest.text()};
      if (id.image_tag)
        deleted.image_tag = id.image_tag;
      else if (!found.record->tags.empty())
        deleted.image_tag = found.record->tags.front();
      reply.image_ids.push_back(std::move(deleted));
    }
    return reply;
  });
}

io::Task<Result<wire::BatchGetImageReply>> Ecr::batch_get_image(const Call&, const wire::BatchGetImageRequest& request) {
  CO_TRY(Store store, co_await store_of(request.repository_name, request.registry_id));
  if (request.image_ids.empty() || request.image_ids.size() > image_ids_max)
    co_return fail("InvalidParameterException", "Invalid parameter at 'imageIds': 1 to 100 images are expected.");
  wire::Image common;
  common.registry_id = core_.account, common.repository_name = request.repository_name;
  co_return co_await core_.loop.offload([store, common, ids = request.image_ids,
                                         accepted = request.accepted_media_types]() -> Result<wire::BatchGetImageReply> {
    wire::BatchGetImageReply reply;
    for (const wire::ImageIdentifier& id : ids) {
      Found found = find_image(*store, id);
      if (!found.record) {
        reply.failures.push_back({.image_id = id, .failure_code = found.code, .failure_reason = found.reason});
        continue;
      }
      if (!accepted.empty() && std::find(accepted.begin(), accepted.end(), found.record->media_type) == accepted.end()) {
        reply.failures.push_back(
            {.image_id = id,
             .failure_code = "ImageNotFound",
             .failure_reason = fmt::format("The image is a {}, which acceptedMediaTypes does not name", found.record->media_type)});
        continue;
      }
      Result<std::string> manifest = store->read_manifest(found.record->digest);
      if (!manifest) return fail("ServerException", manifest.error().message, 500);
      wire::Image image = common;
      image.image_id = wire::ImageIdentifier{.image_digest = found.record->digest.text(), .image_tag = id.image_tag};
      image.image_manifest = std::move(*manifest), image.image_manifest_media_type = found.record->media_type;
      reply.images.push_back(std::move(image));
    }
    return reply;
  });
}

io::Task<Result<wire::DescribeImagesReply>> Ecr::describe_images(const Call&, const wire::DescribeImagesRequest& request) {
  CO_TRY(Store store, co_await store_of(request.repository_name, request.registry_id));
  std::optional<std::string> status = request.filter ? request.filter->tag_status : std::nullopt;
  CO_CHECK(check_tag_status(status));
  wire::DescribeImagesReply reply;
  if (!request.image_ids.empty()) {
    for (const wire::ImageIdentifier& id : request.image_ids) {
      Found found = find_image(*store, id);
      if (!found.record) co_return image_not_found(core_, request.repository_name, id);
      reply.image_details.push_back(detail(core_, request.repository_name, *found.record));
    }
    co_return reply;
  }
  for (const oci::ManifestRecord& record : store->manifests()) {
    if (has_status(record, status)) reply.image_details.push_back(detail(core_, request.repository_name, record));
  }
  CO_TRY(reply.next_token, aws::cut_page(
                               reply.image_details, request.next_token, request.max_results.value_or(0), 100,
                               [](const auto& i) { return *i.image_digest; }, "InvalidParameterException"));
  co_return reply;
}

io::Task<Result<wire::ListImagesReply>> Ecr::list_images(const Call&, const wire::ListImagesRequest& request) {
  CO_TRY(Store store, co_await store_of(request.repository_name, request.registry_id));
  std::optional<std::string> status = request.filter ? request.filter->tag_status : std::nullopt;
  CO_CHECK(check_tag_status(status));
  wire::ListImagesReply reply;
  for (const oci::ManifestRecord& record : store->manifests()) {
    if (!has_status(record, status)) continue;
    if (record.tags.empty()) reply.image_ids.push_back({.image_digest = record.digest.text()});
    for (const std::string& tag : record.tags) reply.image_ids.push_back({.image_digest = record.digest.text(), .image_tag = tag});
  }
  CO_TRY(reply.next_token,
         aws::cut_page(
             reply.image_ids, request.next_token, request.max_results.value_or(0), 100,
             [](const auto& i) { return *i.image_digest + "/" + i.image_tag.value_or(""); }, "InvalidParameterException"));
  co_return reply;
}

io::Task<Result<wire::PutImageReply>> Ecr::put_image(const Call&, const wire::PutImageRequest& request) {
  CO_TRY(Store store, co_await store_of(request.repository_name, request.registry_id));
  Digest digest = Digest::of(request.image_manifest);
  if (request.image_digest && *request.image_digest != digest.text())
    co_return fail("ImageDigestDoesNotMatchException",
                   fmt::format("The manifest's digest is {}, not {}.", digest.text(), *request.image_digest));
  if (request.image_tag && !oci::is_valid_tag(*request.image_tag))
    co_return fail("InvalidParameterException", "The image tag is not valid.");
  std::optional<oci::ManifestRecord> present = store->find_manifest(digest);
  if (present &&
      (!request.image_tag || std::find(present->tags.begin(), present->tags.end(), *request.image_tag) != present->tags.end()))
    co_return fail(
        "ImageAlreadyExistsException",
        fmt::format("Image with digest '{}' and tag '{}' already exists in the repository with name '{}' in registry with id '{}'",
                    digest.text(), request.image_tag.value_or("null"), request.repository_name, core_.account));
  if (request.image_tag) {
    Result<void> free = check_tag(request.repository_name, *request.image_tag, digest);
    if (!free) co_return fail("ImageTagAlreadyExistsException", free.error().message);
  }
  auto put =
      co_await core_.loop.offload([store, manifest = request.image_manifest, type = request.image_manifest_media_type.value_or(""),
                                   tag = request.image_tag] { return store->put_manifest(manifest, type, tag); });
  if (!put) co_return put_error(put.error());
  wire::Image image;
  image.registry_id = core_.account, image.repository_name = request.repository_name, image.image_manifest = request.image_manifest;
  image.image_manifest_media_type = put->media_type,
  image.image_id = wire::ImageIdentifier{.image_digest = digest.text(), .image_tag = request.image_tag};
  co_return wire::PutImageReply{std::move(image)};
}

namespace {

// Takes the entry away and wakes who waits for it, however the unpacking ends.
class UnpackTurn {
 public:
  UnpackTurn(std::map<std::string, std::shared_ptr<io::Event>>& turns, std::string key) : turns_(turns), key_(std::move(key)) {
    turns_[key_] = std::make_shared<io::Event>();
  }
  ~UnpackTurn() {
    std::shared_ptr<io::Event> done = turns_[key_];
    turns_.erase(key_);
    done->set();
  }
  UnpackTurn(const UnpackTurn&) = delete;

 private:
  std::map<std::string, std::shared_ptr<io::Event>>& turns_;
  std::string key_;
};

ContainerImage container_image(oci::RootFilesystem unpacked) {
  ContainerImage image;
  image.digest = unpacked.digest.text(), image.rootfs = std::move(unpacked.root);
  image.entrypoint = std::move(unpacked.config.entrypoint), image.command = std::move(unpacked.config.command);
  for (const std::string& variable : unpacked.config.environment) {
    size_t equals = variable.find('=');
    if (equals != std::string::npos) image.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  image.working_directory = std::move(unpacked.config.working_directory), image.user = std::move(unpacked.config.user);
  return image;
}

}  // namespace

io::Task<Result<ContainerImage>> Ecr::resolve(const std::string& image_uri) {
  Result<oci::Reference> reference = oci::Reference::parse(image_uri);
  if (!reference) co_return fail("InvalidParameterValueException", reference.error().message);
  std::string host = core_.account + ".dkr.ecr." + core_.region + ".";
  if (!reference->registry.starts_with(host))
    co_return fail("InvalidParameterValueException",
                   fmt::format("Source image {} is not valid. Provide an image of the registry {} in this region.", image_uri,
                               registry_host()));
  CO_TRY(Store store, co_await store_of(reference->repository, {}));
  wire::ImageIdentifier id;
  if (reference->digest)
    id.image_digest = reference->digest->text();
  else
    id.image_tag = reference->tag.value_or("latest");
  Found found = find_image(*store, id);
  if (!found.record) co_return image_not_found(core_, reference->repository, id);
  Digest digest = found.record->digest;
  while (unpacking_.contains(digest.text())) {
    std::shared_ptr<io::Event> done = unpacking_[digest.text()];
    co_await done->wait();
  }
  UnpackTurn turn(unpacking_, digest.text());
  auto unpacked = co_await core_.loop.offload(
      [store, digest, cache = core_.data_dir + "/images"] { return oci::unpack_image(*store, digest, cache); });
  if (!unpacked) co_return std::unexpected(std::move(unpacked).error());
  co_return container_image(std::move(*unpacked));
}

}  // namespace pds::cloud::ecr
