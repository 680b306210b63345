#include "podinfo/data_request.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"

namespace pds::podinfo {
namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

}  // namespace

Result<void> check_data_id(std::string_view id) {
  if (id.empty() || id.size() > data_id_bytes_max) return fail("E_BAD_REQUEST", fmt::format("an id has 1 to {} characters", data_id_bytes_max));
  for (char c : id) {
    if (!is_id_character(c)) return fail("E_BAD_REQUEST", "an id is made of letters, digits, \"-\", \"_\" and \".\"");
  }
  return {};
}

Result<DataPaging> parse_data_paging(const std::optional<std::string>& limit, const std::optional<std::string>& after) {
  DataPaging paging;
  if (limit) {
    std::optional<int64_t> number = parse_int(*limit);
    if (!number || *number < 1 || *number > static_cast<int64_t>(data_limit_max))
      return fail("E_BAD_REQUEST", fmt::format("limit is a number from 1 to {}", data_limit_max));
    paging.limit = static_cast<size_t>(*number);
  }
  if (after && !after->empty()) {
    CHECK(check_data_id(*after));
    paging.after = *after;
  }
  return paging;
}

Result<std::string> parse_data_body(std::string_view body) {
  Result<json::value> value = parse_json(body);
  if (!value) return fail("E_BAD_REQUEST", "the body is " + value.error().message);
  const json::object* object = value->if_object();
  const json::value* message = object ? object->if_contains("message") : nullptr;
  if (!message || !message->is_string() || object->size() != 1) return fail("E_BAD_REQUEST", "the body is {\"message\": \"...\"} and nothing else");
  std::string text(message->get_string());
  if (text.empty() || text.size() > data_message_bytes_max)
    return fail("E_BAD_REQUEST", fmt::format("a message has 1 to {} bytes", data_message_bytes_max));
  if (text.find('\0') != std::string::npos) return fail("E_BAD_REQUEST", "a message cannot hold U+0000");
  if (!is_utf8(text)) return fail("E_BAD_REQUEST", "a message is UTF-8");
  return text;
}

}  // namespace pds::podinfo
