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

struct Elbv2::Impl final : CertificateUser {
  Impl(Core& core_services, InstanceReach& reach, FunctionInvoker* invoker, MetricSink& metrics, CertificateSource* source,
       const ObservationOptions& observation)
      : core(core_services),
        instances(reach),
        functions(invoker),
        certificates(source),
        state(core),
        front(core, state, reach, invoker, metrics, source, observation) {
    if (certificates) certificates->set_user(this);
  }
  ~Impl() override {
    if (certificates) certificates->set_user(nullptr);
  }

  Core& core;
  InstanceReach& instances;
  FunctionInvoker* functions;
  CertificateSource* certificates;
  elbv2::State state;
  elbv2::Front front;

  std::vector<std::string> users_of(const std::string& certificate_arn) const override;
  void certificate_changed(const std::string& certificate_arn) override { front.certificate_changed(certificate_arn); }
  // Its ARN, when there is such a certificate: CertificateNotFound.
  Result<std::string> known_certificate(const aws::elbv2::Certificate& certificate) const;

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
inline constexpr size_t further_certificates_max = 25;
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
