#include "podinfo/backend_way.h"

#include "base/ip_address.h"
#include "base/text.h"
#include "http/tls_connector.h"
#include "podinfo/host_addresses.h"

namespace pds::podinfo {

// What lies below TLS. It does what the connector it is given does, or the same in steps that can be told of.
class ToldConnector final : public io::Connector {
 public:
  using Connected = Result<std::unique_ptr<io::Stream>>;
  ToldConnector(io::Loop& loop, BackendWay::Place place, std::shared_ptr<io::Connector> tunnel, bool secure)
      : loop_(loop), place_(std::move(place)), tunnel_(std::move(tunnel)), secure_(secure) {}

  io::Task<Connected> connect(io::Deadline deadline) override {
    CallParts* parts = std::exchange(next_, nullptr);
    if (!parts) co_return co_await way_by_name()->connect(deadline);
    Connected made = fail_world("E_CONNECT", "");
    if (tunnel_) {
      made = co_await step(*parts, tunnel_, deadline);
    } else {
      made = co_await connect_in_steps(*parts, deadline);
    }
    if (made && secure_) parts->begin_handshake();
    co_return made;
  }
  std::string destination() const override { return way_by_name()->destination(); }

  // Who is told of the next connection. Set just before a client is asked, which asks for a connection before it waits for anything: so two
  // calls cannot meet here.
  void tell(CallParts* parts) { next_ = parts; }

 private:
  std::shared_ptr<io::Connector> way_by_name() const { return tunnel_ ? tunnel_ : io::tcp_connector(loop_, place_.host, place_.port); }

  io::Task<Connected> step(CallParts& parts, std::shared_ptr<io::Connector> way, io::Deadline deadline) {
    CallSpan connecting = parts.begin_connecting("http.connect");
    connecting.span().set("http.remote", way->destination());
    Connected made = co_await way->connect(deadline);
    connecting.end(made);
    co_return made;
  }

  io::Task<Result<std::vector<std::string>>> find_addresses(CallParts& parts, io::Deadline deadline) {
    if (parse_address(place_.host)) co_return std::vector<std::string>{place_.host};
    CallSpan asking = parts.begin_connecting("http.dns");
    Result<std::vector<std::string>> found = co_await find_host_addresses(loop_, place_.host, deadline);
    if (found) asking.span().set("http.dns.addrs", join(*found, ","));
    asking.end(found);
    co_return found;
  }

  io::Task<Connected> connect_in_steps(CallParts& parts, io::Deadline deadline) {
    CO_TRY(std::vector<std::string> addresses, co_await find_addresses(parts, deadline));
    Connected made = fail_world("E_RESOLVE", place_.host + " has no address");
    for (const std::string& address : addresses) {
      made = co_await step(parts, io::tcp_connector(loop_, address, place_.port), deadline);
      if (made || made.error().code == "E_TIMEOUT") break;
    }
    co_return made;
  }

  io::Loop& loop_;
  BackendWay::Place place_;
  std::shared_ptr<io::Connector> tunnel_;
  bool secure_;
  CallParts* next_ = nullptr;
};

namespace {

std::shared_ptr<io::Connector> secured(std::shared_ptr<io::Connector> plain, std::shared_ptr<const http::TlsClientContext> tls, std::string name) {
  if (!tls) return plain;
  return http::tls_connector(std::move(plain), std::move(tls), std::move(name));
}

bool has_body(const http::Request& request) { return !request.body.empty() || request.head.method == "POST"; }

io::Task<Result<void>> send_body(http::ClientExchange& exchange, const http::Request& request) {
  if (!has_body(request)) co_return Result<void>();
  if (!request.body.empty()) CO_CHECK(co_await exchange.write(request.body));
  co_return co_await exchange.finish();
}

}  // namespace

BackendWay::BackendWay(io::Loop& loop, Place place, std::shared_ptr<io::Connector> tunnel, std::shared_ptr<const http::TlsClientContext> tls,
                       http::ClientOptions options)
    : body_bytes_max_(options.limits.body_bytes_max),
      connector_(std::make_shared<ToldConnector>(loop, place, std::move(tunnel), tls != nullptr)),
      client_(loop, secured(connector_, std::move(tls), place.host), options) {}

BackendWay::~BackendWay() = default;

io::Task<Result<http::Response>> BackendWay::send(const http::Request& request, CallParts* parts) {
  connector_->tell(nullptr);
  if (!parts) co_return co_await client_.send(request);
  Attempt first = co_await attempt(request, *parts);
  if (!first.may_repeat) co_return std::move(first.response);
  Attempt second = co_await attempt(request, *parts);
  co_return std::move(second.response);
}

io::Task<Result<std::unique_ptr<http::ClientExchange>>> BackendWay::begin(const http::Request& request, CallParts& parts) {
  http::RequestHead head = request.head;
  if (has_body(request)) head.headers.add("Content-Length", std::to_string(request.body.size()));
  parts.begin_connection();
  connector_->tell(&parts);
  auto exchange = co_await client_.begin(head, has_body(request) ? http::RequestBody::sized : http::RequestBody::none);
  connector_->tell(nullptr);  // one that was kept has asked no connector
  parts.end_connection(exchange ? Result<bool>((*exchange)->reused_connection()) : std::unexpected(exchange.error()));
  // The client has put the head together by now, and lets it go with the body: no more than a moment is known of it.
  if (exchange) parts.begin("http.headers").end();
  co_return exchange;
}

io::Task<BackendWay::Attempt> BackendWay::attempt(const http::Request& request, CallParts& parts) {
  auto exchange = co_await begin(request, parts);
  if (!exchange) co_return Attempt{std::unexpected(exchange.error())};
  CallSpan sending = parts.begin("http.send");
  Result<void> sent = co_await send_body(**exchange, request);
  sending.end(sent);
  if (!sent && sent.error().code == "E_TIMEOUT") co_return Attempt{std::unexpected(sent.error())};
  // A peer may answer (413, 401) and stop reading before all is sent: the answer counts more than the failure to send.
  Result<const http::ResponseHead*> head = co_await (*exchange)->response();
  if (head) co_return Attempt{co_await receive(**exchange, **head, parts)};
  const Error& error = sent ? head.error() : sent.error();
  bool untouched = (*exchange)->reused_connection() && !(*exchange)->response_began() && error.code == "E_CLOSED";
  co_return Attempt{std::unexpected(error), untouched && !(*exchange)->request_was_sent()};
}

io::Task<Result<http::Response>> BackendWay::receive(http::ClientExchange& exchange, const http::ResponseHead& head, CallParts& parts) {
  CallSpan receiving = parts.begin("http.receive");
  http::Response response{head, {}};
  Result<std::string> body = co_await http::read_all(exchange.body(), body_bytes_max_);
  receiving.end(body);
  if (!body) co_return std::unexpected(body.error());
  response.body = *std::move(body);
  co_return response;
}

}  // namespace pds::podinfo
