// The health service: what it says of the server and of one service by name, and who wants to be told when that changes.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "podinfo/grpc/methods.h"

namespace pds::podinfo::rpc {

class Health {
 public:
  class Watcher {
   public:
    // HealthCheckResponse in bytes. Called in order, with the health's lock held.
    virtual void tell(std::string status) = 0;

   protected:
    ~Watcher() = default;
  };

  explicit Health(std::string service_name) : service_name_(std::move(service_name)) {}
  void set_serving(bool serving);
  Answer check(const std::string& request) const;
  Answer list(const std::string& request) const;
  // Tells the watcher what is so now and, until it is removed, what changes. A service that is not known never changes.
  // False: that is no request.
  bool watch(const std::string& request, Watcher& watcher);
  void remove(Watcher& watcher);

 private:
  bool is_known(std::string_view service) const { return service.empty() || service == service_name_; }

  const std::string service_name_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  bool serving_ = false;
  std::set<Watcher*> watchers_;
};

}  // namespace pds::podinfo::rpc
