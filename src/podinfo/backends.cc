#include "podinfo/backends.h"

#include <fmt/format.h>

#include "base/gzip.h"
#include "base/text.h"
#include "http/tls_context.h"
#include "podinfo/proxy_tunnel.h"
#include "podinfo/redirect.h"
#include "podinfo/request_trace.h"

namespace pds::podinfo {
namespace {

// What is passed on, so that a trace goes on behind us.
constexpr std::string_view passed_on[] = {"x-request-id", "x-b3-traceid", "x-b3-spanid",      "x-b3-parentspanid",
                                          "x-b3-sampled", "x-b3-flags",   "x-ot-span-context"};

http::ClientOptions patient(Duration timeout) {
  http::ClientOptions options;
  options.connect_timeout = options.response_timeout = timeout;
  options.limits.body_bytes_max = body_bytes_max;
  return options;
}

void describe_call(trace::Span& span, const http::Url& url) {
  span.set("http.request.method", "POST");
  span.set("url.full", fmt::format("{}://{}{}", url.scheme, http::host_field(url), url.target));
  span.set("server.address", url.host);
  span.set("server.port", int64_t{url.port});
}

void describe_answer(trace::Span& span, const Result<http::Response>& answer) {
  if (answer) span.set("http.response.status_code", int64_t{answer->head.status});
  if (!answer) span.set("error.type", answer.error().code);
  if (!answer || answer->head.status >= 400) span.fail(answer ? "" : answer.error().message);
}

}  // namespace

Backends::Backends(io::Loop& loop, const Logger& logger, const Options& options, const Release& release, ProxySettings proxies)
    : loop_(loop), logger_(logger), proxies_(std::move(proxies)), timeout_(options.http_client_timeout), version_(release.version), revision_(release.revision) {
  for (const std::string& text : options.backend_urls) {
    Backend backend{text, std::nullopt, nullptr};
    if (Result<http::Url> url = http::parse_url(text)) backend.url = *std::move(url);
    all_.push_back(std::move(backend));
  }
}

Backends::~Backends() = default;

// The calls of one request: over when all have ended, or their time has.
struct Backends::Round {
  size_t left;
  io::Event ended;
  io::Timer end;
  Round(io::Loop& loop, size_t calls) : left(calls), end(loop, [this] { ended.set(); }) {}
};

http::Request Backends::request_to(const http::Url& url, const Call& call) const {
  http::Request request;
  request.head.method = "POST";
  request.head.target = url.target;
  http::Headers& headers = request.head.headers;
  headers.add("Host", http::host_field(url));
  headers.add("User-Agent", "Go-http-client/1.1");
  headers.add("Accept-Encoding", "gzip");
  for (std::string_view name : passed_on) {
    if (auto value = call.head.headers.find(name)) headers.add(name, *value);
  }
  headers.add("X-API-Version", version_);
  headers.add("X-API-Revision", revision_);
  headers.add("X-Correlation-ID", call.correlation_id);
  request.body = call.body;
  return request;
}

io::Task<Result<http::Response>> Backends::follow(http::Request request, http::Url from, http::Response answer, CallParts* parts) {
  for (int hops = 0; is_redirect(answer.head.status); ++hops) {
    std::optional<std::string_view> location = answer.head.headers.find("location");
    if (!location) break;
    if (hops == redirects_max) co_return fail_world("E_REDIRECTS", fmt::format("stopped after {} redirects", redirects_max), false);
    CO_TRY(from, follow_location(from, *location));
    bool keeps_body = answer.head.status == 307 || answer.head.status == 308;
    if (!keeps_body) {
      request.head.method = "GET";
      request.body.clear();
    }
    request.head.headers.set("Host", http::host_field(from));
    request.head.target = from.target;
    CO_TRY(std::unique_ptr<BackendWay> way, way_to(from));
    CO_TRY(answer, co_await send(*way, from, request, parts));
  }
  co_return answer;
}

Result<std::unique_ptr<BackendWay>> Backends::way_to(const http::Url& url) const {
  std::optional<HttpProxy> proxy = proxies_.proxy_for(url);
  std::shared_ptr<const http::TlsClientContext> tls;
  if (url.scheme == "https") {
    TRY(tls, http::TlsClientContext::make({}));
  }
  std::shared_ptr<io::Connector> tunnel = proxy && tls ? proxy_tunnel(loop_, *proxy, url) : nullptr;
  BackendWay::Place place = proxy && !tls ? BackendWay::Place{proxy->host, proxy->port} : BackendWay::Place{url.host, url.port};
  return std::make_unique<BackendWay>(loop_, std::move(place), std::move(tunnel), std::move(tls), patient(timeout_));
}

io::Task<Result<http::Response>> Backends::send(BackendWay& way, const http::Url& url, http::Request request, CallParts* parts) const {
  std::optional<HttpProxy> proxy = url.scheme == "http" ? proxies_.proxy_for(url) : std::nullopt;
  if (proxy) request.head.target = fmt::format("http://{}{}", http::host_field(url), request.head.target);
  if (proxy && !proxy->authorization.empty()) request.head.headers.set("Proxy-Authorization", proxy->authorization);
  CO_TRY(http::Response answer, co_await way.send(request, parts));
  if (answer.head.headers.has_token("content-encoding", "gzip")) {
    CO_TRY(answer.body, inflate_gzip(answer.body, body_bytes_max));
    answer.head.headers.remove("content-encoding");
  }
  co_return answer;
}

io::Task<Result<http::Response>> Backends::ask(Backend& backend, const Call& call) {
  if (!backend.way) {
    CO_TRY(backend.way, way_to(*backend.url));
  }
  http::Request request = request_to(*backend.url, call);
  if (!call.trace) co_return co_await exchange(backend, std::move(request), nullptr);
  CallSpan whole(*call.trace, call.trace->start_call("HTTP POST"), trace::Scope::http_client);
  describe_call(whole.span(), *backend.url);
  call.trace->inject(whole.span(), request.head.headers);
  CallParts parts(*call.trace, whole.span());
  Result<http::Response> answer = co_await exchange(backend, std::move(request), &parts);
  describe_answer(whole.span(), answer);
  whole.end();
  co_return answer;
}

io::Task<Result<http::Response>> Backends::exchange(Backend& backend, http::Request request, CallParts* parts) {
  CO_TRY(http::Response answer, co_await send(*backend.way, *backend.url, request, parts));
  co_return co_await follow(std::move(request), *backend.url, std::move(answer), parts);
}

io::Task<void> Backends::call_one(Backend& backend, const Call& call, Round& round, std::optional<std::string>& answer) {
  if (backend.url) {
    Result<http::Response> response = co_await ask(backend, call);
    answer = describe(backend, call, response);
  } else {
    logger_.error("backend call failed", {{"url", backend.text}, {"error", "not a URL"}, {"correlation_id", call.correlation_id}});
    answer = "";
  }
  if (--round.left == 0) round.end.start(MonoTime{});
}

namespace {

// What a connection's failure is called in Go, for those who look for it.
std::string go_words(const Error& error) {
  constexpr std::string_view connect = "connect to ", resolve = "resolve ", request = "request to ";
  std::string_view text = error.message;
  if (error.code == "E_TIMEOUT") return "context deadline exceeded";
  if (error.code == "E_CLOSED") return text.starts_with(request) ? "EOF" : "unexpected EOF";
  size_t colon = text.find(": ");
  if (colon == std::string_view::npos) return error.message;
  std::string why = to_lower(text.substr(colon + 2));
  if (text.starts_with(connect)) return fmt::format("dial tcp {}: connect: {}", text.substr(connect.size(), colon - connect.size()), why);
  if (text.starts_with(resolve)) return fmt::format("dial tcp: lookup {}: no such host", text.substr(resolve.size(), colon - resolve.size()));
  return error.message;
}

}  // namespace

std::string Backends::describe(const Backend& backend, const Call& call, const Result<http::Response>& response) const {
  if (!response) return describe_failure(backend, call, go_words(response.error()));
  if (response->head.status >= 400) {
    logger_.error("backend call failed",
                  {{"url", backend.text}, {"status", response->head.status}, {"correlation_id", call.correlation_id}});
    return fmt::format("backend {} response status code {}", backend.text, response->head.status);
  }
  logger_.debug("payload received from backend", {{"response", response->body}, {"url", backend.text}});
  return response->body;
}

std::string Backends::describe_failure(const Backend& backend, const Call& call, std::string_view why) const {
  logger_.error("backend call failed", {{"url", backend.text}, {"error", why}, {"correlation_id", call.correlation_id}});
  return fmt::format("backend {0} call failed Post \"{0}\": {1}", backend.text, why);
}

io::Task<std::vector<std::string>> Backends::call_all(const Call& call) {
  std::vector<std::optional<std::string>> found(all_.size());
  Round round(loop_, all_.size());
  io::TaskSet calls;
  round.end.start(loop_.exact_now() + timeout_);
  for (size_t i = 0; i < all_.size(); ++i) calls.spawn(call_one(all_[i], call, round, found[i]));
  co_await round.ended.wait();
  calls.cancel_all();
  std::vector<std::string> answers;
  for (size_t i = 0; i < all_.size(); ++i)
    answers.push_back(found[i] ? *std::move(found[i]) : describe_failure(all_[i], call, "context deadline exceeded"));
  co_return answers;
}

}  // namespace pds::podinfo
