#include "podinfo/lambda_runtime.h"

#include <algorithm>

#include "base/text.h"
#include "io/time_limit.h"
#include "podinfo/lambda_event.h"
#include "podinfo/lambda_failure.h"
#include "podinfo/trace_variable.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view invocation_path = "/2018-06-01/runtime/invocation/";
constexpr Duration retry_pause_min = 20ms;
constexpr Duration retry_pause_max = 2s;
// Some five minutes of pauses: longer than a cloud takes to restart.
constexpr int retries_max = 150;
// Lambda kills three tenths of a second after it has asked to end: this is for the invocation, this to tell that there was no time for it, and
// what is left for telemetry.
constexpr Duration finish_time_max = 150ms, refusal_time_max = 50ms;
constexpr size_t receipt_bytes_max = 64 * 1024;

http::ClientOptions patient() {
  http::ClientOptions options;
  options.response_timeout = 24h;  // the answer to "next" comes when somebody invokes, with the environment frozen meanwhile
  options.idle_timeout = 24h;
  options.limits.body_bytes_max = event_bytes_max;
  return options;
}

std::shared_ptr<io::Connector> connector_to(io::Loop& loop, const std::string& api) {
  size_t colon = api.rfind(':');
  std::optional<int64_t> port = colon == std::string::npos ? std::nullopt : parse_int(std::string_view(api).substr(colon + 1));
  return io::tcp_connector(loop, api.substr(0, colon), static_cast<uint16_t>(port.value_or(80)));
}

http::RequestHead head_of(const std::string& api, std::string method, std::string target) {
  http::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  head.headers.add("Host", api);
  return head;
}

std::string answer_target(const std::string& request_id, std::string_view verb) {
  return std::string(invocation_path).append(percent_encode(request_id)).append(verb);
}

// By AWS's documentation a runtime exits promptly after 500; a 403 says that nothing is expected of it.
Result<void> check_next(int status) {
  if (status == 200) return {};
  return fail_world(status == 500 || status == 403 ? "E_LOST" : "E_RUNTIME_API",
                    "the Runtime API answered \"next\" with status " + std::to_string(status));
}

Result<Invocation> read_invocation(const http::Headers& headers) {
  Invocation invocation{.request_id = headers.get("lambda-runtime-aws-request-id"),
                        .event = "",
                        .function_arn = headers.get("lambda-runtime-invoked-function-arn"),
                        .trace_id = headers.get("lambda-runtime-trace-id")};
  if (auto milliseconds = parse_int(headers.get("lambda-runtime-deadline-ms")))
    invocation.deadline = Timestamp(std::chrono::milliseconds(*milliseconds));
  if (invocation.request_id.empty()) return fail_world("E_RUNTIME_API", "the Runtime API's invocation has no id");
  return invocation;
}

Error too_large() {
  return {.code = "Runtime.EventTooLarge", .message = "the event has more than " + std::to_string(event_bytes_max) + " bytes"};
}

// Not from inside a task of those that are ended then.
io::Task<void> wake_after(io::Event& stop, io::Timer& wake) {
  co_await stop.wait();
  wake.start(MonoTime{});
}

}  // namespace

LambdaRuntime::LambdaRuntime(io::Loop& loop, const Logger& logger, std::string api, InvocationHandler handler)
    : loop_(loop),
      logger_(logger),
      api_(std::move(api)),
      handler_(std::move(handler)),
      client_(loop, connector_to(loop, api_), patient()),
      next_request_{head_of(api_, "GET", std::string(invocation_path) + "next"), ""} {}

// On a connection that has lain idle, frozen perhaps, its end may come to light only now: then on a new one.
io::Task<Result<Invocation>> LambdaRuntime::next() {
  CO_TRY(auto asked, co_await client_.begin(next_request_.head, http::RequestBody::none));
  Result<Invocation> invocation = co_await next(*asked);
  if (invocation || !asked->reused_connection() || asked->response_began()) co_return invocation;
  client_.close_idle();
  CO_TRY(asked, co_await client_.begin(next_request_.head, http::RequestBody::none));
  co_return co_await next(*asked);
}

io::Task<Result<Invocation>> LambdaRuntime::next(http::ClientExchange& asked) {
  CO_TRY(const http::ResponseHead* head, co_await asked.response());
  CO_CHECK(check_next(head->status));
  CO_TRY(Invocation invocation, read_invocation(head->headers));
  Result<std::string> event = co_await http::read_all(asked.body(), event_bytes_max);
  if (event) {
    invocation.event = *std::move(event);
  } else if (event.error().code == "E_TOO_LARGE") {
    invocation.flaw = too_large();
  } else {
    co_return std::unexpected(std::move(event).error());
  }
  co_return invocation;
}

http::Request LambdaRuntime::answer(const Invocation& invocation, Result<std::string> outcome) const {
  http::Request post{head_of(api_, "POST", answer_target(invocation.request_id, outcome ? "/response" : "/error")), ""};
  post.head.headers.add("Content-Type", "application/json");
  if (outcome) {
    post.body = *std::move(outcome);
  } else {
    post.head.headers.add(lambda_error_type_field, outcome.error().code);
    post.body = lambda_error_document(outcome.error());
  }
  return post;
}

