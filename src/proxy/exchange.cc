#include "proxy/exchange.h"

#include <algorithm>
#include <chrono>

#include "proxy/tunnel.h"

namespace pds::proxy {
namespace {

Duration between(MonoTime from, MonoTime to) { return std::chrono::duration_cast<Duration>(to - from); }

}  // namespace

Exchange::Exchange(Frontend& front, http::ServerRequest& request, http::Responder& responder)
    : front_(front),
      routes_(front.routes_),
      request_(request),
      responder_(responder),
      memory_(front.take_memory()),
      began_(front.loop_.now()) {
  const FrontSettings& settings = routes_->settings;
  entry_.started = front_.wall_clock_.now();
  entry_.load_balancer = settings.load_balancer_id;
  entry_.client = request.peer;
  entry_.method = request.head.method;
  entry_.request_target = request.head.target;
  entry_.host = without_port(request.head.host());
  if (request.session) {
    entry_.type = entry_.scheme = "https";
    entry_.ssl_cipher = request.session->cipher;
    entry_.ssl_protocol = request.session->version;
    entry_.domain = request.session->server_name;
    entry_.certificate = request.session->certificate;
  }
  entry_.port = settings.port;
  entry_.version = request.head.version_minor ? "HTTP/1.1" : "HTTP/1.0";
  if (request.head.version_major == 2) {
    entry_.type = "h2";
    entry_.version = "HTTP/2.0";
  }
  entry_.received_bytes = request.head_bytes;
  ++front_.counters_->requests;
  make_trace_id(entry_.started, front_.random_, memory_->trace_id);
  entry_.trace_id = memory_->trace_id;
}

Exchange::~Exchange() {
  MonoTime ended = front_.loop_.exact_now();
  if (sending_at_ != MonoTime{}) entry_.response_time = between(head_at_, sending_at_);
  FrontCounters& counters = *front_.counters_;
  if (entry_.elb_status == 0) {  // the client went away before it got an answer
    entry_.elb_status = 460;
    own_answer_ = true;
    ++counters.clients_gone;
  }
  if (own_answer_ && entry_.elb_status >= 300) counters.count_own_status(entry_.elb_status);
  uint64_t written = responder_.bytes_sent();
  entry_.sent_bytes = tunnelled_ ? entry_.sent_bytes + written : std::max(entry_.sent_bytes, written);
  counters.received_bytes += entry_.received_bytes;
  counters.sent_bytes += entry_.sent_bytes;
  if (target_ && target_->spec.function) counters.function_bytes += entry_.received_bytes + entry_.sent_bytes;
  log(ended);
  flight_.reset();
  front_.give_back(std::move(memory_));
}

void Exchange::log(MonoTime ended) {
  bool slow = front_.slow_log_ && !tunnelled_ && between(began_, sending_at_ == MonoTime{} ? ended : sending_at_) >= front_.slow_threshold_;
  bool line = front_.takes_next_line();
  if (!slow && !line) return;
  entry_.finished = entry_.started + between(began_, ended);
  entry_.connection_trace = front_.connection_trace(request_.connection);
  entry_.user_agent = request_.head.headers.find(http::FieldName::user_agent).value_or("");
  if (auto trace = memory_->upstream_head.headers.find(http::FieldName::x_amzn_trace_id); trace && sent_ != MonoTime{}) entry_.trace_id = *trace;
  if (line) front_.access_log_(front_.formatter_.format(entry_));
  if (!slow) return;
  ++front_.counters_->slow_requests;
  front_.slow_log_(entry_);
}

io::Task<void> Exchange::run() {
  const http::RequestHead& head = request_.head;
  const FrontSettings& settings = routes_->settings;
  if (settings.client_keep_alive > Duration{0} && began_ - request_.connected > settings.client_keep_alive)
    responder_.close_after();
  // Both would make the target, or the balancer, act for somebody else.
  if (head.method == "TRACE" || head.method == "CONNECT") return answer(405, "");
  RequestView view = view_of(head, host_of_peer(request_.peer));
  uint64_t before = front_.counters_->rule_evaluations;
  const Action& action = routes_->match(view, front_.counters_->rule_evaluations, entry_.rule_priority);
  uint64_t evaluated = front_.counters_->rule_evaluations - before;
  if (evaluated > free_rule_evaluations) front_.counters_->charged_rule_evaluations += evaluated - free_rule_evaluations;
  if (const auto* to = std::get_if<Forward>(&action)) return forward(*to);
  if (const auto* redirect = std::get_if<Redirect>(&action)) return answer_redirect(*redirect, view);
  return answer_fixed(std::get<FixedResponse>(action));
}

// ---- forwarding ----

io::Task<void> Exchange::forward(const Forward& to) {
  entry_.action = "forward";
  forward_ = &to;
  std::string_view kept = to.stickiness_seconds > 0 ? cookie(request_.head.headers, group_cookie) : std::string_view{};
  choice_ = to.choose(front_.random_.next(), kept, entry_.started);
  if (!choice_) return answer(503, "");
  TargetGroup& group = *choice_->group;
  entry_.target_group = group.settings().name;
  target_ = group.settings().stickiness_seconds > 0 ? pick_target(group) : group.pick();
  if (!target_) return answer(503, "");
  if (group.settings().stickiness_seconds > 0 && !was_placed_) ++target_->counters->non_sticky_requests;
  if (!target_->spec.function) entry_.target = target_->spec.authority;
  flight_.emplace(target_);
  flight_->on_cut([](void* self) { static_cast<Exchange*>(self)->cut(); }, this);
  ++target_->counters->requests;
  return target_->spec.function ? forward_to_function() : forward_to_server();
}

// Where the application's own cookie is followed, the client must send both.
std::shared_ptr<Target> Exchange::pick_target(TargetGroup& group) {
  const http::Headers& headers = request_.head.headers;
  const std::string& app_cookie = group.settings().app_cookie;
  if (!app_cookie.empty() && cookie(headers, app_cookie).empty()) return group.pick();
  auto [found, valid] = group.pick_sticky(cookie(headers, app_cookie.empty() ? target_cookie : app_target_cookie), entry_.started);
  was_kept_ = valid;
  was_placed_ = found != nullptr;
  return found ? found : group.pick();
}

// The deregistration delay has passed: the target is taken away whatever it is doing.
void Exchange::cut() {
  if (client_stream_) client_stream_->close();
  if (target_stream_) target_stream_->close();
  if (upstream_) upstream_->cut();
}

void Exchange::add_cookies(const http::Headers& answer, http::Headers& headers) {
  TargetGroup& group = *choice_->group;
  bool secure = routes_->settings.secure;
  Timestamp expires = entry_.started + sticky_cookie_lifetime;
  if (forward_->stickiness_seconds > 0) {
    add_sticky_cookies(headers, group_cookie, forward_->cookie_for(*choice_, entry_.started), expires, secure);
  }
  const TargetGroupSettings& settings = group.settings();
  if (settings.stickiness_seconds == 0) return;
  if (settings.app_cookie.empty()) {
    add_sticky_cookies(headers, target_cookie, group.cookie_for(*target_, entry_.started), expires, secure);
  } else if (was_kept_ || sets_cookie(answer, settings.app_cookie)) {
    add_app_sticky_cookie(headers, group.cookie_for(*target_, entry_.started), expires, secure);
  }
}

// Whether answers get fields of ours, or lose some of theirs.
bool Exchange::changes_answers() const {
  const FrontSettings& settings = routes_->settings;
  bool sticks = forward_->stickiness_seconds > 0 || choice_->group->settings().stickiness_seconds > 0;
  return sticks || !settings.server_header || !settings.response_headers.empty();
}

const http::ResponseHead& Exchange::downstream_head(const http::ResponseHead& answer) {
  if (request_.head.version_major == 1 && !changes_answers() && passes_as_it_is(answer.headers)) return answer;
  build_downstream_head(answer, memory_->downstream_head);
  apply_response_headers(routes_->settings, memory_->downstream_head.headers);
  add_cookies(answer.headers, memory_->downstream_head.headers);
  return memory_->downstream_head;
}

// From here on the client is being answered by what the target said.
void Exchange::begin_sending() { sending_at_ = std::max(head_at_, front_.loop_.now()); }

void Exchange::count_head(int status) {
  head_at_ = std::max(sent_, front_.loop_.now());  // when it was noticed, not when its turn came
  entry_.target_status = entry_.elb_status = status;
  entry_.target_time = between(sent_, head_at_);
  target_->counters->response_time_us.record(static_cast<uint64_t>(entry_.target_time.count()));
  target_->count_outcome(status >= 500);
  auto status_class = static_cast<size_t>(status / 100);
  if (status_class < target_->counters->status_classes.size()) ++target_->counters->status_classes[status_class];
}

io::Task<void> Exchange::forward_to_function() {
  auto body = co_await http::read_all(request_.body, function_body_bytes_max);
  if (!body) co_return co_await refuse_function_body(body.error());
  entry_.received_bytes += body->size();
  prepare_upstream_head();
  bool multi_value = choice_->group->settings().multi_value_headers;
  std::string event = to_alb_event(memory_->upstream_head, *body, entry_.target_group, multi_value);
  sent_ = front_.loop_.exact_now();
  entry_.request_time = between(began_, sent_);
  auto document = co_await target_->spec.function->invoke(std::move(event));
  if (!document) co_return co_await answer_function_failure(document.error());
  auto reply = from_alb_reply(*document);
  if (!reply) co_return co_await answer_function_failure(reply.error());
  count_head(reply->head.status);
  reply->head.headers.remove("content-length");
  begin_sending();
  auto sent = co_await responder_.send(downstream_head(reply->head), reply->body);
  if (sent) entry_.sent_bytes = reply->body.size();
}

io::Task<void> Exchange::refuse_function_body(const Error& error) {
  if (error.code != "E_TOO_LARGE") co_return co_await answer(400, "");
  ++target_->counters->function_errors;
  co_await answer(413, "LambdaRequestTooLarge");
}

io::Task<void> Exchange::answer_function_failure(const Error& error) {
  FunctionFailure failure = failure_of(error);
  ++(failure.is_users ? target_->counters->function_errors : target_->counters->function_service_errors);
  co_await answer(502, failure.reason);
}

void Exchange::prepare_upstream_head() {
  ForwardedFrom from{host_of_peer(request_.peer), port_of_peer(request_.peer), memory_->trace_id};
  if (request_.session) from.tls_version = request_.session->version, from.tls_cipher = request_.session->cipher;
  bool dropped = build_upstream_head(request_.head, routes_->settings, from, memory_->upstream_head);
  if (dropped) ++front_.counters_->dropped_header_requests;
  if (std::string_view upgrade = upgrade_of(request_.head); !upgrade.empty()) {
    memory_->upstream_head.headers.add("Upgrade", upgrade);
    memory_->upstream_head.headers.add("Connection", "upgrade");
  }
  if (protocol() == TargetProtocol::grpc) memory_->upstream_head.headers.add("TE", "trailers");  // its servers ask for that
}

io::Task<Result<Exchange::Upload>> Exchange::prepare_upload() {
  Upload upload;
  std::optional<uint64_t> length = request_.body.length();
  upload.kind = length ? http::RequestBody::sized : http::RequestBody::chunked;
  upload.streams = true;
  if (protocol() == TargetProtocol::grpc) co_return upload;  // a call may wait for the answer's head before it says anything
  CO_TRY(upload.first, co_await request_.body.read());
  entry_.received_bytes += upload.first.size();
  if (length && *length == upload.first.size()) upload.streams = false;
  co_return upload;
}

io::Task<void> Exchange::forward_to_server() {
  if (!suits(request_.head, protocol())) co_return co_await answer(464, "");
  if (protocol() == TargetProtocol::grpc) {
    entry_.type = "grpcs";
    ++front_.counters_->grpc_requests;
  }
  bool bodyless = request_.body.length() == uint64_t{0};
  Result<Upload> upload = bodyless ? Upload{} : co_await prepare_upload();
  if (!upload) {
    responder_.close_after();
    co_return co_await answer(upload.error().code == "E_TIMEOUT" ? 408 : 400, "");
  }
  prepare_upstream_head();
  io::TaskSet uploading;  // cancelled when the answer is complete before the upload is
  auto begun = co_await attempt(*upload, uploading);
  if (!begun && may_try_again(*upload, begun.error())) {
    ++target_->counters->retries;
    upstream_.reset();
    target_->client->close_idle();  // what was kept beside a stale connection is no fresher
    begun = co_await attempt(*upload, uploading);
  }
  if (!begun) {
    if (!upload_done_) responder_.close_after();
    if (client_error_) co_return co_await answer(client_error_->code == "E_TIMEOUT" ? 408 : 400, "");
    if (!target_->is_cut()) target_->count_outcome(true);
    if (is_connection_error(begun.error()) || sent_ == MonoTime{}) ++target_->counters->connection_errors;
    co_return co_await answer(target_->is_cut() ? 502 : status_of_failure(begun.error()), "");
  }
  count_head(head_->status);
  if (head_->status == 101) {
    co_await tunnel();
  } else {
    co_await relay();
  }
}

bool Exchange::may_try_again(const Upload& upload, const Error& error) const {
  if (client_error_ || target_->is_cut()) return false;
  FailedAttempt failed;
  failed.reused_connection = upstream_ && upstream_->reused_connection();
  failed.request_was_sent = upstream_ && upstream_->request_was_sent();
  failed.body_can_be_repeated = !upload.streams;
  failed.answer_began = upstream_ && upstream_->response_began();
  failed.timed_out = error.code == "E_TIMEOUT";
  return may_send_again(failed, request_.head.method);
}

// One try: head and body to the target, and its answer's head into head_.
io::Task<Result<void>> Exchange::attempt(const Upload& upload, io::TaskSet& uploading) {
  CO_TRY(upstream_, co_await target_->client->begin(memory_->upstream_head, upload.kind));
  if (!upstream_->reused_connection()) ++target_->counters->new_connections;
  if (upload.streams) co_return co_await answer_while_uploading(upload, uploading);
  if (!upload.first.empty()) {
    CO_CHECK(co_await upstream_->write(upload.first));
    CO_CHECK(co_await upstream_->finish());
  }
  sent_ = front_.loop_.exact_now();
  entry_.request_time = between(began_, sent_);
  CO_TRY(head_, co_await upstream_->response());
  co_return Result<void>{};
}

// A target may answer before it has read everything (413, say), so both directions run at once.
io::Task<Result<void>> Exchange::answer_while_uploading(const Upload& upload, io::TaskSet& uploading) {
  sent_ = front_.loop_.exact_now();
  entry_.request_time = between(began_, sent_);
  upload_done_ = false;
  io::TaskSet waiting;
  uploading.spawn(upload_rest(upload.first));
  waiting.spawn(wait_for_head());
  co_await decided_.wait();
  co_await front_.loop_.yield();  // whoever woke us is still running: it may not be destroyed before it has come to its end
  if (client_error_) co_return std::unexpected(*client_error_);
  if (head_error_) co_return std::unexpected(*head_error_);
  co_return Result<void>{};
}

io::Task<void> Exchange::wait_for_head() {
  auto head = co_await upstream_->response();
  if (head) {
    head_ = *head;
  } else {
    head_error_ = std::move(head).error();
  }
  decided_.set();
}

// What goes wrong on the target's side is left to wait_for_head: the target may have answered before it closed.
io::Task<void> Exchange::upload_rest(std::string_view first) {
  auto sent = co_await upstream_->write(first);
  while (sent) {
    auto piece = co_await request_.body.read();
    if (!piece) {
      client_error_ = std::move(piece).error();
      decided_.set();
      co_return;
    }
    if (piece->empty()) {
      upload_done_ = true;
      sent = co_await upstream_->finish();
      co_return;
    }
    entry_.received_bytes += piece->size();
    sent = co_await upstream_->write(*piece);
  }
}

// ---- the way back ----

io::Task<void> Exchange::relay() {
  const http::ResponseHead& head = downstream_head(*head_);
  http::Body& body = upstream_->body();
  std::optional<uint64_t> length = body.length();
  if (!upload_done_) responder_.close_after();
  std::string_view first;
  // Over HTTP/2 trailers may follow a body of any kind.
  bool in_one_piece = length && *length <= answer_piece_bytes_max && (*length == 0 || protocol() == TargetProtocol::http1);
  if (in_one_piece) {
    auto piece = co_await body.read();
    if (!piece) co_return co_await answer(status_of_failure(piece.error()), "");
    if (piece->size() == *length) {
      begin_sending();
      auto sent = co_await responder_.send(head, *piece);
      if (sent) entry_.sent_bytes = piece->size();
      if (*length > 0) co_await body.read();  // the end: the connection can serve the next request
      co_return;
    }
    first = *piece;
  }
  co_await relay_stream(head, first);
}

// Returning without finish() cuts the client's connection: it must not take half an answer for a whole one.
io::Task<void> Exchange::relay_stream(const http::ResponseHead& head, std::string_view first) {
  begin_sending();
  auto sent = co_await responder_.start(head, first);
  if (sent) entry_.sent_bytes = first.size();
  http::Body& body = upstream_->body();
  while (sent) {
    auto piece = co_await body.read();
    if (!piece) {
      entry_.error_reason = "TargetResponseCutShort";
      co_return;
    }
    if (piece->empty()) {
      if (!upload_done_) responder_.close_after();
      co_await responder_.finish(body.trailers().size() ? &body.trailers() : nullptr);
      co_return;
    }
    sent = co_await responder_.write(*piece);
    if (sent) entry_.sent_bytes += piece->size();
  }
}

io::Task<void> Exchange::tunnel() {
  entry_.type = request_.secure ? "wss" : "ws";
  std::string_view upgrade = upgrade_of(request_.head);
  if (upgrade.empty()) {  // nobody asked for it
    entry_.target_status = 101;
    co_return co_await answer(502, "");
  }
  build_downstream_head(*head_, memory_->downstream_head);
  memory_->downstream_head.headers.add("Upgrade", head_->headers.find(http::FieldName::upgrade).value_or(upgrade));
  memory_->downstream_head.headers.add("Connection", "upgrade");
  target_stream_ = upstream_->take_stream();
  begin_sending();
  auto client = co_await responder_.upgrade(memory_->downstream_head);
  if (!client) co_return;
  client_stream_ = std::move(*client);
  tunnelled_ = true;
  TunnelCounts counts = co_await run_tunnel(*client_stream_, *target_stream_, routes_->settings.idle_timeout);
  entry_.received_bytes += counts.from_client;
  entry_.sent_bytes += counts.from_target;
}

}  // namespace pds::proxy
