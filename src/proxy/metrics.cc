#include "proxy/metrics.h"

namespace pds::proxy {
namespace {

void add_each(std::array<uint64_t, 6>& to, const std::array<uint64_t, 6>& from) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

void TargetCounters::add(const TargetCounters& other) {
  for (auto counter : {&TargetCounters::requests, &TargetCounters::connection_errors, &TargetCounters::new_connections,
                       &TargetCounters::retries, &TargetCounters::non_sticky_requests, &TargetCounters::function_errors,
                       &TargetCounters::function_service_errors}) {
    this->*counter += other.*counter;
  }
  add_each(status_classes, other.status_classes);
  response_time_us.merge(other.response_time_us);
}

void FrontCounters::count_own_status(int status) {
  ++elb_status_classes[static_cast<size_t>(status / 100)];
  if (status == 500) ++elb_500;
  if (status == 502) ++elb_502;
  if (status == 503) ++elb_503;
  if (status == 504) ++elb_504;
}

void FrontCounters::add(const FrontCounters& other) {
  using C = FrontCounters;
  for (auto counter : {&C::requests, &C::new_connections, &C::rejected_connections, &C::denied_connections, &C::tls_handshake_failures,
                       &C::received_bytes, &C::sent_bytes, &C::function_bytes, &C::rule_evaluations, &C::charged_rule_evaluations,
                       &C::redirects, &C::fixed_responses, &C::redirect_urls_too_long, &C::grpc_requests,
                       &C::dropped_header_requests, &C::malformed_requests, &C::clients_gone,
                       &C::slow_requests, &C::elb_500, &C::elb_502, &C::elb_503, &C::elb_504}) {
    this->*counter += other.*counter;
  }
  add_each(elb_status_classes, other.elb_status_classes);
}

}  // namespace pds::proxy
