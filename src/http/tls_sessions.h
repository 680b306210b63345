// TLS sessions that can be taken up again.
#pragma once

#include <cstddef>

struct ssl_st;
struct ssl_session_st;

namespace pds::http {

// Sessions that a client may resume with one server. Newest last.
class TlsSessions {
 public:
  TlsSessions() = default;
  ~TlsSessions();
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;
  void keep(ssl_session_st* session);   // takes ownership
  // Offers one to the session that is about to be opened. A TLS 1.3 ticket is used once, so that connections cannot be linked by it.
  void offer(ssl_st* session);
  size_t size() const { return size_; }
  // Where a session that has been opened puts what its server gives out. Kept by the caller for as long as the session.
  void attach_to(ssl_st* session);
  static TlsSessions* of(const ssl_st* session);   // null: none

 private:
  static constexpr size_t kept_max = 4;
  ssl_session_st* kept_[kept_max] = {};
  size_t size_ = 0;
};

}  // namespace pds::http
