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

}  // namespace

LambdaRuntime::LambdaRuntime(io::Loop& loop, const Logger& logger, std::string api, InvocationHandler handler)
    : loop_(loop),
      logger_(logger),
      api_(std::move(api)),
      handler_(std::move(handler)),
      client_(loop, connector_to(loop, api_), patient()) {}

http::Request LambdaRuntime::request(std::string method, std::string target) const {
  http::Request request;
  request.head.method = std::move(method);
  request.head.target = std::move(target);
  request.head.headers.add("Host", api_);
  return request;
}

io::Task<Result<Invocation>> LambdaRuntime::next() {
  http::Request ask = request("GET", std::string(invocation_path) + "next");
  CO_TRY(http::Response response, co_await client_.send(ask));
  const http::Headers& headers = response.head.headers;
  Invocation invocation{headers.get("lambda-runtime-aws-request-id"), std::move(response.body),
                        headers.get("lambda-runtime-invoked-function-arn"), headers.get("lambda-runtime-trace-id")};
  if (response.head.status != 200 || invocation.request_id.empty()) {
    co_return fail_world("E_RUNTIME_API", "the Runtime API answered \"next\" with status " + std::to_string(response.head.status));
  }
  co_return invocation;
}

io::Task<Result<void>> LambdaRuntime::reply(const Invocation& invocation, const Result<std::string>& outcome) {
  http::Request post =
      request("POST", std::string(invocation_path) + percent_encode(invocation.request_id) + (outcome ? "/response" : "/error"));
  post.head.headers.add("Content-Type", "application/json");
  if (outcome) {
    post.body = *outcome;
  } else {
    post.head.headers.add("Lambda-Runtime-Function-Error-Type", outcome.error().code);
    post.body = to_text(json::object{
        {"errorMessage", outcome.error().message}, {"errorType", outcome.error().code}, {"stackTrace", json::array{}}});
  }
  CO_TRY(http::Response response, co_await client_.send(post));
  if (response.head.status / 100 != 2) {
    co_return fail_world("E_RUNTIME_API", "the Runtime API refused an answer with status " + std::to_string(response.head.status),
                         false);
  }
  co_return Result<void>();
}

io::Task<void> LambdaRuntime::run() {
  Duration pause = retry_pause_min;
  while (true) {
    Result<Invocation> invocation = co_await next();
    if (!invocation) {
      logger_.warn("no invocation", {{"error", invocation.error().code}, {"detail", invocation.error().message}});
      co_await loop_.sleep_for(pause);
      pause = std::min(pause * 2, retry_pause_max);
      continue;
    }
    pause = retry_pause_min;
    Result<std::string> outcome = co_await handler_(*invocation);
    Result<void> replied = co_await reply(*invocation, outcome);
    if (!replied) logger_.warn("answer not delivered", {{"request_id", invocation->request_id}, {"error", replied.error().code}});
  }
}

}  // namespace pds::podinfo
