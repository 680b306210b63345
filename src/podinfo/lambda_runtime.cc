#include "podinfo/lambda_runtime.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "podinfo/lambda_event.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view invocation_path = "/2018-06-01/runtime/invocation/";
constexpr Duration retry_pause_min = 20ms;
constexpr Duration retry_pause_max = 2s;
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

Result<Invocation> read_invocation(const http::ResponseHead& head, std::string event) {
  const http::Headers& headers = head.headers;
  Invocation invocation{headers.get("lambda-runtime-aws-request-id"), std::move(event),
                        headers.get("lambda-runtime-invoked-function-arn"), headers.get("lambda-runtime-trace-id"), std::nullopt};
  if (auto milliseconds = parse_int(headers.get("lambda-runtime-deadline-ms")))
    invocation.deadline = Timestamp(std::chrono::milliseconds(*milliseconds));
  if (head.status != 200 || invocation.request_id.empty())
    return fail_world("E_RUNTIME_API", "the Runtime API answered \"next\" with status " + std::to_string(head.status));
  return invocation;
}

}  // namespace

LambdaRuntime::LambdaRuntime(io::Loop& loop, const Logger& logger, std::string api, InvocationHandler handler)
    : loop_(loop),
      logger_(logger),
      api_(std::move(api)),
      handler_(std::move(handler)),
      client_(loop, connector_to(loop, api_), patient()),
      next_request_{head_of(api_, "GET", std::string(invocation_path) + "next"), ""} {}

io::Task<Result<Invocation>> LambdaRuntime::next() {
  CO_TRY(http::Response response, co_await client_.send(next_request_));
  co_return read_invocation(response.head, std::move(response.body));
}

io::Task<Result<Invocation>> LambdaRuntime::next(http::ClientExchange& asked) {
  CO_TRY(const http::ResponseHead* head, co_await asked.response());
  CO_TRY(std::string event, co_await http::read_all(asked.body(), event_bytes_max));
  co_return read_invocation(*head, std::move(event));
}

http::Request LambdaRuntime::answer(const Invocation& invocation, Result<std::string> outcome) const {
  http::Request post{head_of(api_, "POST", answer_target(invocation.request_id, outcome ? "/response" : "/error")), ""};
  post.head.headers.add("Content-Type", "application/json");
  if (outcome) {
    post.body = *std::move(outcome);
  } else {
    post.head.headers.add("Lambda-Runtime-Function-Error-Type", outcome.error().code);
    post.body = to_text(json::object{
        {"errorMessage", outcome.error().message}, {"errorType", outcome.error().code}, {"stackTrace", json::array{}}});
  }
  return post;
}

void LambdaRuntime::note_receipt(const Invocation& invocation, const Result<int>& status) const {
  if (status && *status / 100 == 2) return;
  std::string reason = status ? "status " + std::to_string(*status) : status.error().code;
  logger_.warn("answer not delivered", {{"request_id", invocation.request_id}, {"error", reason}});
}

io::Task<Result<void>> LambdaStream::start(std::string_view content_type, std::string_view first_piece) {
  ASSERT(!started());
  http::RequestHead head = head_of(api_, "POST", answer_target(request_id_, "/response"));
  head.headers.add("Content-Type", content_type);
  head.headers.add("Lambda-Runtime-Function-Response-Mode", "streaming");
  CO_TRY(exchange_, co_await client_.begin(head, http::RequestBody::chunked));
  co_return co_await exchange_->write(first_piece);
}

io::Task<Result<void>> LambdaStream::write(std::string_view piece) {
  ASSERT(started());
  return exchange_->write(piece);
}

io::Task<Result<int>> LambdaStream::end() {
  if (!whole_) co_return fail_world("E_CLOSED", "the answer was cut");
  CO_CHECK(co_await exchange_->finish());
  CO_TRY(const http::ResponseHead* head, co_await exchange_->response());
  CO_TRY([[maybe_unused]] std::string receipt, co_await http::read_all(exchange_->body(), receipt_bytes_max));
  co_return head->status;
}

io::Task<std::unique_ptr<http::ClientExchange>> LambdaRuntime::serve(const Invocation& invocation) {
  LambdaStream stream(client_, api_, invocation.request_id);
  Result<std::string> outcome = co_await handler_(invocation, stream);
  if (stream.started()) {
    note_receipt(invocation, co_await stream.end());
    co_return nullptr;
  }
  http::Client::Pair pair = co_await client_.send_pair(answer(invocation, std::move(outcome)), next_request_);
  if (pair.first) {
    note_receipt(invocation, pair.first->head.status);
  } else {
    note_receipt(invocation, std::unexpected(std::move(pair.first).error()));
  }
  co_return std::move(pair.second);
}

// Answers and asks for the next event in the same breath: the Runtime API takes the one after the other, and nobody waits for a receipt.
io::Task<void> LambdaRuntime::run() {
  Duration pause = retry_pause_min;
  std::unique_ptr<http::ClientExchange> asked;
  while (true) {
    Result<Invocation> invocation = asked ? co_await next(*asked) : co_await next();
    bool repeats = !asked;
    asked.reset();
    if (!invocation && !repeats) continue;  // on a connection of its own, and with a pause
    if (!invocation) {
      logger_.warn("no invocation", {{"error", invocation.error().code}, {"detail", invocation.error().message}});
      co_await loop_.sleep_for(pause);
      pause = std::min(pause * 2, retry_pause_max);
      continue;
    }
    pause = retry_pause_min;
    asked = co_await serve(*invocation);
  }
}

}  // namespace pds::podinfo
