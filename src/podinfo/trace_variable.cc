#include "podinfo/trace_variable.h"

#include <cstdlib>
#include <cstring>

namespace pds::podinfo {
namespace {

constexpr std::string_view prefix = "_X_AMZN_TRACE_ID=";
// An id of X-Ray with all its fields has a fifth of it.
constexpr size_t entry_bytes_max = 1024;

}  // namespace

// setenv() may move the list of variables while the resolver's or libpq's threads read it. The list has one entry for good instead, which is
// ours: its value is written in place, and without a first letter it is no variable.
void set_trace_variable(std::string_view trace_id) {
  static char entry[entry_bytes_max] = "_X_AMZN_TRACE_ID=";
  [[maybe_unused]] static const int put = ::putenv(entry);
  bool fits = !trace_id.empty() && prefix.size() + trace_id.size() < entry_bytes_max;
  entry[0] = '\0';
  if (!fits) return;
  std::memcpy(entry + prefix.size(), trace_id.data(), trace_id.size());
  entry[prefix.size() + trace_id.size()] = '\0';
  entry[0] = prefix[0];
}

}  // namespace pds::podinfo
