#include "cloud/dispatcher.h"

#include <fmt/core.h>

#include <map>

#include "aws/unsupported.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/text.h"
#include "cloud/authentication.h"

namespace pds::cloud {
namespace {

// A body that does not decompress, in AWS's words.
Error undecoded(Error error) {
  error.code = error.http_status == 413 ? "RequestEntityTooLargeException" : "SerializationException";
  return error;
}

using aws::Wire;

// What a request wants, read off its head (and, for the query protocol, its form) before anything is believed.
struct Intent {
  Wire wire = Wire::rest_json;
  const Api* api = nullptr;
  const Api::Entry* entry = nullptr;
  aws::Labels labels;
  std::string operation;  // as AWS's reference names it, where that can be told; for the 501
  std::string service;    // as its users call it, once its API is found; else as the request has it
};

std::string form_value(std::string_view form, std::string_view name) {
  for (std::string_view pair : split(form, '&')) {
    size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos)
      return percent_decode(pair.substr(equals + 1), true).value_or("");
  }
  return "";
}

Wire wire_of(const aws::ServiceInfo& service) {
  switch (service.protocol) {
    case aws::Protocol::query: return Wire::query;
    case aws::Protocol::ec2: return Wire::ec2;
    case aws::Protocol::json: return Wire::json;
    case aws::Protocol::rest_json: return Wire::rest_json;
    case aws::Protocol::rest_xml: return Wire::rest_xml;
  }
  return Wire::json;
}

bool is_form(const http::RequestHead& head) {
  return head.headers.find("content-type").value_or("").starts_with("application/x-www-form-urlencoded");
}

// Which wire the caller expects an error in, when nothing else is known yet.
Wire guess_wire(const http::RequestHead& head, std::string_view signing_name, std::string_view form) {
  if (head.headers.find("smithy-protocol")) return Wire::cbor;
  if (head.headers.find("x-amz-target")) return Wire::json;
  if (is_form(head) || !form.empty()) return signing_name == "ec2" || form_value(form, "Version") == "2016-11-15" ? Wire::ec2 : Wire::query;
  if (signing_name == "s3") return Wire::rest_xml;
  return Wire::rest_json;
}

void find_json(const std::vector<Api>& apis, std::string_view signing_name, std::string_view target, Intent& intent) {
  intent.wire = Wire::json;
  size_t dot = target.rfind('.');
  std::string_view prefix = target.substr(0, dot);
  intent.service = std::string(signing_name.empty() ? prefix : signing_name);
  intent.operation = std::string(dot == std::string_view::npos ? target : target.substr(dot + 1));
  for (const Api& api : apis)
    if (api.service().target_prefix && prefix == api.service().target_prefix) intent.api = &api;
}

void find_cbor(const std::vector<Api>& apis, std::string_view path, Intent& intent) {
  // /service/<target prefix>/operation/<name>
  intent.wire = Wire::cbor;
  std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() != 5 || parts[1] != "service" || parts[3] != "operation") return;
  intent.service = std::string(parts[2]);
  intent.operation = std::string(parts[4]);
  for (const Api& api : apis)
    if (api.service().speaks_cbor && intent.service == api.service().target_prefix) intent.api = &api;
}

void find_query(const std::vector<Api>& apis, std::string_view signing_name, std::string_view form, Intent& intent) {
  intent.operation = form_value(form, "Action");
  intent.service = std::string(signing_name);
  std::string version = form_value(form, "Version");
  for (const Api& api : apis) {
    const aws::ServiceInfo& info = api.service();
    bool speaks = info.protocol == aws::Protocol::query || info.protocol == aws::Protocol::ec2 || info.speaks_query;
    if (speaks && signing_name == info.signing_name && version == info.version) intent.api = &api;
    if (signing_name == info.signing_name && !intent.api) intent.service = fmt::format("{}, version {}", signing_name, version);
  }
  intent.wire = intent.api && intent.api->service().protocol == aws::Protocol::ec2 ? Wire::ec2 : Wire::query;
}

