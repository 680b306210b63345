#include "aws/client.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "aws/sigv4.h"
#include "base/crypto.h"
#include "base/text.h"
#include "io/clock.h"

namespace pds::aws {
namespace {

constexpr Duration backoff_first = 100ms;
constexpr Duration backoff_most = 20s;

bool is_idempotent(std::string_view method) { return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE"; }

// "Elastic Load Balancing v2" is AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2.
std::string endpoint_variable(std::string_view service_id) {
  std::string name = "AWS_ENDPOINT_URL_";
  for (char c : service_id) name += c == ' ' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return name;
}

}  // namespace

struct Client::Impl {
  io::Loop& loop;
  ClientConfig config;
  io::SystemClock clock;  // signatures are always on real time
  SystemRandom random;
  std::map<std::string, std::unique_ptr<http::Client>> connections;  // by host and port

  Impl(io::Loop& l, ClientConfig c) : loop(l), config(std::move(c)) {}

  Result<http::Url> endpoint_of(const ServiceInfo& service) const {
    std::string url = config.environment ? config.environment(endpoint_variable(service.id).c_str()) : "";
    if (url.empty()) url = config.endpoint_url;
    if (url.empty()) url = fmt::format("https://{}.{}.amazonaws.com", service.endpoint_prefix, config.region);
    TRY(http::Url parsed, http::parse_url(url));
    if (parsed.scheme != "http")
      return fail(
          "E_TLS_UNSUPPORTED",
          fmt::format(
              "{} cannot be reached: this client does not speak TLS yet. Set AWS_ENDPOINT_URL to an http:// endpoint, such as "
              "the local cloud's (eval \"$(pds env)\").",
              url));
    return parsed;
  }

  http::Client& connection_to(const http::Url& url) {
    std::unique_ptr<http::Client>& client = connections[fmt::format("{}:{}", url.host, url.port)];
    if (!client) {
      http::ClientOptions options;
      options.response_timeout = config.timeout;
      client = std::make_unique<http::Client>(loop, io::tcp_connector(loop, url.host, url.port), options);
    }
    return *client;
  }

  io::Task<Result<http::Response>> send_once(const ServiceInfo& service, const http::Url& url, http::Request& request) {
    CO_TRY(Credentials credentials, co_await config.credentials->get());
    sign(request.head, request.body, credentials, {config.region, service.signing_name}, clock.now());
    co_return co_await connection_to(url).send(request);
  }

  // Full jitter: many clients that failed together do not come back together.
  io::Task<void> back_off(int attempt) {
    Duration most = std::min(backoff_most, backoff_first * (int64_t{1} << std::min(attempt, 16)));
    Duration wait{static_cast<int64_t>(random.below(static_cast<uint64_t>(most.count()) + 1))};
    co_await loop.sleep_for(wait);
  }
};

ClientConfig config_from_environment(io::Loop& loop, EnvironmentReader environment) {
  ClientConfig config;
  config.endpoint_url = environment("AWS_ENDPOINT_URL");
  config.region = environment("AWS_REGION");
  if (config.region.empty()) config.region = environment("AWS_DEFAULT_REGION");
  if (config.region.empty()) config.region = "us-east-1";
  config.credentials = credentials_chain(loop, environment);
  config.environment = environment;
  return config;
}

Client::Client(io::Loop& loop, ClientConfig config) : impl_(std::make_unique<Impl>(loop, std::move(config))) {}
Client::~Client() = default;

const ClientConfig& Client::config() const { return impl_->config; }

io::Task<Result<void>> Client::call_raw(const ServiceInfo& service, const Operation& operation, const void* request, void* reply) {
  CO_TRY(http::Request encoded, encode_request(service, operation, request));
  CO_TRY(http::Url url, impl_->endpoint_of(service));
  encoded.head.headers.set("Host", url.port == 80 ? url.host : fmt::format("{}:{}", url.host, url.port));
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> response = co_await impl_->send_once(service, url, encoded);
    Result<void> done =
        response ? decode_response(service, operation, *response, reply) : Result<void>(std::unexpected(response.error()));
    if (done) co_return done;
    if (!done.error().retryable || attempt >= impl_->config.attempts_max) {
      if (!response) done.error().message = fmt::format("{}: {}", operation.name, done.error().message);
      co_return done;
    }
    co_await impl_->back_off(attempt);
  }
}

io::Task<Result<http::Response>> Client::send_signed(const ServiceInfo& service, http::Request request) {
  CO_TRY(http::Url url, impl_->endpoint_of(service));
  if (!request.head.headers.find("Host"))
    request.head.headers.set("Host", url.port == 80 ? url.host : fmt::format("{}:{}", url.host, url.port));
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> response = co_await impl_->send_once(service, url, request);
    bool again = response ? response->head.status == 429 || (response->head.status >= 500 && response->head.status != 501)
                          : response.error().retryable;
    if (!again || attempt >= impl_->config.attempts_max || !is_idempotent(request.head.method)) {
      if (!response)
        response.error().message =
            fmt::format("{} {} {}: {}", service.id, request.head.method, request.head.path(), response.error().message);
      co_return response;
    }
    co_await impl_->back_off(attempt);
  }
}

}  // namespace pds::aws
