#include "aws/arn.h"

#include <fmt/core.h>

namespace pds::aws {
namespace {

constexpr size_t arn_bytes_max = 2048;

// Cuts the text before the next colon off `rest`; false when there is none.
bool cut(std::string_view& rest, std::string& part) {
  size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return false;
  part = rest.substr(0, colon);
  rest.remove_prefix(colon + 1);
  return true;
}

}  // namespace

std::string Arn::to_string() const { return fmt::format("arn:{}:{}:{}:{}:{}", partition, service, region, account, resource); }

Result<Arn> parse_arn(std::string_view text) {
  Arn arn;
  std::string_view rest = text;
  std::string prefix;
  bool complete = text.size() <= arn_bytes_max && cut(rest, prefix) && prefix == "arn" && cut(rest, arn.partition) &&
                  cut(rest, arn.service) && cut(rest, arn.region) && cut(rest, arn.account) && !arn.partition.empty() &&
                  !arn.service.empty() && !rest.empty();
  if (!complete)
    return fail("ValidationException",
                fmt::format("'{}' is not an ARN: arn:<partition>:<service>:<region>:<account>:<resource> is expected",
                            text.substr(0, 100)));
  arn.resource = rest;
  return arn;
}

bool looks_like_arn(std::string_view text) { return text.starts_with("arn:"); }

std::string make_arn(std::string_view service, std::string_view region, std::string_view account, std::string_view resource) {
  return fmt::format("arn:aws:{}:{}:{}:{}", service, region, account, resource);
}

}  // namespace pds::aws
