#include "aws/credentials_source.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "http/client.h"
#include "http/tls_context.h"
#include "io/address.h"
#include "io/files.h"
#include "io/loopback.h"
#include "io/resolver.h"

namespace pds::aws {
namespace {

constexpr size_t file_bytes_max = 1u << 20;
constexpr size_t document_bytes_max = 64u << 10;  // session tokens are a few hundred bytes
constexpr const char* instance_endpoint = "http://169.254.169.254";
constexpr const char* container_host = "http://169.254.170.2";
constexpr const char* token_ttl_seconds = "21600";  // the most that IMDS gives

std::unexpected<Error> no_credentials(std::string message) { return fail("E_CREDENTIALS", std::move(message)); }

bool is_set(EnvironmentReader environment, const char* name) { return !environment(name).empty(); }

Result<std::string> body_of(const std::string& what, const Result<http::Response>& response) {
  if (!response) return no_credentials(fmt::format("{}: {}", what, response.error().message));
  if (response->head.status != 200) return no_credentials(fmt::format("{} answered {}", what, response->head.status));
  return response->body;
}

io::Task<Result<http::Response>> ask(io::Loop& loop, EnvironmentReader environment, std::string method, std::string url,
                                     http::Headers headers) {
  std::shared_ptr<const http::TlsClientContext> tls;
  if (url.starts_with("https:")) {
    CO_TRY(tls, http::TlsClientContext::make({.authorities_file = environment("AWS_CA_BUNDLE")}));
  }
  http::ClientOptions options{.limits = {.body_bytes_max = document_bytes_max}};
  co_return co_await http::fetch(loop, method, url, std::move(headers), "", options, std::move(tls));
}

// ECS's address, and EKS's two for its Pod Identity.
constexpr std::string_view container_addresses[] = {"169.254.170.2:80", "169.254.170.23:80", "[fd00:ec2::23]:80"};

bool is_here_or_the_containers(const io::SocketAddress& address) {
  return io::is_loopback(address.storage) ||
         std::ranges::find(container_addresses, io::address_text(address.storage)) != std::end(container_addresses);
}

}  // namespace

bool is_container_host(const std::string& host) {
  // Addresses are compared and not their texts, for IPv6 has many of one.
  std::vector<io::SocketAddress> addresses = io::resolve_locally(host, 80);
  return !addresses.empty() && std::ranges::all_of(addresses, is_here_or_the_containers);
}

Sourced from_environment(EnvironmentReader environment) {
  Credentials credentials{
      environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"), environment("AWS_SESSION_TOKEN"), {}};
  if (credentials.access_key_id.empty() && credentials.secret_access_key.empty()) return std::nullopt;
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return no_credentials("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set both or neither");
  return credentials;
}

Sourced from_profile(std::string_view file, std::string_view profile) {
  Credentials credentials;
  bool inside = false;
  for (std::string_view line : split(file, '\n')) {
    line = trim(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      std::string_view name = line.ends_with(']') ? trim(line.substr(1, line.size() - 2)) : "";
      inside = name == profile || (name.starts_with("profile ") && trim(name.substr(8)) == profile);
      continue;
    }
    size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    std::string_view key = trim(line.substr(0, equals));
    std::string value(trim(line.substr(equals + 1)));
    if (key == "aws_access_key_id")
      credentials.access_key_id = std::move(value);
    else if (key == "aws_secret_access_key")
      credentials.secret_access_key = std::move(value);
    else if (key == "aws_session_token")
      credentials.session_token = std::move(value);
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) return std::nullopt;
  return credentials;
}

io::Task<Sourced> from_shared_file(io::Loop& loop, EnvironmentReader environment) {
  std::string path = environment("AWS_SHARED_CREDENTIALS_FILE"), profile = environment("AWS_PROFILE");
  if (path.empty() && is_set(environment, "HOME")) path = environment("HOME") + "/.aws/credentials";
  bool named = !profile.empty();
  if (!named) profile = "default";
  if (path.empty() || !io::exists(path)) {
    if (named) co_return no_credentials(fmt::format("the profile '{}' is asked for, and there is no file {}", profile, path));
    co_return std::nullopt;
  }
  Result<std::string> file = co_await loop.offload([path] { return io::read_file(path, file_bytes_max); });
  if (!file) co_return std::unexpected(std::move(file).error());
  Sourced found = from_profile(*file, profile);
  if (found && !*found && named) co_return no_credentials(fmt::format("the profile '{}' has no keys in {}", profile, path));
  co_return found;
}

Result<Credentials> parse_credentials_document(std::string_view text) {
  TRY(json::value document, parse_json(text));
  const json::object* object = document.if_object();
  if (!object) return no_credentials("the credentials document is not a JSON object");
  Credentials credentials{
      get_string(*object, "AccessKeyId"), get_string(*object, "SecretAccessKey"), get_string(*object, "Token"), {}};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return no_credentials(
        fmt::format("the credentials document has no keys: {}", get_string(*object, "Message", get_string(*object, "Code"))));
  if (std::string expires = get_string(*object, "Expiration"); !expires.empty()) {
    TRY(credentials.expires, parse_iso8601(expires));
  }
  return credentials;
}

io::Task<Sourced> from_container(io::Loop& loop, EnvironmentReader environment) {
  std::string url = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (is_set(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
    url = container_host + environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (url.empty()) co_return std::nullopt;
  CO_TRY(http::Url parsed, http::parse_url(url));
  if (parsed.scheme != "https" && !is_container_host(parsed.host))
    co_return no_credentials(fmt::format(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI: {} is not this machine, so keys are not asked for there without TLS", parsed.host));
  http::Headers headers;
  std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (std::string path = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !path.empty()) {
    CO_TRY(std::string text, co_await loop.offload([path] { return io::read_file(path, file_bytes_max); }));
    token = trim(text);
  }
  if (!token.empty()) headers.add("Authorization", token);
  CO_TRY(std::string body, body_of("the container's credentials endpoint", co_await ask(loop, environment, "GET", url, headers)));
  CO_TRY(Credentials credentials, parse_credentials_document(body));
  co_return credentials;
}

io::Task<Sourced> from_instance(io::Loop& loop, EnvironmentReader environment) {
  if (iequals(environment("AWS_EC2_METADATA_DISABLED"), "true")) co_return std::nullopt;
  std::string base = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (base.empty()) base = instance_endpoint;
  while (base.ends_with('/')) base.pop_back();
  http::Headers lifetime;
  lifetime.add("X-aws-ec2-metadata-token-ttl-seconds", token_ttl_seconds);
  Result<http::Response> token = co_await ask(loop, environment, "PUT", base + "/latest/api/token", lifetime);
  if (!token || token->head.status != 200) co_return std::nullopt;  // not on an instance
  http::Headers headers;
  headers.add("X-aws-ec2-metadata-token", trim(token->body));
  std::string path = base + "/latest/meta-data/iam/security-credentials/";
  Result<http::Response> roles = co_await ask(loop, environment, "GET", path, headers);
  if (roles && roles->head.status == 404) co_return std::nullopt;  // an instance without a role
  CO_TRY(std::string list, body_of("the instance's metadata", roles));
  std::string role(trim(std::string_view(list).substr(0, list.find('\n'))));
  CO_TRY(std::string body, body_of("the instance's metadata", co_await ask(loop, environment, "GET", path + percent_encode(role), headers)));
  CO_TRY(Credentials credentials, parse_credentials_document(body));
  credentials.outlive_expiry = true;
  co_return credentials;
}

}  // namespace pds::aws
