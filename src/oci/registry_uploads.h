// Uploads in progress. A request that works on one takes it out and puts it back when it has succeeded: an upload whose request was cut
// off, failed or was cancelled is gone with all its bytes, and two requests can never write to one.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "base/time.h"
#include "oci/registry.h"

namespace pds::oci {

// Counts what is alive: waiting, worked on by a request, or still being written by a worker after its request was cut off.
class UploadCount {
 public:
  explicit UploadCount(std::shared_ptr<std::atomic<size_t>> count) : count_(std::move(count)) { ++*count_; }
  UploadCount(UploadCount&& other) noexcept = default;
  ~UploadCount() {
    if (count_) --*count_;
  }

 private:
  std::shared_ptr<std::atomic<size_t>> count_;
};

struct Upload {
  std::shared_ptr<Store> store;
  std::string repository;
  BlobWriter writer;
  Timestamp touched;
  UploadCount counted;
};

class Uploads {
 public:
  Uploads(const Clock& clock, size_t uploads_max, Duration idle_max) : clock_(clock), uploads_max_(uploads_max), idle_max_(idle_max) {}

  using Handle = std::shared_ptr<Upload>;
  Result<std::pair<std::string, Handle>> begin(std::shared_ptr<Store> store, std::string repository);   // E_TOO_MANY_UPLOADS
  Result<Handle> take(const std::string& id, const std::string& repository);                             // E_UPLOAD_UNKNOWN
  void put_back(const std::string& id, Handle upload);
  void expire();
  size_t size() const { return *alive_; }

 private:
  const Clock& clock_;
  size_t uploads_max_;
  Duration idle_max_;
  std::map<std::string, Handle> waiting_;
  std::shared_ptr<std::atomic<size_t>> alive_ = std::make_shared<std::atomic<size_t>>(0);
  uint64_t counter_ = 0;
};

}  // namespace pds::oci
