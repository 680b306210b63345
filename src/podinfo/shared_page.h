// A page as it stands in Redis, where every podinfo finds it: JSON with how old it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "podinfo/data_item.h"

namespace pds::podinfo {

// A page of the default length, each byte escaped at its worst, stays below; what is longer is none of ours.
inline constexpr size_t shared_page_bytes_max = 1u << 20;

struct LoadedPage {
  DataPage page;
  Timestamp loaded;
};

std::string to_shared_text(const DataPage& page, Timestamp loaded);
// Nothing: the text is none of ours.
std::optional<LoadedPage> parse_shared_text(std::string_view text);

}  // namespace pds::podinfo