void LambdaRuntime::note_receipt(const Invocation& invocation, const Result<int>& status) const {
  if (status && *status / 100 == 2) return;
  std::string reason = status ? "status " + std::to_string(*status) : status.error().code;
  logger_.warn("answer not delivered", {{"request_id", invocation.request_id}, {"error", reason}});
}

void LambdaRuntime::note_receipt(const Invocation& invocation, const Result<http::Response>& receipt) const {
  note_receipt(invocation, receipt ? Result<int>(receipt->head.status) : std::unexpected(receipt.error()));
}

io::Task<Result<void>> LambdaStream::start(std::string_view content_type, std::string_view first_piece) {
  ASSERT(!started());
  http::RequestHead head = head_of(api_, "POST", answer_target(request_id_, "/response"));
  head.headers.add("Content-Type", content_type);
  head.headers.add("Lambda-Runtime-Function-Response-Mode", "streaming");
  head.headers.add("Trailer", std::string(lambda_error_type_field).append(", ").append(lambda_error_body_field));
  CO_TRY(exchange_, co_await client_.begin(head, http::RequestBody::chunked));
  co_return co_await exchange_->write(first_piece);
}

io::Task<Result<void>> LambdaStream::write(std::string_view piece) {
  ASSERT(started());
  return exchange_->write(piece);
}

io::Task<Result<int>> LambdaStream::end() {
  http::Headers trailers;
  if (broken_) {
    trailers.add(lambda_error_type_field, broken_->code);
    trailers.add(lambda_error_body_field, to_base64(lambda_error_document(*broken_)));
  }
  CO_CHECK(co_await exchange_->finish(broken_ ? &trailers : nullptr));
  CO_TRY(const http::ResponseHead* head, co_await exchange_->response());
  CO_TRY([[maybe_unused]] std::string receipt, co_await http::read_all(exchange_->body(), receipt_bytes_max));
  co_return head->status;
}

io::Task<std::unique_ptr<http::ClientExchange>> LambdaRuntime::serve(const Invocation& invocation) {
  set_trace_variable(invocation.trace_id);
  LambdaStream stream(client_, api_, invocation.request_id);
  Result<std::string> outcome = "";
  if (invocation.flaw) {
    logger_.error("event not read", {{"request_id", invocation.request_id}, {"error", invocation.flaw->code}, {"detail", invocation.flaw->message}});
    outcome = std::unexpected(*invocation.flaw);
  } else {
    outcome = co_await handler_(invocation, stream);
  }
  if (stream.started()) {
    note_receipt(invocation, co_await stream.end());
    co_return nullptr;
  }
  if (stopping_) {
    note_receipt(invocation, co_await client_.send(answer(invocation, std::move(outcome))));
    co_return nullptr;
  }
  http::Client::Pair pair = co_await client_.send_pair(answer(invocation, std::move(outcome)), next_request_);
  note_receipt(invocation, pair.first);
  co_return std::move(pair.second);
}

// Answers and asks for the next event in the same breath: the Runtime API takes the one after the other, and nobody waits for a receipt.
io::Task<void> LambdaRuntime::serve_all(io::Timer& lost) {
  Duration pause = retry_pause_min;
  int retries = 0;
  std::unique_ptr<http::ClientExchange> asked;
  while (!stopping_) {
    Result<Invocation> invocation = asked ? co_await next(*asked) : co_await next();
    bool repeats = !asked;
    asked.reset();
    if (invocation) {
      pause = retry_pause_min;
      retries = 0;
      current_ = &*invocation;
      asked = co_await serve(*invocation);
      current_ = nullptr;
      served_.set();
      continue;
    }
    const Error& error = invocation.error();
    if (error.code == "E_LOST" || ++retries > retries_max) {
      logger_.error("there are no more invocations", {{"error", error.code}, {"detail", error.message}});
      break;
    }
    if (!repeats) continue;  // on a connection of its own, and with a pause
    logger_.warn("no invocation", {{"error", error.code}, {"detail", error.message}});
    co_await loop_.sleep_for(pause);
    pause = std::min(pause * 2, retry_pause_max);
  }
  lost.start(MonoTime{});
}

io::Task<void> LambdaRuntime::wind_down() {
  stopping_ = true;
  if (!current_) co_return;
  Invocation late{.request_id = current_->request_id};
  served_.reset();
  if (co_await io::within(loop_, loop_.exact_now() + finish_time_max, io::wait_for(served_))) co_return;
  Result<std::string> given_up = fail("Runtime.Shutdown", "the environment was ended while it answered");
  Result<http::Response> receipt =
      co_await io::within(loop_, loop_.exact_now() + refusal_time_max, client_.send(answer(late, std::move(given_up))));
  note_receipt(late, receipt);
}

io::Task<int> LambdaRuntime::run(io::Event& stop) {
  io::Event over;
  io::Timer wake(loop_, [&over] { over.set(); });
  io::TaskSet tasks;
  tasks.spawn(serve_all(wake));
  tasks.spawn(wake_after(stop, wake));
  co_await over.wait();
  if (!stop.is_set()) co_return 1;
  co_await wind_down();
  co_return 0;
}

}  // namespace pds::podinfo
