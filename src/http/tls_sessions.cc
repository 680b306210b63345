#include "http/tls_sessions.h"

#include <algorithm>

#include "http/openssl_handles.h"

namespace pds::http {
namespace {

int index_of_sessions() {
  static const int taken = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return taken;
}

}  // namespace

TlsSessions::~TlsSessions() {
  for (size_t i = 0; i < size_; ++i) SSL_SESSION_free(kept_[i]);
}

void TlsSessions::keep(ssl_session_st* session) {
  if (size_ > 0 && kept_[size_ - 1] == session) return SSL_SESSION_free(session);  // one that was resumed as it was
  if (size_ == kept_max) {
    SSL_SESSION_free(kept_[0]);
    std::move(kept_ + 1, kept_ + size_, kept_);
    --size_;
  }
  kept_[size_++] = session;
}

void TlsSessions::offer(ssl_st* session) {
  if (size_ == 0) return;
  SSL_SESSION* newest = kept_[size_ - 1];
  SSL_set_session(session, newest);
  if (SSL_SESSION_get_protocol_version(newest) < TLS1_3_VERSION) return;
  SSL_SESSION_free(newest);
  --size_;
}

void TlsSessions::attach_to(ssl_st* session) { SSL_set_ex_data(session, index_of_sessions(), this); }

TlsSessions* TlsSessions::of(const ssl_st* session) {
  return static_cast<TlsSessions*>(SSL_get_ex_data(session, index_of_sessions()));
}

}  // namespace pds::http