void find_rest(const std::vector<Api>& apis, std::string_view signing_name, const http::RequestHead& head, Intent& intent) {
  intent.service = std::string(signing_name);
  for (const Api& api : apis) {
    bool rest = api.service().protocol == aws::Protocol::rest_json || api.service().protocol == aws::Protocol::rest_xml;
    if (!rest || signing_name != api.service().signing_name) continue;
    intent.api = &api;
    intent.wire = wire_of(api.service());
    if (const aws::Operation* operation = aws::match_rest(api.operations(), head, intent.labels)) {
      intent.operation = operation->name;
      return;
    }
    const aws::Operation* refused = aws::match_rest(api.refused(), head, intent.labels);
    intent.operation = refused ? refused->name : fmt::format("{} {}", head.method, head.path());
  }
}

std::string iam_action(const aws::ServiceInfo& service, std::string_view operation) {
  std::string_view prefix = service.signing_name;
  if (prefix == "monitoring") prefix = "cloudwatch";
  if (prefix == "codedeploy-commands") prefix = "codedeploy-commands-secure";  // AWS's name for asking the agents' API with permission
  if (prefix == "lambda" && operation == "Invoke") operation = "InvokeFunction";
  return fmt::format("{}:{}", prefix, operation);
}

}  // namespace

struct Dispatcher::Impl {
  io::Loop& loop;
  Random& random;
  Store& store;
  const Logger& log;
  Options options;
  Authority* authority = nullptr;
  RegionApis regions;
  std::vector<Door> doors;
  std::map<std::string, std::function<Result<StreamingApi*>(const std::string&)>, std::less<>> streaming;
  aws::Verifier verifier;

  struct Caller {
    Principal principal;
    aws::Claim claim;
    bool anonymous = false;
  };

  Timestamp real_now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

  // In permissive mode any key, or none, is the root of the account; where to is still read from the signature's scope.
  static Caller permissive_caller(Result<aws::Claim> claim) {
    Caller caller;
    if (claim) caller.claim = std::move(*claim);
    caller.principal.arn = "arn:aws:iam::000000000000:root";
    caller.principal.account = caller.principal.user_id = "000000000000";
    caller.principal.is_root = true;
    if (caller.claim.scope.region.empty()) caller.claim.scope.region = "us-east-1";
    return caller;
  }

  Result<Caller> authenticate(const http::RequestHead& head, Result<aws::Claim> claim, std::string_view body_digest, Wire wire) {
    if (options.permissive) return permissive_caller(std::move(claim));
    if (!claim) return std::unexpected(authentication_error(wire, fault_of(claim.error()), claim.error().message));
    std::optional<Principal> principal = authority->find_principal(claim->access_key_id);
    if (!principal) return std::unexpected(authentication_error(wire, AuthFault::unknown_key, ""));
    if (principal->expires && *principal->expires <= real_now())
      return std::unexpected(authentication_error(wire, AuthFault::expired_credentials, ""));
    if (!constant_time_equal(principal->session_token, claim->session_token))
      return std::unexpected(authentication_error(wire, AuthFault::wrong_token, ""));
    Result<void> verified = verifier.verify(*claim, head, body_digest, principal->secret_access_key, real_now());
    if (!verified) return std::unexpected(authentication_error(wire, fault_of(verified.error()), verified.error().message));
    return Caller{std::move(*principal), std::move(*claim), false};
  }

  static std::string request_region(const aws::Claim& claim) { return claim.scope.region.empty() ? "us-east-1" : claim.scope.region; }

  Call make_call(const Caller& caller, const http::ServerRequest& request, const std::string& request_id) const {
    Call call;
    call.account = caller.principal.account;
    call.region = request_region(caller.claim);
    call.principal_arn = caller.principal.arn;
    call.access_key_id = caller.claim.access_key_id;
    call.request_id = request_id;
    call.source_address = std::string(request.peer);
    call.host = std::string(request.head.host());
    return call;
  }

