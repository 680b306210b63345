#include "oci/registry_uploads.h"

#include <fmt/core.h>

namespace pds::oci {

Result<std::pair<std::string, Uploads::Handle>> Uploads::begin(std::shared_ptr<Store> store, std::string repository) {
  expire();
  if (size() >= uploads_max_) {
    return fail("E_TOO_MANY_UPLOADS", fmt::format("{} uploads are open, which is the maximum: try again later", uploads_max_), 429);
  }
  TRY(BlobWriter writer, store->begin_blob());
  // Not a secret: every request is authorised by itself. It only has to differ, also from those before a restart.
  std::string id = fmt::format("{:x}-{:x}", clock_.now().time_since_epoch().count(), ++counter_);
  return std::pair(id, std::make_shared<Upload>(
                           Upload{std::move(store), std::move(repository), std::move(writer), clock_.now(), UploadCount(alive_)}));
}

Result<Uploads::Handle> Uploads::take(const std::string& id, const std::string& repository) {
  auto found = waiting_.find(id);
  if (found == waiting_.end() || found->second->repository != repository) {
    return fail("E_UPLOAD_UNKNOWN", "there is no such upload: it ended, failed, expired, or another request is working on it", 404);
  }
  Handle upload = std::move(found->second);
  waiting_.erase(found);
  return upload;
}

void Uploads::put_back(const std::string& id, Handle upload) {
  upload->touched = clock_.now();
  waiting_[id] = std::move(upload);
}

void Uploads::expire() {
  Timestamp now = clock_.now();
  std::erase_if(waiting_, [&](const auto& entry) { return now - entry.second->touched >= idle_max_; });
}

}  // namespace pds::oci
