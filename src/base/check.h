// Our own bugs stop the program, in release too: going on with a broken invariant costs more than a restart.
#pragma once

namespace pds {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define ASSERT(...) ((__VA_ARGS__) ? (void)0 : ::pds::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__))
