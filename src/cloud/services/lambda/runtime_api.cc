#include "cloud/services/lambda/runtime_api.h"

#include "base/json.h"
#include "base/text.h"
#include "cloud/services/lambda/environment.h"

namespace pds::cloud::lambda {

namespace {

constexpr std::string_view root = "/2018-06-01/runtime/";
// A runtime that asks for its next event in the same breath as it answers gets the receipt with that event; at most so much later.
constexpr Duration receipt_delay_max = 20ms;

// A runtime that is gone is told of by its exit, here and below.
io::Task<void> send(http::Responder& responder, const http::Response& response) {
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

io::Task<void> send_receipt(http::Responder& responder, const http::Response& response) {
  [[maybe_unused]] Result<void> sent = co_await responder.send_with_next(response.head, response.body);
}

http::Response invalid_request_id() { return runtime_answer(400, "Invalid request ID", "InvalidRequestID"); }

http::Response too_large(uint64_t bytes_max) {
  return runtime_answer(413, "Exceeded maximum allowed payload size (" + std::to_string(bytes_max) + " bytes).", "RequestEntityTooLarge");
}

// What callers get of a function that failed.
std::string error_document(std::string_view type, std::string_view message) {
  return to_text(json::object{{"errorMessage", message}, {"errorType", type}});
}

// The document of a function that failed while it answered, its own where it sent one; empty where all went well.
std::string error_in_trailers(const http::Headers& trailers) {
  std::string type = trailers.get("lambda-runtime-function-error-type");
  if (type.empty()) return "";
  Result<std::string> document = from_base64(trailers.get("lambda-runtime-function-error-body"));
  if (document && parse_json(*document)) return *std::move(document);
  return error_document(type, "the function failed while it answered");
}

// {"errorType":...,"errorMessage":...} as runtimes send it; both may be missing.
Failure read_failure(const std::string& body, const http::RequestHead& head) {
  Failure failure{head.headers.get("lambda-runtime-function-error-type", "Runtime.Unknown"), "Unknown application error occurred"};
  Result<json::value> document = parse_json(body);
  const json::object* object = document ? document->if_object() : nullptr;
  if (!object) return failure;
  failure.message = get_string(*object, "errorMessage", failure.message);
  if (!head.headers.find("lambda-runtime-function-error-type")) failure.type = get_string(*object, "errorType", failure.type);
  return failure;
}

}  // namespace

RuntimeTarget parse_runtime_target(std::string_view path) {
  if (!path.starts_with(root)) return {};
  path.remove_prefix(root.size());
  if (path == "invocation/next") return {RuntimeCall::next, "", "GET"};
  if (path == "init/error") return {RuntimeCall::init_error, "", "POST"};
  constexpr std::string_view invocation = "invocation/";
  if (!path.starts_with(invocation)) return {};
  path.remove_prefix(invocation.size());
  size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  std::string_view verb = path.substr(slash + 1);
  if (verb == "response") return {RuntimeCall::response, path.substr(0, slash), "POST"};
  if (verb == "error") return {RuntimeCall::error, path.substr(0, slash), "POST"};
  return {};
}

http::Response runtime_answer(int status, std::string_view message, std::string_view type) {
  json::object document;
  document["errorMessage"] = message;
  document["errorType"] = type;
  return http::Response::json(status, to_text(document));
}

http::Response runtime_accepted() { return http::Response::json(202, "{\"status\":\"OK\"}\n"); }

io::Task<void> Environment::serve(http::ServerRequest& request, http::Responder& responder) {
  RuntimeTarget target = parse_runtime_target(request.head.path());
  if (target.call == RuntimeCall::unknown) {
    co_await send(responder, runtime_answer(404, "there is no such call in the Runtime API", "NotFound"));
    co_return;
  }
  if (request.head.method != target.method) {
    co_await send(responder, runtime_answer(405, "the method is not allowed here", "MethodNotAllowed"));
    co_return;
  }
  switch (target.call) {
    case RuntimeCall::next:
      co_await serve_next(responder);
      break;
    case RuntimeCall::response:
      co_await serve_response(target.request_id, request, responder);
      break;
    case RuntimeCall::error:
      co_await serve_error(target.request_id, request, responder);
      break;
    case RuntimeCall::init_error:
      co_await serve_init_error(request, responder);
      break;
    case RuntimeCall::unknown:
      break;
  }
}

io::Task<void> Environment::serve_next(http::Responder& responder) {
  if (state_ == State::booting || state_ == State::returning) become_idle();
  while (!current_ || delivered_ || state_ != State::busy) {
    work_.reset();
    if (responder.holds_back()) receipt_timer_.start(std::chrono::steady_clock::now() + receipt_delay_max);
    co_await work_.wait();
    if (std::exchange(receipt_is_due_, false) && !co_await responder.release()) co_return;
  }
  receipt_timer_.cancel();
  InvocationPtr invocation = current_;
  delivered_ = true;
  auto deadline = std::chrono::system_clock::now() + (began_ + settings_.timeout - std::chrono::steady_clock::now());
  http::ResponseHead head;
  head.headers.add("Content-Type", "application/json");
  head.headers.add("Lambda-Runtime-Aws-Request-Id", invocation->request_id);
  head.headers.add("Lambda-Runtime-Deadline-Ms",
                   std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count()));
  head.headers.add("Lambda-Runtime-Invoked-Function-Arn", invocation->invoked_arn);
  head.headers.add("Lambda-Runtime-Trace-Id", invocation->trace_id);
  if (!invocation->client_context.empty()) head.headers.add("Lambda-Runtime-Client-Context", invocation->client_context);
  Result<void> sent = co_await responder.send(head, invocation->payload);
  // The runtime may have hung up while it waited: whoever asks next gets the event.
  if (!sent && current_ == invocation) {
    delivered_ = false;
    work_.set();
  }
}

io::Task<void> Environment::serve_response(std::string_view request_id, http::ServerRequest& request, http::Responder& responder) {
  if (state_ == State::busy && current_ && current_->request_id == request_id && current_->stream)
    co_return co_await stream_response(current_, request, responder);
  Result<std::string> body = co_await http::read_all(request.body, response_bytes_max);
  if (state_ != State::busy || !current_ || current_->request_id != request_id) co_return co_await send(responder, invalid_request_id());
  if (!body && body.error().code != "E_TOO_LARGE") co_return;  // cut short: the runtime died, or will try again
  if (!body) {
    responder.close_after();
    finish(error_document("Function.ResponseSizeTooLarge",
                          "Response payload size exceeded maximum allowed payload size (6291556 bytes)."),
           "Unhandled", std::nullopt);
    co_return co_await send(responder, too_large(response_bytes_max));
  }
  finish(std::move(*body), "", std::nullopt);
  co_await send_receipt(responder, runtime_accepted());
}

// Pieces go to the caller as they come. The time limit goes on while they do, and a caller who reads slowly slows the function down.
io::Task<void> Environment::stream_response(InvocationPtr invocation, http::ServerRequest& request, http::Responder& responder) {
  ResponseStream& stream = *invocation->stream;
  stream.content_type = request.head.headers.get("content-type", "application/octet-stream");
  uint64_t total = 0;
  while (true) {
    Result<std::string_view> piece = co_await request.body.read();
    if (current_ != invocation) co_return co_await send(responder, invalid_request_id());  // its time was over
    bool too_long = piece ? (total += piece->size()) > streamed_bytes_max : piece.error().code == "E_TOO_LARGE";
    if (too_long) {
      responder.close_after();
      finish(error_document("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (209715200 bytes)."),
             "Unhandled", std::nullopt);
      co_return co_await send(responder, too_large(streamed_bytes_max));
    }
    // What has gone to the caller cannot be said again.
    if (!piece) co_return finish(error_document("Runtime.TruncatedResponse", "The response ended early"), "Unhandled", std::nullopt);
    if (piece->empty()) break;
    co_await stream.write(*piece);
  }
  std::string error = error_in_trailers(request.body.trailers());
  bool failed = !error.empty();
  finish(std::move(error), failed ? "Unhandled" : "", std::nullopt);
  co_await send_receipt(responder, runtime_accepted());
}

io::Task<void> Environment::serve_error(std::string_view request_id, http::ServerRequest& request, http::Responder& responder) {
  Result<std::string> body = co_await http::read_all(request.body, response_bytes_max);
  if (state_ != State::busy || !current_ || current_->request_id != request_id) {
    co_await send(responder, invalid_request_id());
    co_return;
  }
  if (!body) co_return;
  // The document is the runtime's own: callers get it as it is, when it is one.
  if (!parse_json(*body)) {
    Failure failure = read_failure(*body, request.head);
    *body = error_document(failure.type, failure.message);
  }
  finish(std::move(*body), "Unhandled", std::nullopt);
  co_await send_receipt(responder, runtime_accepted());
}

io::Task<void> Environment::serve_init_error(http::ServerRequest& request, http::Responder& responder) {
  Result<std::string> body = co_await http::read_all(request.body, 1u << 20);
  if (state_ != State::booting) {
    co_await send(responder, runtime_answer(403, "State transition is not allowed", "InvalidStateTransition"));
    co_return;
  }
  if (body) reported_ = read_failure(*body, request.head);
  co_await send(responder, runtime_accepted());
  // The runtime is expected to exit now; one that does not is ended by the time limit.
}

}  // namespace pds::cloud::lambda
