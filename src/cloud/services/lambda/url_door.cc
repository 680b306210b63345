#include "cloud/services/lambda/url_door.h"

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/text.h"
#include "cloud/services/lambda/cors.h"

namespace pds::cloud::lambda {

namespace {

constexpr std::string_view url_action = "lambda:InvokeFunctionUrl";
constexpr std::string_view forbidden =
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

std::string_view without_port(std::string_view address) {
  size_t colon = address.rfind(':');
  return address.find(']') == std::string_view::npos || colon > address.find(']') ? address.substr(0, colon) : address;
}

std::unexpected<Error> refuse(std::string_view message) { return fail("AccessDeniedException", std::string(message), 403); }

http::Response error_answer(const Error& error) {
  if (error.code == "TooManyRequestsException") return url_error(429, "Rate Exceeded.", error.code);
  if (error.http_status == 413) return url_error(413, "Request Entity Too Large", "RequestTooLargeException");
  if (error.http_status == 403) return url_error(403, error.message, error.code);
  return url_error(502, "Internal Server Error", "InternalFailure");
}

http::Response failed_function() { return url_error(502, "Internal Server Error", "InternalFailure"); }

void mark(http::ResponseHead& head, const Invocation& invocation) {
  head.headers.set("x-amzn-RequestId", invocation.request_id);
  head.headers.set("X-Amzn-Trace-Id", invocation.trace_id);
}

}  // namespace

std::string_view url_id_of(std::string_view host, std::string_view region) {
  size_t dot = host.find('.');
  if (dot == std::string_view::npos) return {};
  std::string_view rest = host.substr(dot + 1);
  constexpr std::string_view label = "lambda-url.";
  if (!rest.starts_with(label)) return {};
  rest.remove_prefix(label.size());
  return rest.starts_with(region) && rest.substr(region.size()).starts_with(".") ? host.substr(0, dot) : std::string_view{};
}

UrlDoor::UrlDoor(Core& core, const Catalog& catalog, Authority& authority, Begin begin, Answered answered)
    : core_(core), catalog_(catalog), authority_(authority), begin_(std::move(begin)), answered_(std::move(answered)) {}

bool UrlDoor::claims(const http::ServerRequest& request) const { return !url_id_of(request.head.host(), core_.region).empty(); }

// AWS_IAM: a valid signature for service "lambda", by a principal whose own policies or the function's policy allow it.
// NONE: the function's policy must allow everyone, for URLs without authentication.
Result<void> UrlDoor::authorize(const UrlRecord& url, const http::RequestHead& head, std::string_view body, UrlContext& context) {
  FunctionName name{url.function, url.qualifier};
  Access access{.action = url_action, .account = core_.account, .url_auth_type = url.auth_type};
  if (url.auth_type == "NONE") {
    if (!catalog_.is_allowed(name, access)) return refuse(forbidden);
    return {};
  }
  Result<aws::Claim> claim = aws::read_claim(head);
  if (!claim || claim->scope.service != "lambda") return refuse(forbidden);
  std::optional<Principal> principal = authority_.find_principal(claim->access_key_id);
  Timestamp now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  if (!principal || (principal->expires && *principal->expires <= now))
    return refuse("The security token included in the request is invalid.");
  if (!constant_time_equal(principal->session_token, claim->session_token))
    return refuse("The security token included in the request is invalid.");
  Result<void> verified = verifier_.verify(*claim, head, sha256_hex(body), principal->secret_access_key, now);
  if (!verified) return refuse(verified.error().message);
  access.principal_arn = principal->arn;
  Call call = core_.internal_call();
  call.internal = false;
  call.account = principal->account;
  call.principal_arn = principal->arn;
  call.access_key_id = claim->access_key_id;
  call.source_address = context.source_address;
  bool allowed =
      principal->is_root || catalog_.is_allowed(name, access) ||
      authority_.authorize(*principal, call, std::string(url_action), catalog_.arn(url.function, url.qualifier)).has_value();
  if (!allowed) return refuse(forbidden);
  context.account = principal->account;
  context.principal_arn = principal->arn;
  context.user_id = principal->user_id;
  context.access_key_id = claim->access_key_id;
  return {};
}

io::Task<Result<InvocationPtr>> UrlDoor::begin(const UrlRecord& url, http::ServerRequest& request, std::shared_ptr<ResponseStream> stream) {
  Result<std::string> body = co_await http::read_all(request.body, request_bytes_max);
  if (!body) co_return fail("RequestTooLargeException", "", body.error().code == "E_TOO_LARGE" ? 413 : 400);
  UrlContext context;
  context.url_id = url.url_id;
  context.domain_name = std::string(without_port(request.head.host()));
  context.request_id = core_.random.uuid();
  context.trace_id = request.head.headers.get("x-amzn-trace-id");
  context.source_address = std::string(without_port(request.peer));
  context.secure = request.secure;
  context.port = request.local_port;
  context.at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  CO_CHECK(authorize(url, request.head, *body, context));
  std::string event = make_url_event(request.head, *body, context);
  if (event.size() > request_bytes_max) co_return fail("RequestTooLargeException", "", 413);
  co_return begin_(FunctionName{url.function, url.qualifier}, std::move(event), context.request_id, std::move(stream));
}

io::Task<http::Response> UrlDoor::answer(const UrlRecord& url, http::ServerRequest& request) {
  Result<InvocationPtr> begun = co_await begin(url, request, nullptr);
  if (!begun) co_return error_answer(begun.error());
  InvocationPtr running = *begun;
  co_await running->done.wait();
  if (running->refused) co_return error_answer(*running->refused);
  http::Response response = running->function_error.empty() ? make_url_response(running->response) : failed_function();
  mark(response.head, *running);
  co_return response;
}

io::Task<int> UrlDoor::stream(const UrlRecord& url, http::ServerRequest& request, http::Responder& responder) {
  // A caller who goes away lets the function speak on.
  struct Reader {
    std::shared_ptr<ResponseStream> stream = std::make_shared<ResponseStream>();
    ~Reader() { stream->leave(); }
  } reader;
  Result<InvocationPtr> begun = co_await begin(url, request, reader.stream);
  std::string first = begun ? co_await reader.stream->read() : "";
  bool has_prelude = reader.stream->content_type == prelude_content_type;
  while (has_prelude && !prelude_size(first) && first.size() < prelude_bytes_max) {
    std::string more = co_await reader.stream->read();
    if (more.empty()) break;
    first += more;
  }
  bool speaks = begun && !(*begun)->refused && (*begun)->function_error.empty();
  http::Response answer = !begun                 ? error_answer(begun.error())
                          : speaks               ? first_of_stream(reader.stream->content_type, std::move(first))
                          : (*begun)->refused    ? error_answer(*(*begun)->refused)
                                                 : failed_function();
  if (begun) mark(answer.head, **begun);
  if (url.cors) apply_cors(*url.cors, request.head, answer.head.headers);
  if (!co_await responder.start(answer.head, answer.body)) co_return answer.head.status;
  while (speaks) {
    std::string piece = co_await reader.stream->read();
    if (piece.empty()) break;
    if (!co_await responder.write(piece)) co_return answer.head.status;
  }
  // A function that failed on the way ends the connection: its caller must not take what came for all.
  if (!speaks || (*begun)->function_error.empty()) [[maybe_unused]] auto finished = co_await responder.finish();
  co_return answer.head.status;
}

io::Task<void> UrlDoor::serve(http::ServerRequest& request, http::Responder& responder) {
  const UrlRecord* found = catalog_.urls.find(url_id_of(request.head.host(), core_.region));
  if (!found) {
    http::Response response = url_error(404, "The function URL does not exist", "ResourceNotFoundException");
    [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
    co_return;
  }
  UrlRecord url = *found;  // it may be changed or deleted meanwhile
  MonoTime began = std::chrono::steady_clock::now();
  auto took = [began] { return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began); };
  std::optional<http::Response> preflight;
  if (url.cors) preflight = answer_preflight(*url.cors, request.head);
  if (url.streams && !preflight) {
    int status = co_await stream(url, request, responder);
    answered_(url, status, took());
    co_return;
  }
  http::Response response = preflight ? std::move(*preflight) : co_await answer(url, request);
  if (url.cors && !preflight) apply_cors(*url.cors, request.head, response.head.headers);
  answered_(url, response.head.status, took());
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::cloud::lambda
