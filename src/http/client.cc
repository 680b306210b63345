#include "http/client.h"

#include "base/byte_scan.h"
#include "base/text.h"
#include "http/client_exchange.h"
#include "http/tls_connector.h"

namespace pds::http {
namespace {

bool is_idempotent(std::string_view method) {
  for (std::string_view known : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}) {
    if (method == known) return true;
  }
  return false;
}

Result<OutgoingFraming> framing_of(const RequestHead& head, RequestBody body) {
  auto may_not_stand = [](auto byte) { return (byte <= 0x20) | (byte == 0x7f); };
  if (!is_token(head.method) || head.target.empty() || find_special(head.target, 0, may_not_stand) < head.target.size() ||
      !can_be_sent(head.headers)) {
    return fail("E_BAD_MESSAGE", "the request's method, target or header fields cannot be sent");
  }
  if (!head.headers.find(FieldName::host)) return fail("E_BAD_MESSAGE", "the request has no Host");
  if (body == RequestBody::none) return OutgoingFraming{};
  if (body == RequestBody::chunked) return OutgoingFraming{OutgoingFraming::chunked, 0};
  auto text = head.headers.find(FieldName::content_length);
  std::optional<int64_t> length = text ? parse_int(*text) : std::nullopt;
  if (!length || *length < 0) return fail("E_BAD_MESSAGE", "a request with a sized body needs its Content-Length");
  return OutgoingFraming{OutgoingFraming::sized, static_cast<uint64_t>(*length)};
}

// A method that usually has a body says so even when it is empty (RFC 9110 8.6).
OutgoingFraming framing_of_whole(const Request& request) {
  const std::string& method = request.head.method;
  bool says_length = !request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  return says_length ? OutgoingFraming{OutgoingFraming::sized, request.body.size()} : OutgoingFraming{};
}

}  // namespace

struct Client::Impl : ClientShared {
  using Shared = std::shared_ptr<ClientShared>;

  // Over a pooled connection, or null.
  static std::unique_ptr<Exchange> reuse(const Shared& shared, std::string_view method) {
    std::unique_ptr<ClientConnection> pooled = shared->take_idle(!is_idempotent(method));
    return pooled ? std::make_unique<Exchange>(shared, std::move(pooled), true) : nullptr;
  }

  static io::Task<Result<std::unique_ptr<Exchange>>> open(Shared shared) {
    CO_TRY(auto stream, co_await shared->connector->connect(shared->loop.exact_now() + shared->options.connect_timeout));
    auto connection = std::make_unique<ClientConnection>(std::move(stream), shared->buffers);
    co_return std::make_unique<Exchange>(std::move(shared), std::move(connection), false);
  }

  // ---- where HTTP/2 may be spoken ----

  // One of the two: by_alpn may end up with either.
  struct Opened {
    std::unique_ptr<Exchange> http1;
    std::unique_ptr<H2Exchange> http2;
  };

  static io::Task<Result<Opened>> open_any(Shared shared, std::string_view method, bool fresh) {
    Opened opened;
    if (shared->options.protocol == Protocol::by_alpn && !fresh) opened.http1 = reuse(shared, method);
    if (opened.http1) co_return opened;
    std::shared_ptr<H2ClientConnection> there = co_await there_or_coming(shared);
    if (!there) co_return co_await connect_any(std::move(shared));
    opened.http2 = std::make_unique<H2Exchange>(std::move(there));
    co_return opened;
  }

  // A connection that is being made will carry all who wait for it.
  static io::Task<std::shared_ptr<H2ClientConnection>> there_or_coming(Shared shared) {
    std::shared_ptr<H2ClientConnection> there = shared->http2.take();
    if (there || !shared->http2_connecting) co_return there;
    std::shared_ptr<io::Event> connecting = shared->http2_connecting;
    co_await connecting->wait();
    co_return shared->http2.take();
  }

  struct Connecting {  // whatever comes of it, those who wait go on
    Shared shared;
    std::shared_ptr<io::Event> event;
    explicit Connecting(Shared s) : shared(std::move(s)) {
      bool carries_all = shared->options.protocol == Protocol::http2;  // by_alpn: not known yet
      if (carries_all && !shared->http2_connecting) event = shared->http2_connecting = std::make_shared<io::Event>();
    }
    ~Connecting() {
      if (!event) return;
      shared->http2_connecting = nullptr;
      shared->loop.post([event = std::move(event)] { event->set(); });
    }
  };