  Result<Intent> find_intent(const http::RequestHead& head, const std::string& body, const Caller& caller) {
    TRY(const std::vector<Api>* apis, regions(request_region(caller.claim)));
    Intent intent;
    std::string_view form = is_form(head) ? std::string_view(body) : head.query();
    bool query = is_form(head) || (head.method == "GET" && head.query().find("Action=") != std::string_view::npos);
    if (head.headers.find("smithy-protocol")) find_cbor(*apis, head.path(), intent);
    else if (auto target = head.headers.find("x-amz-target"))
      find_json(*apis, caller.claim.scope.service, *target, intent);
    else if (query) find_query(*apis, caller.claim.scope.service, form, intent);
    else find_rest(*apis, caller.claim.scope.service, head, intent);
    if (intent.api) {
      intent.entry = intent.api->find(intent.operation);
      intent.service = intent.api->service().id;
    }
    return intent;
  }

  io::Task<http::Response> answer(const http::ServerRequest& request, Result<aws::Claim> claim, const std::string& body,
                                  const std::string& request_id) {
    const http::RequestHead& head = request.head;
    std::string_view form = is_form(head) ? std::string_view(body) : std::string_view{};
    Wire wire = guess_wire(head, claim ? claim->scope.service : "", form);
    auto refuse = [&](const Error& error) { return aws::encode_error(wire, nullptr, error, request_id); };

    Result<Caller> caller = authenticate(head, std::move(claim), sha256_hex(body), wire);
    if (!caller) co_return refuse(caller.error());
    // The signature is over the bytes as they came; what they mean is read after decompression.
    std::string inflated;
    bool compressed = head.headers.has_token("content-encoding", "gzip");
    if (compressed) {
      Result<std::string> plain = inflate_gzip(body, aws::request_bytes_max);
      if (!plain) co_return refuse(undecoded(plain.error()));
      inflated = std::move(*plain);
    }
    const std::string& readable = compressed ? inflated : body;
    Result<Intent> intent = find_intent(head, readable, *caller);
    if (!intent) co_return refuse(intent.error());
    wire = intent->wire;
    if (!intent->entry) {
      co_return refuse(Error{"NotImplemented",
                             fmt::format("{}{}{} is not implemented by this cloud", intent->service, intent->service.empty() ? "" : ": ",
                                         intent->operation.empty() ? std::string(head.path()) : intent->operation),
                             501});
    }
    co_return co_await run(*intent, *caller, request, readable, request_id);
  }

  // The action on its resource, then iam:PassRole for each role that the request hands on.
  Result<void> authorize(const Api::Entry& entry, const aws::ServiceInfo& service, const Principal& principal, Call call,
                         const void* input) const {
    std::string resource = entry.resource ? entry.resource(call, input) : "*";
    CHECK(authority->authorize(principal, call, iam_action(service, entry.operation->name), resource));
    if (!entry.passed_roles) return {};
    for (const PassedRole& role : entry.passed_roles(call, input)) {
      call.passed_to_service = role.service;
      Result<void> allowed = authority->authorize(principal, call, "iam:PassRole", role.role_arn);
      if (!allowed && !role.refusal.empty()) return fail("AccessDenied", role.refusal, 403);
      CHECK(allowed);
    }
    return {};
  }

