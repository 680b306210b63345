#include "aws/credentials_source.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/assume_role.h"
#include "aws/instance_metadata.h"
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

constexpr size_t token_bytes_max = 64u << 10;
constexpr size_t document_bytes_max = 64u << 10;  // session tokens are a few hundred bytes
constexpr const char* container_host = "http://169.254.170.2";

std::unexpected<Error> no_credentials(std::string message) { return fail("E_CREDENTIALS", std::move(message)); }

bool is_set(EnvironmentReader environment, const char* name) { return !environment(name).empty(); }

Result<std::string> body_of(const std::string& what, const Result<http::Response>& response) {
  if (!response) return no_credentials(fmt::format("{}: {}", what, response.error().message));
  if (response->head.status != 200) return no_credentials(fmt::format("{} answered {}", what, response->head.status));
  return response->body;
}

io::Task<Result<http::Response>> ask_container(io::Loop& loop, EnvironmentReader environment, std::string url, http::Headers headers) {
  std::shared_ptr<const http::TlsClientContext> tls;
  if (url.starts_with("https:")) {
    CO_TRY(tls, http::TlsClientContext::make({.authorities_file = environment("AWS_CA_BUNDLE")}));
  }
  http::ClientOptions options{.limits = {.body_bytes_max = document_bytes_max}, .connect_timeout = 2s, .response_timeout = 5s};
  co_return co_await http::fetch(loop, "GET", url, std::move(headers), "", options, std::move(tls));
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

io::Task<Sourced> from_web_identity(io::Loop& loop, EnvironmentReader environment) {
  std::string token_file = environment("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (token_file.empty()) co_return std::nullopt;
  Role role{environment("AWS_ROLE_ARN"), environment("AWS_ROLE_SESSION_NAME"), "", {}};
  if (role.arn.empty()) co_return no_credentials("AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
  CO_TRY(Credentials credentials, co_await assume_role_with_web_identity(loop, environment, std::move(role), std::move(token_file)));
  co_return credentials;
}

Result<Credentials> parse_credentials_document(std::string_view text, std::string_view token) {
  TRY(json::value document, parse_json(text));
  const json::object* object = document.if_object();
  if (!object) return no_credentials("the credentials document is not a JSON object");
  Credentials credentials{get_string(*object, "AccessKeyId"), get_string(*object, "SecretAccessKey"), get_string(*object, token), {}};
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
    CO_TRY(std::string text, co_await loop.offload([path] { return io::read_file(path, token_bytes_max); }));
    token = trim(text);
  }
  if (!token.empty()) headers.add("Authorization", token);
  CO_TRY(std::string body, body_of("the container's credentials endpoint", co_await ask_container(loop, environment, url, headers)));
  CO_TRY(Credentials credentials, parse_credentials_document(body));
  co_return credentials;
}

io::Task<Sourced> from_instance(io::Loop& loop, EnvironmentReader environment) {
  CO_TRY(std::optional<InstanceMetadata> metadata, co_await InstanceMetadata::open(loop, environment));
  if (!metadata) co_return std::nullopt;
  std::string path = "/latest/meta-data/iam/security-credentials/";
  Result<http::Response> roles = co_await metadata->get(path);
  if (roles && roles->head.status == 404) co_return std::nullopt;  // an instance without a role
  CO_TRY(std::string list, body_of("the instance's metadata", roles));
  std::string role(trim(std::string_view(list).substr(0, list.find('\n'))));
  CO_TRY(std::string body, body_of("the instance's metadata", co_await metadata->get(path + percent_encode(role))));
  CO_TRY(Credentials credentials, parse_credentials_document(body));
  credentials.outlive_expiry = true;
  co_return credentials;
}

}  // namespace pds::aws
