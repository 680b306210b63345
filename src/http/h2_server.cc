#include "http/h2_server.h"

namespace pds::http {
namespace {

constexpr Duration linger_time = 2s;
// How long a peer has to answer the notice that a connection will end.
constexpr Duration notice_time = 1s;
constexpr size_t spare_streams_max = 256;

H2Settings settings_of(const ServerOptions& options) {
  return {.server = true, .limits = options.limits, .write_timeout = options.write_timeout, .bytes_per_timeout_min = options.bytes_per_timeout_min, .linger_time = linger_time};
}

std::shared_ptr<H2Memory> memory_of(ServerShared& shared) {
  if (!shared.h2) shared.h2 = std::make_shared<H2ServerMemory>();
  return shared.h2->session;
}

}  // namespace

H2ServerConnection::H2ServerConnection(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port)
    : Connection(shared, stream->peer_address()),
      H2Session(shared.loop, std::move(stream), memory_of(shared), settings_of(shared.options)),
      local_port_(local_port),
      quiet_since_(shared.loop.now()) {
  enter_idle();
}

H2ServerConnection::~H2ServerConnection() {
  stop();
  end_streams();
}

void H2ServerConnection::begin_with(H2Upgrade upgrade) {
  int failed = nghttp2_session_upgrade2(raw(), reinterpret_cast<const uint8_t*>(upgrade.settings.data()), upgrade.settings.size(),
                                        upgrade.head.method == "HEAD", nullptr);
  if (failed) return give_up(NGHTTP2_PROTOCOL_ERROR, "the settings of the upgrade cannot be read");
  static_cast<H2ServerStream*>(stream_for(1, true))->take(std::move(upgrade.head));
}

io::Task<void> H2ServerConnection::run(std::optional<H2Upgrade> upgrade) {
  if (upgrade) begin_with(*std::move(upgrade));
  if (shared_.draining) finish_up();
  co_await H2Session::run();
}

io::Task<void> H2ServerConnection::turn_away(std::string_view reason) {
  leave();
  leave_idle();
  push();  // SETTINGS come first
  give_up(NGHTTP2_REFUSED_STREAM, reason);
  shared_.service.on_refused({503, reason, peer_, 0, 0, number_, true});
  co_await H2Session::run();
}

void H2ServerConnection::end_streams() {
  while (!streams_.empty()) forget(*streams_.back());
}

void H2ServerConnection::forget(H2ServerStream& stream) {
  size_t index = stream.index_;
  stream.close();
  std::unique_ptr<H2ServerStream> gone = std::move(streams_[index]);
  if (index + 1 < streams_.size()) {
    streams_[index] = std::move(streams_.back());
    streams_[index]->index_ = index;
  }
  streams_.pop_back();
  if (streams_.empty()) {
    quiet_since_ = loop().now();
    if (!leaving_ && !parting_) enter_idle();
  }
  if (shared_.h2->spare.size() < spare_streams_max) shared_.h2->spare.push_back(std::move(gone));
}

H2Stream* H2ServerConnection::stream_for(int32_t id, bool opens) {
  if (!opens) return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(raw(), id));
  // nghttp2 counts streams; what is counted here are tasks, which may last a moment longer.
  if (streams_.size() >= h2_streams_max) {
    nghttp2_submit_rst_stream(raw(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    return nullptr;
  }
  auto& spare = shared_.h2->spare;
  if (spare.empty()) {
    streams_.push_back(std::make_unique<H2ServerStream>());
  } else {
    streams_.push_back(std::move(spare.back()));
    spare.pop_back();
  }
  leave_idle();
  H2ServerStream& stream = *streams_.back();
  stream.index_ = streams_.size() - 1;
  stream.open(*this, id);
  // Nobody's priority counts: whoever has something to send takes turns.
  nghttp2_extpri equal{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
  nghttp2_session_change_extpri_stream_priority(raw(), id, &equal, 1);
  return &stream;
}

void H2ServerConnection::count_request() {
  size_t requests_max = shared_.options.requests_per_connection_max;
  if (requests_max != 0 && ++requests_ >= requests_max) finish_up();
}

// ---- the end ----

void H2ServerConnection::finish_up() {
  if (std::exchange(parting_, true)) return;
  leave_idle();
  last_said_by_ = loop().now() + notice_time;
  nghttp2_submit_shutdown_notice(raw());
  push();  // nghttp2 puts a ping before all else, but its answer is to say that the notice has come
  nghttp2_submit_ping(raw(), NGHTTP2_FLAG_NONE, nullptr);
  push();
  stream().nudge();  // there is a deadline now
}

void H2ServerConnection::ping_answered() {
  if (parting_) say_last();
}

void H2ServerConnection::say_last() {
  if (std::exchange(last_said_, true)) return;
  nghttp2_submit_goaway(raw(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(raw()), NGHTTP2_NO_ERROR, nullptr, 0);
}

io::Deadline H2ServerConnection::next_deadline() {
  io::Deadline deadline = quiet_since_ + shared_.options.idle_timeout;
  // With requests under way only their own times count; this is looked at again then.
  if (!streams_.empty()) deadline = loop().now() + shared_.options.idle_timeout;
  if (!greeted_) deadline = quiet_since_ + shared_.options.header_timeout;
  if (in_fields()) deadline = std::min(deadline, fields_began() + shared_.options.header_timeout);
  if (parting_ && !last_said_) deadline = std::min(deadline, last_said_by_);
  return deadline;
}

bool H2ServerConnection::at_deadline() {
  MonoTime now = loop().exact_now();
  if (in_fields() && now >= fields_began() + shared_.options.header_timeout) {
    give_up(NGHTTP2_ENHANCE_YOUR_CALM, "a head did not arrive in time");
    return true;
  }
  if (!greeted_) return false;
  if (parting_ && !last_said_ && now >= last_said_by_) {
    say_last();
    push();
  }
  if (streams_.empty() && now >= quiet_since_ + shared_.options.idle_timeout) {
    say_last();
    push();
  }
  return true;
}

}  // namespace pds::http
