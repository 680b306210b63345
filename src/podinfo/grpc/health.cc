#include "podinfo/grpc/health.h"

#include "podinfo/grpc/messages.h"

namespace pds::podinfo::rpc {
namespace {

using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

HealthCheckResponse response_of(bool serving) {
  HealthCheckResponse out;
  out.set_status(serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
  return out;
}

std::string service_unknown() {
  HealthCheckResponse out;
  out.set_status(HealthCheckResponse::SERVICE_UNKNOWN);
  return out.SerializeAsString();
}

}  // namespace

void Health::set_serving(bool serving) {
  std::lock_guard lock(mutex_);
  if (serving == serving_) return;
  serving_ = serving;
  for (Watcher* watcher : watchers_) watcher->tell(response_of(serving).SerializeAsString());
}

Answer Health::check(const std::string& request) const {
  HealthCheckRequest asked;
  if (!asked.ParseFromString(request)) return {.status = undecodable()};
  if (!is_known(asked.service())) return {.status = {::grpc::StatusCode::NOT_FOUND, "unknown service"}};
  std::lock_guard lock(mutex_);
  return answer_with(response_of(serving_));
}

Answer Health::list(const std::string& request) const {
  ::grpc::health::v1::HealthListRequest asked;
  if (!asked.ParseFromString(request)) return {.status = undecodable()};
  ::grpc::health::v1::HealthListResponse out;
  std::lock_guard lock(mutex_);
  for (const std::string& service : {std::string(), service_name_}) (*out.mutable_statuses())[service] = response_of(serving_);
  return answer_with(out);
}

bool Health::watch(const std::string& request, Watcher& watcher) {
  HealthCheckRequest asked;
  if (!asked.ParseFromString(request)) return false;
  std::lock_guard lock(mutex_);
  if (is_known(asked.service())) watchers_.insert(&watcher);
  watcher.tell(is_known(asked.service()) ? response_of(serving_).SerializeAsString() : service_unknown());
  return true;
}

void Health::remove(Watcher& watcher) {
  std::lock_guard lock(mutex_);
  watchers_.erase(&watcher);
}

}  // namespace pds::podinfo::rpc
