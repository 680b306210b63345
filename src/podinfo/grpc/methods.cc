#include "podinfo/grpc/methods.h"

#include <google/protobuf/descriptor.h>

#include "base/text.h"
#include "podinfo/grpc/messages.h"

namespace pds::podinfo::rpc {
namespace {

using ::grpc::StatusCode;

constexpr std::string_view unknown_status =
    "Unknown status code for more information check "
    "https://chromium.googlesource.com/external/github.com/grpc/grpc/+/refs/tags/v1.21.4-pre1/doc/statuscodes.md";

Answer refuse(StatusCode code, std::string_view message = "") { return {.status = {code, std::string(message)}}; }

// The names of Go's codes, in the order of their numbers.
constexpr std::string_view code_names[] = {
    "Ok",           "Canceled",         "Unknown",  "InvalidArgument",    "DeadlineExceeded", "NotFound",   "AlreadyExists", "PermissionDenied",
    "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"};

Answer echo(const Request& request, const ::echo::Message& message) {
  request.podinfo.log_echo(message.body());
  return answer_with(message);
}

Answer version(const Request& request, const ::version::VersionRequest&) {
  Info info = request.podinfo.info();
  ::version::VersionResponse out;
  out.set_version(std::move(info.version));
  out.set_commit(std::move(info.revision));
  return answer_with(out);
}

Answer info(const Request& request, const ::info::InfoRequest&) {
  Info info = request.podinfo.info();
  ::info::InfoResponse out;
  out.set_hostname(std::move(info.hostname));
  out.set_version(std::move(info.version));
  out.set_revision(std::move(info.revision));
  out.set_color(std::move(info.color));
  out.set_logo(std::move(info.logo));
  out.set_message(std::move(info.message));
  out.set_goos(std::move(info.goos));
  out.set_goarch(std::move(info.goarch));
  out.set_runtime(std::move(info.runtime));
  out.set_numgoroutine(std::move(info.num_goroutine));
  out.set_numcpu(std::move(info.num_cpu));
  return answer_with(out);
}

Answer env(const Request& request, const ::env::EnvRequest&) {
  ::env::EnvResponse out;
  for (std::string& entry : request.podinfo.environment()) out.add_envvars(std::move(entry));
  return answer_with(out);
}

Answer header(const Request& request, const ::header::HeaderRequest&) {
  ::header::HeaderResponse out;
  for (const auto& [key, values] : request.metadata) out.add_headers(key + "=" + join(values, ","));
  return answer_with(out);
}

Answer delay(const Request&, const ::delay::DelayRequest& asked) {
  ::delay::DelayResponse out;
  out.set_message(asked.seconds());
  Answer answer = answer_with(out);
  answer.after = std::chrono::seconds(std::max<int64_t>(asked.seconds(), 0));
  return answer;
}

Answer status(const Request&, const ::status::StatusRequest& asked) {
  size_t code = 0;
  while (code < std::size(code_names) && code_names[code] != asked.code()) ++code;
  if (code == std::size(code_names)) return refuse(StatusCode::UNKNOWN, unknown_status);
  if (code > 0) return refuse(static_cast<StatusCode>(code));
  ::status::StatusResponse out;
  out.set_status(asked.code());
  return answer_with(out);
}

Answer panic(const Request& request, const ::panic::PanicRequest&) {
  request.podinfo.panic();
  return refuse(StatusCode::INTERNAL);  // reached only where the end of the process is a test's
}

Answer token_generate(const Request& request, const ::token::TokenRequest&) {
  Token token = request.podinfo.make_token();
  ::token::TokenResponse out;
  out.set_token(std::move(token.text));
  out.set_expiresat(std::move(token.expires_at));
  out.set_message("Token generated successfully");
  return answer_with(out);
}

// Of what is wrong with a token podinfo tells some with OK, and of one with another issuer its library makes no message at all.
Answer token_validate(const Request& request, const ::token::TokenRequest&) {
  auto given = request.metadata.find("authorization");
  if (given == request.metadata.end()) return refuse(StatusCode::UNAUTHENTICATED, "Authorization token not found in metadata");
  std::string_view token = given->second.front();
  constexpr std::string_view scheme = "Bearer";
  if (token.starts_with(scheme)) token.remove_prefix(scheme.size());
  TokenVerdict verdict = request.podinfo.check_token(trim(token));
  ::token::TokenResponse out;
  switch (verdict.kind) {
    case TokenVerdict::Kind::good:
      out.set_token(std::move(verdict.name));
      out.set_expiresat(std::move(verdict.expires_at));
      return answer_with(out);
    case TokenVerdict::Kind::expired:
    case TokenVerdict::Kind::forged:
      out.set_message(std::move(verdict.message));
      return answer_with(out);
    case TokenVerdict::Kind::of_another_issuer:
      return refuse(StatusCode::INTERNAL, "grpc: error while marshaling: proto: Marshal called with nil");
    case TokenVerdict::Kind::unreadable:
      break;
  }
  return refuse(StatusCode::UNAUTHENTICATED, "Unable to parse token");
}

template <class Message, Answer (*method)(const Request&, const Message&)>
Answer decoded(const Request& request) {
  Message message;
  if (!message.ParseFromString(request.bytes)) return {.status = undecodable()};
  return method(request, message);
}

bool texts_are_valid(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
    if (!field->is_repeated() && !is_utf8(reflection.GetString(message, field))) return false;
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i) {
      if (!is_utf8(reflection.GetRepeatedString(message, field, i))) return false;
    }
  }
  return true;
}

}  // namespace

Method find_method(std::string_view name) {
  static const std::map<std::string_view, Method> methods = {
      {"/echo.EchoService/Echo", decoded<::echo::Message, echo>},
      {"/version.VersionService/Version", decoded<::version::VersionRequest, version>},
      {"/info.InfoService/Info", decoded<::info::InfoRequest, info>},
      {"/env.EnvService/Env", decoded<::env::EnvRequest, env>},
      {"/header.HeaderService/Header", decoded<::header::HeaderRequest, header>},
      {"/delay.DelayService/Delay", decoded<::delay::DelayRequest, delay>},
      {"/status.StatusService/Status", decoded<::status::StatusRequest, status>},
      {"/panic.PanicService/Panic", decoded<::panic::PanicRequest, panic>},
      {"/token.TokenService/TokenGenerate", decoded<::token::TokenRequest, token_generate>},
      {"/token.TokenService/TokenValidate", decoded<::token::TokenRequest, token_validate>},
  };
  auto found = methods.find(name);
  return found == methods.end() ? nullptr : found->second;
}

Answer answer_with(const google::protobuf::Message& message) {
  if (!texts_are_valid(message))
    return refuse(StatusCode::INTERNAL, "grpc: error while marshaling: string field contains invalid UTF-8");
  return {.bytes = message.SerializeAsString()};
}

::grpc::Status undecodable() { return {StatusCode::INTERNAL, "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"}; }

::grpc::Status unimplemented(std::string_view name) {
  std::string_view path = name.starts_with('/') ? name.substr(1) : name;
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {StatusCode::UNIMPLEMENTED, "malformed method name: \"" + std::string(name) + "\""};
  std::string service(path.substr(0, slash)), method(path.substr(slash + 1));
  bool is_known = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service) != nullptr;
  return {StatusCode::UNIMPLEMENTED, is_known ? "unknown method " + method + " for service " + service : "unknown service " + service};
}

}  // namespace pds::podinfo::rpc
