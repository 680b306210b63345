#include "cloud/api.h"

#include "base/check.h"

namespace pds::cloud {

const Api::Entry* Api::find(std::string_view operation) const {
  auto it = entries_.find(operation);
  return it == entries_.end() ? nullptr : &it->second;
}

Api::Entry& Api::insert(const aws::Operation& operation, Value (*make_request)(), Value (*make_reply)()) {
  auto [it, inserted] = entries_.try_emplace(operation.name);
  ASSERT(inserted);
  it->second.operation = &operation;
  it->second.make_request = make_request;
  it->second.make_reply = make_reply;
  operations_.push_back(&operation);
  return it->second;
}

}  // namespace pds::cloud
