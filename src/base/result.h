// Results: a value or the reason there is none.
//
// Three kinds of failure, three manners. The caller's mistake is an Error with a code the wire knows. The world's failure is an
// Error that says whether trying again may help. Our own bug is a failed ASSERT (check.h), which stops the program.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace pds {

struct Error {
  std::string code;         // stable, for programs: "ResourceNotFoundException", "E_DIGEST_MISMATCH"
  std::string message;      // for people: what failed and why
  int http_status = 400;    // how the wire says it; meaningful only where an API call is answered
  bool retryable = false;   // the same call may succeed later
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string code, std::string message, int http_status = 400) {
  return std::unexpected(Error{std::move(code), std::move(message), http_status, false});
}

// The world's failure: a reset connection, a full disk, a peer that is restarting.
inline std::unexpected<Error> fail_world(std::string code, std::string message, bool retryable = true) {
  return std::unexpected(Error{std::move(code), std::move(message), 500, retryable});
}

// "what: strerror(errno)"; retryable for EINTR, EAGAIN and the like.
std::unexpected<Error> fail_errno(std::string what, int errno_value);

}  // namespace pds

#define PDS_JOIN2(a, b) a##b
#define PDS_JOIN(a, b) PDS_JOIN2(a, b)

// TRY(auto x, f());   declares x, or returns f's error from this function.
// CHECK(f());         the same for a Result<void>.
// CO_TRY, CO_CHECK    are their twins inside coroutines.
#define PDS_TRY_IMPL(tmp, ret, decl, ...) \
  auto tmp = (__VA_ARGS__);               \
  if (!tmp) ret std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define TRY(decl, ...) PDS_TRY_IMPL(PDS_JOIN(try_, __COUNTER__), return, decl, __VA_ARGS__)
#define CO_TRY(decl, ...) PDS_TRY_IMPL(PDS_JOIN(try_, __COUNTER__), co_return, decl, __VA_ARGS__)
#define PDS_CHECK_IMPL(tmp, ret, ...)                                        \
  do {                                                                       \
    if (auto tmp = (__VA_ARGS__); !tmp) ret std::unexpected(std::move(tmp).error()); \
  } while (0)
#define CHECK(...) PDS_CHECK_IMPL(PDS_JOIN(check_, __COUNTER__), return, __VA_ARGS__)
#define CO_CHECK(...) PDS_CHECK_IMPL(PDS_JOIN(check_, __COUNTER__), co_return, __VA_ARGS__)
