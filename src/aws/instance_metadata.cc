#include "aws/instance_metadata.h"

#include <fmt/core.h>

#include "base/text.h"

namespace pds::aws {
namespace {

constexpr const char* token_ttl_seconds = "21600";  // the most that it gives
constexpr size_t document_bytes_max = 64u << 10;

// As AWS's own clients have it. The service is on the same host; where there is none, nobody answers, and a start must not wait for it.
constexpr http::ClientOptions options{.limits = {.body_bytes_max = document_bytes_max}, .connect_timeout = 1s, .response_timeout = 1s};

Result<std::string> endpoint(EnvironmentReader environment) {
  std::string base = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT"), mode = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  while (base.ends_with('/')) base.pop_back();
  if (!base.empty()) return base;
  if (mode.empty() || iequals(mode, "IPv4")) return "http://169.254.169.254";
  if (iequals(mode, "IPv6")) return "http://[fd00:ec2::254]";
  return fail("E_CREDENTIALS", fmt::format("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is '{}': IPv4 or IPv6 is expected", mode));
}

}  // namespace

io::Task<Result<std::optional<InstanceMetadata>>> InstanceMetadata::open(io::Loop& loop, EnvironmentReader environment) {
  if (iequals(environment("AWS_EC2_METADATA_DISABLED"), "true")) co_return std::nullopt;
  CO_TRY(std::string base, endpoint(environment));
  http::Headers lifetime;
  lifetime.add("X-aws-ec2-metadata-token-ttl-seconds", token_ttl_seconds);
  Result<http::Response> token = co_await http::fetch(loop, "PUT", base + "/latest/api/token", lifetime, "", options);
  if (!token || token->head.status != 200) co_return std::nullopt;
  co_return InstanceMetadata(loop, std::move(base), std::string(trim(token->body)));
}

io::Task<Result<http::Response>> InstanceMetadata::get(std::string path) const {
  http::Headers headers;
  headers.add("X-aws-ec2-metadata-token", token_);
  co_return co_await http::fetch(*loop_, "GET", base_ + path, headers, "", options);
}

}  // namespace pds::aws
