// podinfo as a function. Every invocation is told something before Lambda would end it, and nothing is left for the time after it: between
// two of them the process is frozen.
#include <algorithm>

#include "io/time_limit.h"
#include "podinfo/lambda_event.h"
#include "podinfo/lambda_runtime.h"
#include "podinfo/serve.h"
#include "podinfo/streamed_answer.h"
#include "podinfo/trace/tracer.h"
#include "podinfo/whole_answer.h"

namespace pds::podinfo {
namespace {

// The first look at the secret is part of Lambda's time for initialisation, and later ones of somebody's invocation.
constexpr Duration first_look_max = 3s, later_look_max = 2s;
// What an answer needs to get back to Lambda.
constexpr Duration farewell_time = 100ms;
// Of what is left before an answer that is late, so much is for telling that it was, a quarter at most.
constexpr Duration late_telling_time = 200ms;
// Between SIGTERM and SIGKILL there are 300 ms; the runtime may have spent 200 of them.
constexpr Duration last_telling_time = 80ms;

// A body that is all there.
class WholeBody final : public http::Body {
 public:
  explicit WholeBody(std::string_view text) : text_(text), length_(text.size()) {}
  io::Task<Result<std::string_view>> read() override { co_return std::exchange(text_, {}); }
  std::optional<uint64_t> length() const override { return length_; }
  const http::Headers& trailers() const override { return none_; }

 private:
  std::string_view text_;
  uint64_t length_;
  http::Headers none_;
};

// Until when there must be an answer, and until when all must be done. A gateway's answer for what would take too long is better than Lambda's
// end of the whole environment.
struct Deadlines {
  MonoTime answer = MonoTime::max(), all = MonoTime::max();
};

Deadlines deadlines_of(const AppParts& parts, const Invocation& invocation) {
  if (!invocation.deadline) return {};
  auto left = std::chrono::duration_cast<Duration>(*invocation.deadline - parts.clock.now()) - farewell_time;
  MonoTime all = parts.loop.exact_now() + left;
  bool tells = parts.tracer && parts.tracer->is_heard();
  return {tells ? all - std::clamp<Duration>(left / 4, 0ms, late_telling_time) : all, all};
}

// As recent as it would be had the process not been frozen. Where that cannot be had soon, the last value is good enough.
io::Task<void> look_again(const AppParts& parts, MonoTime deadline) {
  MonoTime now = parts.loop.exact_now();
  Duration most = later_look_max;
  if (deadline != MonoTime::max()) most = std::min(most, std::chrono::duration_cast<Duration>(deadline - now) / 2);
  [[maybe_unused]] auto looked =
      co_await io::within(parts.loop, now + most, parts.secrets->refresh_if_older_than(parts.options.secret_refresh));
}

void prepare(App& app, const Invocation& invocation, http::Headers& headers) {
  if (!headers.find("x-correlation-id")) headers.add("X-Correlation-ID", invocation.request_id);
  app.set_invocation(invocation.request_id, invocation.function_arn);
  trace::Tracer* tracer = app.parts().tracer;
  if (tracer && !invocation.trace_id.empty() && !tracer->extract(headers).context.is_valid())
    headers.set("X-Amzn-Trace-Id", invocation.trace_id);
}

// Of what no endpoint has answered.
http::Response own_answer(const App& app, int status, std::string text, std::string_view correlation_id) {
  http::Response response = http::Response::text(status, std::move(text));
  response.head.headers.set("X-Correlation-ID", correlation_id);
  response.head.headers.set("X-Podinfo-Version", app.parts().release.version);
  return response;
}

http::Response refuse(const App& app, const LambdaEvent& event, const Invocation& invocation) {
  app.parts().logger.warn("the event is no request", {{"request_id", invocation.request_id}, {"detail", event.refusal}});
  return own_answer(app, 400, "400 Bad Request\n", invocation.request_id);
}

// What Lambda would not take is said to whoever waits, with the status that the gateway would have given them without a word.
std::string answer_within_limit(const App& app, const LambdaEvent& event, const http::Response& response) {
  std::string answer = lambda_answer(event, response);
  if (answer.size() <= answer_bytes_max) return answer;
  std::string correlation_id = response.head.headers.get("x-correlation-id");
  app.parts().logger.error("the answer is larger than Lambda takes",
                           {{"correlation_id", correlation_id}, {"size", answer.size()}, {"size_max", answer_bytes_max}});
  return lambda_answer(event, own_answer(app, 502, "the answer is larger than the 6 MB that Lambda takes\n", correlation_id));
}

io::Task<Result<std::string>> answer_whole(App& app, const LambdaEvent& event, const Invocation& invocation, Deadlines deadlines) {
  http::Response response;
  if (event.refusal.empty()) {
    WholeBody body(event.request.body);
    response = co_await app.answer(event.request.head, body, deadlines.answer);
  } else {
    response = refuse(app, event, invocation);
  }
  std::string answer = answer_within_limit(app, event, response);
  if (app.parts().tracer) co_await app.parts().tracer->flush_soon(deadlines.all);
  co_return answer;
}

io::Task<Result<std::string>> answer_in_pieces(App& app, const LambdaEvent& event, const Invocation& invocation, Deadlines deadlines,
                                               LambdaStream& stream) {
  StreamedAnswer responder(stream);
  if (event.refusal.empty()) {
    WholeBody body(event.request.body);
    http::ServerRequest request{event.request.head, body, "lambda"};
    co_await app.serve_until(deadlines.answer, request, responder);
  } else {
    http::Response refusal = refuse(app, event, invocation);
    CO_CHECK(co_await responder.send(refusal.head, refusal.body));
  }
  if (responder.broke_off())
    stream.break_off({.code = "Function.AnswerCut", .message = "the time was over before the answer was all there"});
  if (app.parts().tracer) co_await app.parts().tracer->flush_soon(deadlines.all);
  co_return "";
}

io::Task<Result<std::string>> answer_event(App& app, const Invocation& invocation, LambdaStream& stream) {
  const AppParts& parts = app.parts();
  CO_TRY(LambdaEvent event, parse_lambda_event(invocation.event));
  Deadlines deadlines = deadlines_of(parts, invocation);
  if (parts.secrets && parts.secrets->is_due(parts.options.secret_refresh)) co_await look_again(parts, deadlines.answer);
  prepare(app, invocation, event.request.head.headers);
  bool streams = parts.options.lambda_response_stream && event.form == LambdaEvent::Form::http_api;
  if (streams) co_return co_await answer_in_pieces(app, event, invocation, deadlines, stream);
  co_return co_await answer_whole(app, event, invocation, deadlines);
}

}  // namespace

io::Task<int> serve_lambda(App& app, std::string api, io::Event& stop) {
  const AppParts& parts = app.parts();
  InvocationHandler handler = [&app](const Invocation& invocation, LambdaStream& stream) { return answer_event(app, invocation, stream); };
  LambdaRuntime runtime(parts.loop, parts.logger, std::move(api), handler);
  app.set_healthy(!parts.options.unhealthy);
  app.set_ready(!parts.options.unready);
  // An environment that cannot read its secret serves all the same: /readyz and /api/secret say so.
  if (parts.secrets) [[maybe_unused]]
    auto looked = co_await io::within(parts.loop, parts.loop.exact_now() + first_look_max,
                              parts.secrets->refresh_if_older_than(parts.options.secret_refresh));
  int status = co_await runtime.run(stop);
  if (parts.tracer) co_await parts.tracer->flush_soon(parts.loop.exact_now() + last_telling_time);
  co_return status;
}

}  // namespace pds::podinfo
