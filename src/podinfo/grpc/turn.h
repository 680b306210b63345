// A thread's turn with a call. gRPC lets one thread have it after the other, by means of a library that is not compiled under TSan; so TSan is
// told here what gRPC promises: a reaction sees what was done before its operation was started, and the last one sees all that was done.
#pragma once

#include "base/sanitizers.h"

#if PDS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace pds::podinfo::rpc {

// Before an operation is started outside of a reaction.
inline void give([[maybe_unused]] const void* call) {
#if PDS_TSAN
  __tsan_release(const_cast<void*>(call));
#endif
}

// At the beginning of what gRPC calls.
inline void take([[maybe_unused]] const void* call) {
#if PDS_TSAN
  __tsan_acquire(const_cast<void*>(call));
#endif
}

// A reaction that is not the last.
class Turn {
 public:
  explicit Turn(const void* call) : call_(call) { take(call_); }
  ~Turn() { give(call_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  const void* call_;
};

}  // namespace pds::podinfo::rpc
