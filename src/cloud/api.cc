#include "cloud/api.h"

#include "base/check.h"

namespace pds::cloud {

const Api::Entry* Api::find(std::string_view operation) const {
  auto it = entries_.find(operation);
  return it == entries_.end() ? nullptr : &it->second;
}

Api::Entry& Api::insert_entry(Entry entry) {
  const aws::Operation* operation = entry.operation;
  auto [it, inserted] = entries_.emplace(operation->name, std::move(entry));
  ASSERT(inserted);
  operations_.push_back(operation);
  return it->second;
}

}  // namespace pds::cloud