  static io::Task<Result<Opened>> connect_any(Shared shared) {
    const ClientOptions& options = shared->options;
    std::string destination = shared->connector->destination();
    if (shared->http2.size() >= options.http2_connections_max)
      co_return fail_world("E_OVERLOADED", "every connection to " + destination + " is full");
    Connecting connecting(shared);
    MonoTime deadline = shared->loop.exact_now() + options.connect_timeout;
    CO_TRY(auto stream, co_await shared->connector->connect(deadline));
    const io::SecureSession* secure = stream->secure_session();
    Opened opened;
    if (options.protocol == Protocol::by_alpn && !(secure && secure->protocol == "h2")) {
      auto connection = std::make_unique<ClientConnection>(std::move(stream), shared->buffers);
      opened.http1 = std::make_unique<Exchange>(shared, std::move(connection), false);
      co_return opened;
    }
    if (!shared->http2_memory) shared->http2_memory = std::make_shared<H2Memory>();
    auto connection = H2ClientConnection::make(shared->loop, std::move(stream), shared->http2_memory, options, destination);
    CO_CHECK(co_await connection->greeting(deadline));
    if (!shared->closed) shared->http2.add(connection);
    opened.http2 = std::make_unique<H2Exchange>(std::move(connection));
    co_return opened;
  }

  static io::Task<Result<std::unique_ptr<ClientExchange>>> begin_any(Shared shared, const RequestHead& head,
                                                                     OutgoingFraming framing) {
    CO_TRY(Opened opened, co_await open_any(shared, head.method, false));
    if (opened.http2) {
      CO_CHECK(opened.http2->begin(head, framing));
      co_return std::move(opened.http2);
    }
    CO_CHECK(opened.http1->begin(head, framing, nullptr));
    co_return std::move(opened.http1);
  }

  static io::Task<Result<std::unique_ptr<ClientExchange>>> begin_fresh(Shared shared, const RequestHead& head, OutgoingFraming framing) {
    CO_TRY(std::unique_ptr<Exchange> exchange, co_await open(std::move(shared)));
    CO_CHECK(exchange->begin(head, framing, nullptr));
    co_return std::move(exchange);
  }

  // ---- whole exchanges ----

  struct Attempt {
    Result<Response> response;
    bool may_repeat = false;  // a stale connection, and repeating cannot do anything twice
  };

  static io::Task<Attempt> attempt(Shared shared, const Request& request, bool fresh) {
    Opened opened;
    if (shared->options.protocol != Protocol::http1) {
      Result<Opened> any = co_await open_any(shared, request.head.method, fresh);
      if (!any) co_return Attempt{std::unexpected(std::move(any).error())};
      opened = *std::move(any);
    } else {
      if (!fresh) opened.http1 = reuse(shared, request.head.method);
      if (!opened.http1) {
        Result<std::unique_ptr<Exchange>> made = co_await open(shared);
        if (!made) co_return Attempt{std::unexpected(std::move(made).error())};
        opened.http1 = *std::move(made);
      }
    }
    if (opened.http2) co_return co_await attempt_http2(shared, request, *opened.http2);
    co_return co_await attempt_http1(shared, request, *opened.http1);
  }

  static io::Task<Attempt> attempt_http1(Shared shared, const Request& request, Exchange& exchange) {
    std::string_view body = request.body;
    co_return co_await answer(shared, request, exchange, exchange.begin(request.head, framing_of_whole(request), &body));
  }

  static io::Task<Attempt> attempt_http2(Shared shared, const Request& request, H2Exchange& exchange) {
    Result<void> begun = exchange.begin(request.head, framing_of_whole(request));
    if (begun && !request.body.empty()) begun = co_await exchange.write(request.body);
    co_return co_await answer(shared, request, exchange, std::move(begun));
  }

