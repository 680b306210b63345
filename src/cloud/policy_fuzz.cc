// Any bytes as a policy, asked about one fixed request: it is refused or it decides, and it never reads out of bounds.
#include "cloud/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds::cloud;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  AccessRequest request;
  request.action = "s3:GetObject", request.resource = "arn:aws:s3:::bucket/key", request.account = "000000000000";
  request.principal_arn = "arn:aws:iam::000000000000:user/ann";
  request.context = {{"aws:username", {"ann"}}, {"aws:sourceip", {"127.0.0.1"}}, {"aws:currenttime", {"2026-11-23T10:00:00Z"}}};
  for (PolicyKind kind : {PolicyKind::identity, PolicyKind::trust, PolicyKind::resource}) {
    if (auto policy = parse_policy(text, kind)) {
      evaluate(*policy, request);
      names_principal(*policy, request);
    }
  }
  return 0;
}
