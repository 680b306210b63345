// For tests: counts what is allocated. Included by one source file of a test program, whose operator new it replaces.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/sanitizers.h"

namespace pds::io {

// False under a sanitizer, which has its own operator new, and where coroutine frames are not used again.
inline constexpr bool allocations_are_counted = !PDS_SANITIZED;
inline std::atomic<size_t> allocations = 0;

}  // namespace pds::io

#if !PDS_SANITIZED
void* operator new(size_t size) {
  ++pds::io::allocations;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif
