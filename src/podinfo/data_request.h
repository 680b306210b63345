// What clients of /api/data may say: ids, pages and bodies. Pure; each refusal says what is wrong, and never repeats a whole value.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "podinfo/data_item.h"

namespace pds::podinfo {

// A message of data_message_bytes_max may be written with six bytes for each, and a little stands around it.
inline constexpr size_t data_body_bytes_max = 6 * data_message_bytes_max + 1024;
inline constexpr size_t data_limit_default = 20, data_limit_max = 100;

struct DataPaging {
  std::string after;  // an id; empty: from the first
  size_t limit = data_limit_default;
};

// Letters, digits, "-", "_" and ".", at most data_id_bytes_max.
Result<void> check_data_id(std::string_view id);
// Decoded parameters; nothing where there is none.
Result<DataPaging> parse_data_paging(const std::optional<std::string>& limit, const std::optional<std::string>& after);
// {"message": "..."}: UTF-8 of at most data_message_bytes_max, not empty, without U+0000, which PostgreSQL's texts cannot hold.
Result<std::string> parse_data_body(std::string_view body);

}  // namespace pds::podinfo
