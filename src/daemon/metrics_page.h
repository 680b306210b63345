// GET /_pds/metrics: what the balancers count and how the process fares, for Prometheus. Answered to this machine only.
#pragma once

#include <functional>

#include "cloud/exposition.h"
#include "http/service.h"
#include "io/loop.h"

namespace pds::daemon {

inline constexpr std::string_view metrics_path = "/_pds/metrics";

// How late the loop is: a timer that is due every half second, and when it is heard. What waits for the loop waits at least as long.
class LoopLag {
 public:
  explicit LoopLag(io::Loop& loop) : loop_(loop) {}
  io::Task<void> watch();
  void expose(cloud::Exposition& page) const;

 private:
  io::Loop& loop_;
  Histogram late_us_;
};

// CPU time, resident memory, open files, age: under the names that Prometheus clients have for them.
void expose_process(cloud::Exposition& page);

class MetricsPage final : public http::Service {
 public:
  // `fill` adds everybody's metrics.
  explicit MetricsPage(std::function<void(cloud::Exposition&)> fill) : fill_(std::move(fill)) {}
  static bool claims(const http::ServerRequest& request) { return request.head.path() == metrics_path; }
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

 private:
  std::function<void(cloud::Exposition&)> fill_;
};

}  // namespace pds::daemon
