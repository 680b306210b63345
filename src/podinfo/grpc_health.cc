#include "podinfo/grpc_health.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "podinfo/trace/grpc_frame.h"
#include "podinfo/trace/proto_writer.h"

namespace pds::podinfo {
namespace {

constexpr size_t answer_bytes_max = 64 * 1024;
constexpr int status_unimplemented = 12;
constexpr std::string_view path = "/grpc.health.v1.Health/Check";

// Protocol buffers' numbers: seven bits a byte, the lowest first.
std::optional<uint64_t> take_varint(std::string_view& text) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !text.empty(); shift += 7) {
    auto byte = static_cast<unsigned char>(text[0]);
    text.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::unexpected<Error> malformed() { return fail("E_GRPC", "the answer is no health check's"); }

Result<void> check_status(const http::Headers& headers) {
  std::optional<int64_t> status = parse_int(headers.get("grpc-status", ""));
  if (!status) return fail("E_GRPC", "the server does not speak gRPC: there is no grpc-status");
  if (*status == status_unimplemented) return fail("E_GRPC", "gRPC health protocol not implemented");
  if (*status == 0) return {};
  Result<std::string> message = percent_decode(headers.get("grpc-message"));
  return fail("E_GRPC", fmt::format("gRPC status {}{}{}", *status, message && !message->empty() ? ": " : "", message ? *message : ""));
}

}  // namespace

std::string encode_health_request(std::string_view service) {
  constexpr int service_field = 1;
  trace::ProtoWriter message;
  if (!service.empty()) message.bytes(service_field, service);
  return trace::grpc_frame(message.text(), false);
}

Result<std::string> decode_health_answer(std::string_view framed) {
  if (framed.size() < trace::grpc_frame_header_bytes || framed[0] != 0) return malformed();
  size_t size = 0;
  for (size_t i = 1; i < trace::grpc_frame_header_bytes; ++i) size = size << 8 | static_cast<unsigned char>(framed[i]);
  std::string_view message = framed.substr(trace::grpc_frame_header_bytes);
  if (message.size() != size) return malformed();
  uint64_t status = 0;
  while (!message.empty()) {
    std::optional<uint64_t> tag = take_varint(message), value;
    if (!tag || *tag != 0x08) return malformed();  // field 1, a number; there is no other
    value = take_varint(message);
    if (!value) return malformed();
    status = *value;
  }
  constexpr std::string_view names[] = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
  return status < std::size(names) ? std::string(names[status]) : std::to_string(status);
}

io::Task<Result<std::string>> ask_grpc_health(http::Client& client, std::string_view authority, std::string_view service) {
  http::RequestHead head;
  head.method = "POST";
  head.target = path;
  head.headers.add("Host", authority);
  head.headers.add("Content-Type", "application/grpc");
  head.headers.add("TE", "trailers");
  CO_TRY(auto exchange, co_await client.begin(head, http::RequestBody::chunked));
  CO_CHECK(co_await exchange->write(encode_health_request(service)));
  CO_CHECK(co_await exchange->finish());
  CO_TRY(const http::ResponseHead* answer, co_await exchange->response());
  if (answer->status != 200) co_return fail("E_GRPC", fmt::format("the server does not speak gRPC: HTTP status {}", answer->status));
  http::Headers fields = answer->headers;
  CO_TRY(std::string body, co_await http::read_all(exchange->body(), answer_bytes_max));
  // A call that failed at once has its status in the head.
  CO_CHECK(check_status(fields.find("grpc-status") ? fields : exchange->body().trailers()));
  co_return decode_health_answer(body);
}

}  // namespace pds::podinfo