  template <class AnyExchange>
  static io::Task<Attempt> answer(Shared shared, const Request& request, AnyExchange& exchange, Result<void> begun) {
    if (!begun && begun.error().code == "E_TIMEOUT") co_return Attempt{std::unexpected(std::move(begun).error())};
    // A peer may answer (413, 401) and stop reading before all is sent: the answer counts more than the failure to send.
    Result<const ResponseHead*> head = co_await exchange.response();
    if (!head) {
      Error error = begun ? std::move(head).error() : std::move(begun).error();
      bool untouched = exchange.reused_connection() && !exchange.response_began() && error.code == "E_CLOSED";
      co_return Attempt{std::unexpected(std::move(error)),
                        untouched && (is_idempotent(request.head.method) || !exchange.request_was_sent())};
    }
    Result<std::string> whole = co_await read_all(exchange.body(), shared->options.limits.body_bytes_max);
    if (!whole) co_return Attempt{std::unexpected(std::move(whole).error())};
    co_return Attempt{Response{exchange.take_head(), *std::move(whole)}};
  }
};

Client::Client(io::Loop& loop, std::shared_ptr<io::Connector> connector, ClientOptions options)
    : impl_(new Impl{{loop, std::move(connector), options}}) {}

Client::~Client() {
  impl_->closed = true;
  close_idle();
  impl_->http2.retire_all();
}

io::Task<Result<std::unique_ptr<ClientExchange>>> Client::begin(const RequestHead& head, RequestBody body) {
  using Begun = Result<std::unique_ptr<ClientExchange>>;
  Result<OutgoingFraming> framing = framing_of(head, body);
  if (!framing) return io::Task<Begun>::ready(std::unexpected(std::move(framing).error()));
  if (impl_->options.protocol != Protocol::http1) return Impl::begin_any(impl_, head, *framing);
  if (std::unique_ptr<Exchange> exchange = Impl::reuse(impl_, head.method)) {
    Result<void> begun = exchange->begin(head, *framing, nullptr);
    if (begun) return io::Task<Begun>::ready(std::move(exchange));
    if (exchange->request_was_sent()) return io::Task<Begun>::ready(std::unexpected(std::move(begun).error()));
  }
  return Impl::begin_fresh(impl_, head, *framing);
}

io::Task<Result<Response>> Client::send(const Request& request) {
  Impl::Shared shared = impl_;
  CO_TRY([[maybe_unused]] OutgoingFraming valid, framing_of(request.head, RequestBody::none));
  Impl::Attempt first = co_await Impl::attempt(shared, request, false);
  if (!first.may_repeat) co_return std::move(first.response);
  Impl::Attempt second = co_await Impl::attempt(shared, request, true);
  co_return std::move(second.response);
}

io::Task<Client::Pair> Client::send_pair(const Request& first, const Request& second) {
  Impl::Shared shared = impl_;
  ASSERT(shared->options.protocol == Protocol::http1 && is_idempotent(second.head.method) && second.body.empty());
  for (const Request* request : {&first, &second}) {
    Result<OutgoingFraming> valid = framing_of(request->head, RequestBody::none);
    if (!valid) co_return Pair{std::unexpected(std::move(valid).error()), nullptr};
  }
  std::unique_ptr<Exchange> exchange = Impl::reuse(shared, first.head.method);
  if (!exchange) {
    Result<std::unique_ptr<Exchange>> made = co_await Impl::open(shared);
    if (!made) co_return Pair{std::unexpected(std::move(made).error()), nullptr};
    exchange = *std::move(made);
  }
  Result<void> begun = exchange->begin_pair(first.head, framing_of_whole(first), first.body, second.head);
  Impl::Attempt answered = co_await Impl::answer(shared, first, *exchange, std::move(begun));
  co_return Pair{std::move(answered.response), exchange->take_follower()};
}

size_t Client::idle_connections() const { return impl_->idle.size() + impl_->http2.idle(); }

void Client::close_idle() {
  impl_->idle.clear();
  impl_->sweep.cancel();
  impl_->http2.close_idle();
}

io::Task<Result<Response>> fetch(io::Loop& loop, const std::string& method, const std::string& url, Headers headers,
                                 std::string body, ClientOptions options, std::shared_ptr<const TlsClientContext> tls) {
  CO_TRY(Url parsed, parse_url(url));
  CO_TRY(std::shared_ptr<io::Connector> connector, url_connector(loop, parsed, std::move(tls)));
  Request request;
  request.head.method = method;
  request.head.target = parsed.target;
  request.head.headers = std::move(headers);
  if (!request.head.headers.find(FieldName::host)) request.head.headers.add("Host", host_field(parsed));
  request.body = std::move(body);
  Client client(loop, std::move(connector), options);
  co_return co_await client.send(request);
}

}  // namespace pds::http
