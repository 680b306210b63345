// What the operations of the service share. Only for this folder's *_operations.cc.
#pragma once

#include <algorithm>

#include "aws/paging.h"
#include "aws/unsupported.h"
#include "cloud/services/elbv2/attributes.h"
#include "cloud/services/elbv2/front.h"
#include "cloud/services/elbv2/service.h"
#include "cloud/services/elbv2/state.h"

namespace pds::cloud {

struct Elbv2::Impl {
  Impl(Core& core_services, InstanceReach& reach, FunctionInvoker* invoker, MetricSink& metrics, const ObservationOptions& observation)
      : core(core_services),
        instances(reach),
        functions(invoker),
        state(core),
        front(core, state, reach, invoker, metrics, observation) {}

  Core& core;
  InstanceReach& instances;
  FunctionInvoker* functions;
  elbv2::State state;
  elbv2::Front front;

  // Sixteen hexadecimal digits, as ARNs of this service end in.
  std::string new_id() { return core.random.text(16, "0123456789abcdef"); }
};

namespace elbv2 {

inline constexpr int page_size_default = 400;
inline constexpr size_t tags_max = 50;
inline constexpr size_t load_balancers_max = 50;
inline constexpr size_t target_groups_max = 3000;
inline constexpr size_t listeners_per_balancer_max = 50;
inline constexpr size_t rules_per_balancer_max = 100;
inline constexpr size_t targets_per_group_max = 1000;
inline constexpr size_t target_groups_per_balancer_max = 100;

// Parameters that are known and not done are refused by name.
template <class Request>
Result<void> refuse_unsupported(const char* operation, const Request& request) {
  if (auto found = aws::find_unsupported(shape_of(static_cast<const Request*>(nullptr)), &request)) {
    return fail("NotImplemented", std::string(operation) + ": " + *found + " is not supported", 501);
  }
  return {};
}

inline std::unexpected<Error> not_supported(const char* operation, const std::string& what) {
  return fail("NotImplemented", std::string(operation) + ": " + what, 501);
}

// Letters, digits and inner hyphens, at most 32: names of balancers and target groups.
Result<void> check_name(const std::string& noun, const std::string& name);
Result<Tags> check_tags(const std::vector<wire::Tag>& tags);

}  // namespace elbv2
}  // namespace pds::cloud
