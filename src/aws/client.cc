#include "aws/client.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "aws/client_settings.h"
#include "aws/codec_error.h"
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/tls_connector.h"
#include "io/clock.h"

namespace pds::aws {
namespace {

constexpr Duration backoff_first = 100ms;
constexpr Duration backoff_most = 20s;

bool is_idempotent(std::string_view method) { return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE"; }

}  // namespace

struct Client::Impl {
  io::Loop& loop;
  ClientConfig config;
  io::SystemClock clock;  // signatures are always on real time
  SystemRandom random;
  std::optional<ClientSettings> settings;                            // where there is an environment
  std::map<std::string, std::unique_ptr<http::Client>> connections;  // by scheme, host and port
  std::shared_ptr<const http::TlsClientContext> tls;                 // made for the first https endpoint

  struct Place {
    http::Url url;
    std::string signing_region;
  };

  Impl(io::Loop& l, ClientConfig c) : loop(l), config(std::move(c)) {
    if (config.environment) settings.emplace(loop, config.environment);
  }

  io::Task<Result<Place>> place_of(const ServiceInfo& service) {
    CO_TRY(std::string region, co_await region_of());
    CO_TRY(std::string url, co_await endpoint_url_of(service));
    Place place{{}, region};
    if (url.empty()) {
      CO_TRY(Endpoint endpoint, aws_endpoint(service, region));
      url = endpoint.url;
      place.signing_region = endpoint.signing_region;
    }
    CO_TRY(place.url, http::parse_url(url));
    co_return place;
  }

  io::Task<Result<std::string>> region_of() {
    if (!config.region.empty()) co_return config.region;
    if (!settings) co_return region_default;
    co_return co_await settings->region();
  }

  // "": AWS's own.
  io::Task<Result<std::string>> endpoint_url_of(const ServiceInfo& service) {
    std::string url = settings ? service_endpoint_url(service, config.environment) : "";
    if (url.empty()) url = config.endpoint_url;
    if (!url.empty() || !settings) co_return url;
    co_return co_await settings->endpoint_url(service);
  }

  io::Task<Result<http::Client*>> connection_to(const http::Url& url) {
    std::string key = fmt::format("{}://{}:{}", url.scheme, url.host, url.port);
    if (auto known = connections.find(key); known != connections.end()) co_return known->second.get();
    if (url.scheme == "https" && !tls) {
      // Reading the bundle takes a while.
      http::TlsClientOptions options{.authorities_file = config.authorities_file};
      CO_TRY(tls, co_await loop.offload([options] { return http::TlsClientContext::make(options); }));
    }
    CO_TRY(std::shared_ptr<io::Connector> connector, http::url_connector(loop, url, tls));
    http::ClientOptions options;
    options.connect_timeout = config.connect_timeout;
    options.response_timeout = config.timeout;
    auto& client = connections[key];
    if (!client) client = std::make_unique<http::Client>(loop, std::move(connector), options);
    co_return client.get();
  }

  // `used`: the keys it was signed with, if any.
  io::Task<Result<http::Response>> send_once(const ServiceInfo& service, const Place& place, http::Request& request, Credentials& used) {
    if (config.credentials) {
      CO_TRY(used, co_await config.credentials->get());
    }
    CO_TRY(http::Client * connection, co_await connection_to(place.url));
    if (config.credentials) sign(request.head, request.body, used, {place.signing_region, service.signing_name}, clock.now());
    co_return co_await connection->send(request);
  }

  // Sends again once, signed with other keys, where those used are refused: they may have been replaced before their time.
  io::Task<Result<http::Response>> send_with_keys(const ServiceInfo& service, const Place& place, http::Request& request) {
    Credentials used;
    Result<http::Response> response = co_await send_once(service, place, request, used);
    if (!config.credentials || !response || response->head.status < 400 || response->head.status > 403) co_return response;
    Error error = decode_error(wire_of(service.protocol), *response);
    if (!is_refusal_of_keys(error.code) || !config.credentials->forget(used)) co_return response;
    co_return co_await send_once(service, place, request, used);
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
  if (!ignores_endpoint_urls(environment)) config.endpoint_url = environment("AWS_ENDPOINT_URL");
  config.region = environment("AWS_REGION");
  if (config.region.empty()) config.region = environment("AWS_DEFAULT_REGION");
  config.authorities_file = environment("AWS_CA_BUNDLE");
  config.credentials = credentials_chain(loop, environment);
  config.environment = environment;
  return config;
}

Client::Client(io::Loop& loop, ClientConfig config) : impl_(std::make_unique<Impl>(loop, std::move(config))) {}
Client::~Client() = default;

const ClientConfig& Client::config() const { return impl_->config; }

io::Task<Result<void>> Client::call_raw(const ServiceInfo& service, const Operation& operation, const void* request, void* reply) {
  CO_TRY(http::Request encoded, encode_request(service, operation, request));
  CO_TRY(Impl::Place place, co_await impl_->place_of(service));
  encoded.head.headers.set("Host", http::host_field(place.url));
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> response = co_await impl_->send_with_keys(service, place, encoded);
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
  CO_TRY(Impl::Place place, co_await impl_->place_of(service));
  if (!request.head.headers.find("Host")) request.head.headers.set("Host", http::host_field(place.url));
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> response = co_await impl_->send_with_keys(service, place, request);
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
