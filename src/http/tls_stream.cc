#include "http/tls_stream.h"

#include <openssl/pem.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/openssl_handles.h"
#include "http/tls_context.h"

namespace pds::http {

// ---- OpenSSL's view of the stream below ----

struct StreamBio {
  static TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    io::IoResult got = stream.below_->try_read({into, static_cast<size_t>(size)});
    if (got.status == io::IoResult::ok) return static_cast<int>(got.bytes);
    if (got.status == io::IoResult::would_block) BIO_set_retry_read(bio);
    if (got.status == io::IoResult::failed) stream.transport_error_ = got.error;
    stream.below_ended_ = got.status == io::IoResult::end;
    return stream.below_ended_ ? 0 : -1;
  }

  static int write(BIO* bio, const char* bytes, int size) {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    iovec part{const_cast<char*>(bytes), static_cast<size_t>(size)};
    io::IoResult put = stream.below_->try_write({&part, 1});
    if (put.status == io::IoResult::ok) return static_cast<int>(put.bytes);
    if (put.status == io::IoResult::would_block) BIO_set_retry_write(bio);
    if (put.status == io::IoResult::failed) stream.transport_error_ = put.error;
    return -1;
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return stream_of(bio).below_ended_;
    return command == BIO_CTRL_FLUSH;
  }

  static BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "io::Stream");
    BIO_meth_set_read(method, read);
    BIO_meth_set_write(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
  }

  static BIO* over(TlsStream& stream) {
    static BIO_METHOD* const method = make_method();  // for as long as the process: streams of any thread may use it
    BIO* bio = BIO_new(method);
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
  }
};

namespace {

constexpr size_t record_bytes_max = SSL3_RT_MAX_PLAIN_LENGTH;

// Where the parts of one record are gathered; used within one call only.
std::span<char> gathering_room() {
  thread_local std::unique_ptr<char[]> room(new char[record_bytes_max]);
  return {room.get(), record_bytes_max};
}

// What is still to be written of some parts, record by record.
class Records {
 public:
  explicit Records(std::span<const iovec> parts) : parts_(parts) { skip_empty(); }
  bool done() const { return parts_.empty(); }
  // The next record's content: in place when one part fills it or is all there is, gathered otherwise.
  std::string_view next() const {
    std::string_view first = rest_of_first();
    if (first.size() >= record_bytes_max || parts_.size() == 1) return first.substr(0, record_bytes_max);
    std::span<char> room = gathering_room();
    size_t used = 0;
    for (size_t i = 0; i < parts_.size() && used < room.size(); ++i) {
      std::string_view part = i == 0 ? first : std::string_view(static_cast<const char*>(parts_[i].iov_base), parts_[i].iov_len);
      size_t fits = std::min(part.size(), room.size() - used);
      memcpy(room.data() + used, part.data(), fits);
      used += fits;
    }
    return {room.data(), used};
  }
  void advance(size_t bytes) {
    offset_ += bytes;
    skip_empty();
  }

 private:
  std::string_view rest_of_first() const {
    return {static_cast<const char*>(parts_[0].iov_base) + offset_, parts_[0].iov_len - offset_};
  }
  void skip_empty() {
    while (!parts_.empty() && offset_ >= parts_[0].iov_len) {
      offset_ -= parts_[0].iov_len;
      parts_ = parts_.subspan(1);
    }
  }
  std::span<const iovec> parts_;
  size_t offset_ = 0;
};

std::string pem_of(const X509* certificate) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* text = nullptr;
  long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

}  // namespace

// ---- the stream ----

TlsStream::TlsStream(std::unique_ptr<io::Stream> below, ssl_st* owned_session, std::shared_ptr<const void> context,
                     std::shared_ptr<TlsSessions> sessions)
    : Stream(below->loop()),
      below_(std::move(below)),
      session_(owned_session),
      context_(std::move(context)),
      sessions_(std::move(sessions)) {
  take_edges_of(*below_);
  BIO* bio = StreamBio::over(*this);
  SSL_set_bio(session_, bio, bio);
  if (!sessions_) return;
  sessions_->attach_to(session_);
  sessions_->offer(session_);
}

TlsStream::~TlsStream() {
  if (!SSL_is_server(session_)) say_goodbye();  // a request is complete by its own framing
  SSL_free(session_);
}

void TlsStream::on_edge_below(bool reader, bool writer) {
  wake(reader || (writer && read_waits_to_write_), writer || (reader && write_waits_to_read_));
}

