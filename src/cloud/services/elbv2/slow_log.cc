#include "cloud/services/elbv2/slow_log.h"

#include <chrono>
#include <utility>

namespace pds::cloud::elbv2 {
namespace {

// Phases that were not reached are -1, as in access logs.
double millis(Duration phase) { return phase.count() < 0 ? -1 : static_cast<double>(phase.count()) / 1000; }

constexpr size_t told_target_bytes_max = 256;

}  // namespace

void SlowLog::attach(proxy::Frontend& frontend) {
  if (threshold_.count() == 0) return;
  frontend.set_slow_log(threshold_, [this](const proxy::AccessEntry& entry) { tell(entry, std::chrono::steady_clock::now()); });
}

void SlowLog::tell(const proxy::AccessEntry& entry, MonoTime now) {
  if (now - second_began_ >= std::chrono::seconds(1)) {
    second_began_ = now;
    told_ = 0;
  }
  if (told_ >= slow_lines_per_second_max) return void(++left_out_);
  ++told_;
  // A query may hold what is nobody's business: only the path is told.
  std::string_view path = entry.request_target.substr(0, entry.request_target.find('?'));
  log_.warn("slow request", {{"load_balancer", entry.load_balancer},
                             {"trace_id", entry.trace_id},
                             {"client", entry.client},
                             {"method", entry.method},
                             {"path", path.substr(0, told_target_bytes_max)},
                             {"status", entry.elb_status},
                             {"target_status", entry.target_status},
                             {"target", entry.target},
                             {"target_group", entry.target_group},
                             {"total_ms", millis(entry.finished - entry.started)},
                             {"request_ms", millis(entry.request_time)},
                             {"target_ms", millis(entry.target_time)},
                             {"response_ms", millis(entry.response_time)},
                             {"received_bytes", entry.received_bytes},
                             {"sent_bytes", entry.sent_bytes},
                             {"left_out_before", std::exchange(left_out_, 0)}});
}

}  // namespace pds::cloud::elbv2
