#include "podinfo/request_trace.h"

#include "base/ip_address.h"
#include "base/text.h"
#include "podinfo/document.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view known_methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

std::string_view known_method(std::string_view method) {
  for (std::string_view known : known_methods) {
    if (method == known) return known;
  }
  return {};
}

template <size_t Size>
std::string hex(const std::array<unsigned char, Size>& id) {
  return to_hex({reinterpret_cast<const char*>(id.data()), Size});
}

}  // namespace

std::string route_template(const Endpoint& endpoint) {
  std::string path(endpoint.path);
  if (endpoint.match == Endpoint::Match::number) return path + (path == "/status/" ? "{code:[0-9]+}" : "{wait:[0-9]+}");
  if (endpoint.match == Endpoint::Match::segment) return path + (path == "/store/" ? "{hash}" : path == "/cache/" ? "{key}" : "{id}");
  return path;
}

std::string_view handler_name(const Endpoint& endpoint) {
  constexpr std::pair<std::string_view, std::string_view> of_paths[] = {
      {"/", "indexHandler"},          {"/api/info", "infoHandler"},  {"/echo", "echoHandler"},          {"/api/echo", "echoHandler"},
      {"/env", "envHandler"},         {"/delay/", "delayHandler"},   {"/headers", "echoHeadersHandler"}, {"/status/", "statusHandler"},
      {"/configs", "configReadHandler"}, {"/token", "tokenGenerateHandler"}, {"/token/validate", "tokenValidateHandler"},
      {"/chunked", "chunkedHandler"}, {"/chunked/", "chunkedHandler"}, {"/store", "storeWriteHandler"},  {"/store/", "storeReadHandler"}};
  for (const auto& [path, name] : of_paths) {
    if (endpoint.path == path) return name;
  }
  if (endpoint.path != "/cache/") return {};
  if (endpoint.methods & method_get) return "cacheReadHandler";
  return endpoint.methods & method_delete ? "cacheDeleteHandler" : "cacheWriteHandler";
}

RequestTrace::RequestTrace(trace::Tracer& tracer, const Endpoint& endpoint, const std::string& service, std::string_view prefix,
                           const Call& call, const http::ServerRequest& request)
    : tracer_(tracer), endpoint_(endpoint) {
  trace::Carried carried = tracer.extract(call.head.headers);
  baggage_ = std::move(carried.baggage);
  std::string_view method = known_method(call.head.method);
  std::string route = std::string(prefix) + route_template(endpoint);
  server_ = tracer.start(std::string(method.empty() ? "HTTP" : method) + " " + route, trace::SpanKind::server, carried.context);
  if (!server_.context.sampled) return;
  std::string_view peer = host_of_peer(request.peer), forwarded = call.head.headers.find("x-forwarded-for").value_or("");
  server_.set("http.request.method", std::string(method.empty() ? "_OTHER" : method));
  if (method.empty()) server_.set("http.request.method_original", call.head.method);
  server_.set("url.scheme", request.secure ? "https" : "http");
  server_.set("url.path", std::string(call.head.path()));
  if (!call.head.query().empty()) server_.set("url.query", std::string(call.head.query()));
  server_.set("http.route", route);
  server_.set("server.address", service);
  server_.set("network.peer.address", std::string(peer));
  if (auto port = parse_int(port_of_peer(request.peer))) server_.set("network.peer.port", *port);
  server_.set("client.address", std::string(forwarded.empty() ? peer : trim(forwarded.substr(0, forwarded.find(',')))));
  if (auto agent = call.head.headers.find("user-agent")) server_.set("user_agent.original", std::string(*agent));
  server_.set("network.protocol.version", call.head.version_major == 2 ? "2" : call.head.version_minor == 0 ? "1.0" : "1.1");
}

void RequestTrace::set_invocation(const std::string& id, const std::string& function_arn) {
  server_.set("faas.invocation_id", id);
  server_.set("cloud.resource_id", function_arn);
}

void RequestTrace::begin_handler() {
  std::string_view name = handler_name(endpoint_);
  if (!name.empty()) handler_ = tracer_.start_child(server_, std::string(name));
}

void RequestTrace::note(const http::Response& response) {
  if (!handler_) return;
  if (std::optional<ErrorDocument> error = read_error_document(response)) handler_->fail(std::move(error->message));
}

void RequestTrace::end(int status) {
  if (handler_) tracer_.end(*handler_, trace::Scope::handlers);
  if (status > 0) server_.set("http.response.status_code", static_cast<int64_t>(status));
  if (status >= 500) server_.fail("");
  tracer_.end(server_, trace::Scope::http_server);
}

std::string RequestTrace::trace_id() const { return hex(server_.context.trace_id); }
std::string RequestTrace::span_id() const { return hex(inner().context.span_id); }

}  // namespace pds::podinfo