// What a call of OpenSSL that returned 0 or less means. Its reason, if any, is left on the queue.
io::IoResult TlsStream::failure(int returned) {
  switch (SSL_get_error(session_, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {.status = io::IoResult::would_block};
    case SSL_ERROR_ZERO_RETURN:
      return {.status = io::IoResult::end};
    case SSL_ERROR_SYSCALL:
      broken_ = transport_error_ ? transport_error_ : ECONNRESET;
      break;
    default:
      broken_ = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? ECONNRESET : EPROTO;
  }
  return {.status = io::IoResult::failed, .error = broken_};
}

io::Task<Result<void>> TlsStream::handshake(io::Deadline deadline) {
  while (true) {
    ERR_clear_error();
    int done = SSL_do_handshake(session_);
    if (done == 1) break;
    io::IoResult what = failure(done);
    if (what.status != io::IoResult::would_block) co_return handshake_failure();
    bool writes = SSL_want_write(session_);
    io::Wake wake = writes ? co_await writable(deadline) : co_await readable(deadline);
    if (wake == io::Wake::timed_out)
      co_return fail_world("E_TIMEOUT", "TLS handshake with " + below_->peer_address() + ": timed out");
  }
  note_agreed();
  open_ = true;
  co_return Result<void>();
}

std::unexpected<Error> TlsStream::handshake_failure() {
  std::string who = "TLS handshake with " + below_->peer_address() + ": ";
  unsigned long reason = ERR_peek_last_error();
  if (broken_ != EPROTO) {
    ERR_clear_error();
    return fail_world("E_CLOSED", who + "the connection is closed");
  }
  if (ERR_GET_REASON(reason) == SSL_R_HTTP_REQUEST) return fail("E_TLS_PLAIN", who + take_openssl_error());
  if (long verdict = SSL_get_verify_result(session_); verdict != X509_V_OK) {
    ERR_clear_error();
    return fail("E_TLS_CERTIFICATE", who + "its certificate is not accepted: " + X509_verify_cert_error_string(verdict));
  }
  return fail("E_TLS", who + take_openssl_error());
}

std::string TlsStream::shown_certificate() const {
  X509* peer = SSL_get0_peer_certificate(session_);
  return peer ? pem_of(peer) : "";
}

void TlsStream::note_agreed() {
  agreed_.version = SSL_get_version(session_);
  agreed_.cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(session_));
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(session_, &protocol, &size);
  agreed_.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  if (const char* name = SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name)) agreed_.server_name = name;
  agreed_.resumed = SSL_session_reused(session_);
  if (!SSL_is_server(session_)) {
    // OpenSSL does not announce a ticket that was renewed within a TLS 1.2 handshake.
    if (sessions_ && SSL_version(session_) < TLS1_3_VERSION) sessions_->keep(SSL_get1_session(session_));
    return;
  }
  agreed_.certificate = TlsServerContext::shown_certificate(session_);
  X509* peer = SSL_get_verify_mode(session_) == SSL_VERIFY_NONE ? nullptr : SSL_get0_peer_certificate(session_);
  if (peer) agreed_.peer_certificate = pem_of(peer);
}

io::IoResult TlsStream::try_read(std::span<char> into) {
  if (size_t again = read_again(into)) return {.status = io::IoResult::ok, .bytes = again};
  if (broken_) return {.status = io::IoResult::failed, .error = broken_};
  read_waits_to_write_ = false;
  size_t filled = 0;
  while (filled < into.size()) {
    size_t got = 0;
    ERR_clear_error();
    int done = SSL_read_ex(session_, into.data() + filled, into.size() - filled, &got);
    filled += got;
    if (done != 1) {
      io::IoResult what = failure(done);
      read_waits_to_write_ = what.status == io::IoResult::would_block && SSL_want_write(session_);
      if (filled == 0) return what;
      break;  // what ended it is found again by the next call
    }
    if (!SSL_has_pending(session_)) break;  // nothing more without asking below
  }
  return {.status = io::IoResult::ok, .bytes = filled};
}

// Records may come that are no data, such as session tickets: only looking tells.
bool TlsStream::has_input() {
  if (broken_ || SSL_pending(session_) > 0) return true;
  if (!SSL_has_pending(session_) && !below_->has_input()) return false;
  char byte;
  size_t got = 0;
  ERR_clear_error();
  int done = SSL_peek_ex(session_, &byte, 1, &got);
  if (done == 1 || failure(done).status != io::IoResult::would_block) return true;
  return below_->has_input();
}

io::IoResult TlsStream::try_write(std::span<const iovec> parts) {
  if (broken_) return {.status = io::IoResult::failed, .error = broken_};
  if (said_goodbye_) return {.status = io::IoResult::failed, .error = EPIPE};
  write_waits_to_read_ = false;
  size_t written = 0;
  for (Records records(parts); !records.done();) {
    std::string_view record = records.next();
    size_t put = 0;
    ERR_clear_error();
    int done = SSL_write_ex(session_, record.data(), record.size(), &put);
    if (done != 1) {
      io::IoResult what = failure(done);
      write_waits_to_read_ = what.status == io::IoResult::would_block && SSL_want_read(session_);
      if (written == 0) return what;
      break;
    }
    written += put;
    records.advance(put);
  }
  return {.status = io::IoResult::ok, .bytes = written};
}

void TlsStream::say_goodbye() {
  if (!open_ || broken_ || std::exchange(said_goodbye_, true)) return;
  ERR_clear_error();
  // Best effort: a peer that reads nothing does not get to see it.
  [[maybe_unused]] int done = SSL_shutdown(session_);
}

void TlsStream::shutdown_write() {
  say_goodbye();
  below_->shutdown_write();
}

void TlsStream::close() {
  broken_ = EBADF;
  below_->close();
  wake_soon();
}

}  // namespace pds::http
