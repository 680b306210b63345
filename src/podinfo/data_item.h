// What /api/data is about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "podinfo/data_token.h"

namespace pds::podinfo {

inline constexpr size_t data_message_bytes_max = 4096;
inline constexpr size_t data_id_bytes_max = 64;

struct DataItem {
  std::string id;
  std::string message;
  std::string timestamp;  // of its last change: 2026-11-23T19:04:43.123Z
};

// What one read found: an item (or none), or a page of a list.
struct DataPage {
  std::vector<DataItem> items;
  bool more = false;      // behind the last one
  LogPosition as_of;      // it shows at least what was written up to there
  size_t bytes() const;   // held in memory
};
using SharedPage = std::shared_ptr<const DataPage>;

inline size_t DataPage::bytes() const {
  size_t total = sizeof *this;
  for (const DataItem& item : items) total += sizeof item + item.id.size() + item.message.size() + item.timestamp.size();
  return total;
}

}  // namespace pds::podinfo