  io::Task<http::Response> run(const Intent& intent, const Caller& caller, const http::ServerRequest& request, const std::string& body,
                               const std::string& request_id) {
    const Api::Entry& entry = *intent.entry;
    const aws::ServiceInfo& service = intent.api->service();
    auto refuse = [&](const Error& error) { return aws::encode_error(intent.wire, &service, error, request_id); };
    Call call = make_call(caller, request, request_id);
    Api::Value input = entry.make_request(), output = entry.make_reply();
    Result<void> decoded = aws::decode_request(intent.wire, *entry.operation, request.head, body, intent.labels, input.get());
    if (!decoded) co_return refuse(decoded.error());
    if (Result<void> valid = aws::validate(service, entry.operation->input(), input.get()); !valid) co_return refuse(valid.error());
    if (!caller.principal.is_root) {
      Result<void> allowed = authorize(entry, service, caller.principal, call, input.get());
      if (!allowed) co_return refuse(denial(intent.wire, allowed.error()));
    }
    if (std::optional<std::string> path = aws::find_unsupported(entry.operation->input(), input.get()))
      co_return refuse(Error{"NotImplemented", fmt::format("{}: {} is not supported by this cloud", entry.operation->name, *path), 501});
    Result<void> done;
    if (entry.run)
      done = entry.run(call, input.get(), output.get());
    else
      done = co_await entry.run_later(call, input.get(), output.get());
    // Even a refused call may have written (an attempt counter, say); nothing is said before it is on disk.
    if (store.dirty()) {
      Result<void> kept = co_await store.durable();
      if (!kept) co_return refuse(Error{"ServiceUnavailable", kept.error().message, 503, true});
    }
    if (!done) co_return refuse(done.error());
    co_return aws::encode_response(intent.wire, service, *entry.operation, output.get(), request_id);
  }

  io::Task<void> serve_streaming(const std::string& service, Result<aws::Claim> claim, http::ServerRequest& request,
                                 http::Responder& responder) {
    std::string request_id = random.uuid();
    auto declared = request.head.headers.find("x-amz-content-sha256");
    std::string digest(declared.value_or("UNSIGNED-PAYLOAD"));
    Result<Caller> caller = authenticate(request.head, std::move(claim), digest, Wire::rest_xml);
    Result<StreamingApi*> api = fail("InternalError", "");
    if (caller) api = streaming.find(service)->second(request_region(caller->claim));
    if (!caller || !api) {
      http::Response response = aws::encode_error(Wire::rest_xml, nullptr, !caller ? caller.error() : api.error(), request_id);
      responder.close_after();
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
      co_return;
    }
    StreamingCall call{make_call(*caller, request, request_id), &caller->claim, &caller->principal};
    co_await (*api)->serve_streaming(call, request, responder);
  }
};

Dispatcher::Dispatcher(io::Loop& loop, Random& random, Store& store, const Logger& log, Options options)
    : impl_(new Impl{.loop = loop, .random = random, .store = store, .log = log, .options = options}) {}
Dispatcher::~Dispatcher() = default;

void Dispatcher::set_authority(Authority& authority) { impl_->authority = &authority; }
void Dispatcher::set_regions(RegionApis apis) { impl_->regions = std::move(apis); }
void Dispatcher::add_door(Door door) { impl_->doors.push_back(std::move(door)); }
void Dispatcher::set_streaming(std::string signing_name, std::function<Result<StreamingApi*>(const std::string&)> find) {
  impl_->streaming.emplace(std::move(signing_name), std::move(find));
}

io::Task<void> Dispatcher::serve(http::ServerRequest& request, http::Responder& responder) {
  for (const Door& door : impl_->doors) {
    if (door.claims(request)) {
      co_await door.service->serve(request, responder);
      co_return;
    }
  }
  Result<aws::Claim> claim = aws::read_claim(request.head);
  // A request with no signature that is not another protocol's either can only be S3's: anonymous, or a presigned form gone wrong.
  std::string service = claim ? claim->scope.service : "";
  if (impl_->streaming.contains(service)) {
    co_await impl_->serve_streaming(service, std::move(claim), request, responder);
    co_return;
  }
  std::string request_id = impl_->random.uuid();
  Result<std::string> body = co_await http::read_all(request.body, aws::request_bytes_max);
  http::Response response;
  if (body) {
    response = co_await impl_->answer(request, std::move(claim), *body, request_id);
  } else {
    Error error = body.error().code == "E_TOO_LARGE"
                      ? Error{"RequestEntityTooLargeException", fmt::format("the request body is over {} bytes", aws::request_bytes_max), 413}
                      : Error{"IncompleteBody", "the request body ended early", 400};
    Wire wire = guess_wire(request.head, service, "");
    response = aws::encode_error(wire, nullptr, error, request_id);
    responder.close_after();
  }
  [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::cloud
