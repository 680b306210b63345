// Paging as AWS does it: an opaque token that says where to go on. Tokens name the last key, so that pages stay right while the
// collection changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace pds::aws {

std::string encode_page_token(std::string_view last_key);
Result<std::string> decode_page_token(std::string_view token, std::string_view error_code);

// Cuts `items`, sorted by key_of, to one page. `limit` <= 0 means fallback_limit.
template <class T, class KeyOf>
Result<std::optional<std::string>> cut_page(std::vector<T>& items, const std::optional<std::string>& token, int64_t limit, int64_t fallback_limit,
                                            KeyOf key_of, std::string_view error_code = "InvalidNextToken") {
  size_t first = 0;
  if (token && !token->empty()) {
    TRY(std::string last, decode_page_token(*token, error_code));
    while (first < items.size() && !(last < std::string(key_of(items[first])))) ++first;
  }
  size_t most = static_cast<size_t>(limit > 0 ? limit : fallback_limit);
  std::optional<std::string> next;
  size_t end = items.size();
  if (end - first > most) {
    end = first + most;
    next = encode_page_token(std::string(key_of(items[end - 1])));
  }
  items.erase(items.begin() + static_cast<ptrdiff_t>(end), items.end());
  items.erase(items.begin(), items.begin() + static_cast<ptrdiff_t>(first));
  return next;
}

}  // namespace pds::aws
