#include "http/h2_session.h"

#include "http/h2_callbacks.h"

namespace pds::http {
namespace {

// A peer that is as fast as we are does not keep other connections waiting.
constexpr size_t batches_in_turn_max = 8;
// Where in a frame its type, its stream, and, of a GOAWAY, the code stand.
constexpr size_t type_at = 3, stream_at = 5, code_at = h2_frame_head_bytes + 4;
constexpr size_t spare_outputs_max = 64;
constexpr size_t lingered_bytes_max = 4 * 1024 * 1024;

uint32_t code_of(int error) {
  if (error == NGHTTP2_ERR_FLOODED || error == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) return NGHTTP2_ENHANCE_YOUR_CALM;
  return error == NGHTTP2_ERR_BAD_CLIENT_MAGIC ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_INTERNAL_ERROR;
}

}  // namespace

H2Session::H2Session(io::Loop& loop, std::unique_ptr<io::Stream> stream, std::shared_ptr<H2Memory> memory,
                     const H2Settings& settings)
    : loop_(loop), stream_(std::move(stream)), memory_(std::move(memory)), settings_(settings), turn_(loop, [this] { turn(); }) {
  auto make = settings.server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;
  ASSERT(make(&session_, h2_callbacks(), this, h2_options(), h2_memory()) == 0);
  std::vector<nghttp2_settings_entry> entries = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(h2_stream_window_bytes)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(std::min<size_t>(settings.limits.header_bytes_max, INT32_MAX))},
  };
  if (settings.server) {
    entries.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.streams_max});
    entries.push_back({NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1});
  } else {
    entries.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(), entries.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, h2_connection_window_bytes);
}

H2Session::~H2Session() {
  for (H2Stream* stream : queue_) {
    if (stream) stream->queue_index_ = SIZE_MAX;
  }
  nghttp2_session_del(session_);
}

void H2Session::frame_begins(const nghttp2_frame_hd& frame) {
  if (frame.type != NGHTTP2_CONTINUATION) {
    receiving_ = nullptr;
    ignoring_ = false;
  }
  bool ends_body = frame.type == NGHTTP2_DATA && (frame.flags & NGHTTP2_FLAG_END_STREAM);
  if (!ends_body && !guard_.frames.spend(loop_.now())) overstrained_ = "too many frames that bring nothing";
}

void H2Session::count_reset() {
  if (settings_.server && !guard_.resets.spend(loop_.now())) overstrained_ = "too many streams are reset";
}

void H2Session::give_up(uint32_t code, std::string_view why) {
  if (ended()) return;
  given_up_ = true;
  auto append = [this](uint32_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out_ += static_cast<char>(number >> shift);
  };
  append(static_cast<uint32_t>(8 + why.size()), 3);
  append(NGHTTP2_GOAWAY, 1);
  append(0, 1);  // no flags
  append(0, 4);  // of the connection itself
  append(static_cast<uint32_t>(nghttp2_session_get_last_proc_stream_id(session_)), 4);
  append(code, 4);
  out_ += why;
  turn_soon();
}

void H2Session::lose() {
  lost_ = true;
  stream_->close();
  turn_soon();
}

bool H2Session::wanted() const {
  return !ended() && !failed_ && (nghttp2_session_want_read(session_) || nghttp2_session_want_write(session_) || busy());
}

// ---- output ----

void H2Session::gather() {
  if (ended()) return;
  if (out_.capacity() < h2_output_bytes_max && out_.empty() && !memory_->outputs.empty()) {
    out_ = std::move(memory_->outputs.back());
    memory_->outputs.pop_back();
  }
  if (out_begin_ >= h2_output_bytes_max) out_.erase(0, std::exchange(out_begin_, 0));
  while (!output_is_full()) {
    const uint8_t* data = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size < 0) return overstrained_ ? give_up(NGHTTP2_ENHANCE_YOUR_CALM, overstrained_) : lose();
    if (size == 0) return;
    std::string_view frame = text_of(data, static_cast<size_t>(size));
    out_ += frame;
    count_head(frame);
    // What nghttp2 ends a connection with for a breach of the protocol: what is under way is not waited for.
    failed_ |= frame[type_at] == NGHTTP2_GOAWAY && frame.substr(code_at, 4) != std::string_view("\0\0\0\0", 4);
  }
}

void H2Session::count_head(std::string_view frame) {
  if (frame[type_at] != NGHTTP2_HEADERS) return;
  uint32_t id = 0;
  for (char byte : frame.substr(stream_at, 4)) id = id << 8 | static_cast<uint8_t>(byte);
  auto* stream = static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session_, static_cast<int32_t>(id)));
  if (stream) stream->sent_bytes_ += frame.size();
}

// False when the stream takes no more for now.
bool H2Session::write_out() {
  iovec part{out_.data() + out_begin_, out_.size() - out_begin_};
  io::IoResult put = stream_->try_write({&part, 1});
  if (put.status == io::IoResult::ok) {
    out_begin_ += put.bytes;
    written_bytes_ += put.bytes;
    if (out_begin_ < out_.size()) return true;
    out_.clear();
    out_begin_ = 0;
    return true;
  }
  if (put.status == io::IoResult::would_block) {
    blocked_.set();
  } else {
    lose();
  }
  return false;
}

void H2Session::flush() {
  while (!lost_ && !blocked_.is_set()) {
    gather();
    if (out_.empty()) break;
    if (!write_out()) return;
  }
  if (out_.empty() && out_.capacity() > sizeof out_ && memory_->outputs.size() < spare_outputs_max) {
    memory_->outputs.push_back(std::move(out_));
    out_ = std::string();
  }
}

void H2Session::push() {
  if (ended()) return;
  gather();
  if (output_is_full()) {
    flush();
  } else if (!in_batch_) {
    turn_soon();
  }
}

io::Task<void> H2Session::keep_writing() {
  Patience patience(settings_.write_timeout, settings_.bytes_per_timeout_min);
  uint64_t counted = 0;
  while (true) {
    co_await blocked_.wait();
    patience.moved(written_bytes_ - std::exchange(counted, written_bytes_));
    MonoTime began = loop_.exact_now();
    io::Wake wake = co_await stream_->writable(patience.deadline(began));
    if (wake == io::Wake::timed_out) co_return lose();
    patience.waited(std::chrono::duration_cast<Duration>(loop_.now() - began));
    blocked_.reset();
    turn_soon();
  }
}

// ---- turns ----

void H2Session::turn_soon() {
  if (!turn_.armed()) turn_.start(MonoTime{});
}

// What gathered since the last one: tasks go on, and what they and others have to say is written at once.
void H2Session::turn() {
  in_batch_ = true;
  settle();
  in_batch_ = false;
  flush();
  if (!queue_.empty()) turn_soon();
  if (!wanted()) stream_->nudge();
  if (!output_is_full() || ended()) room_.open();  // last: the connection may end with it
}

// Those that were noted when it began; what they bring about waits for the next turn.
void H2Session::settle() {
  size_t count = queue_.size();
  for (size_t i = 0; i < count; ++i) {
    H2Stream* stream = std::exchange(queue_[i], nullptr);
    if (!stream) continue;
    stream->queue_index_ = SIZE_MAX;
    stream->settle();
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(count));
  for (size_t i = 0; i < queue_.size(); ++i) {
    if (queue_[i]) queue_[i]->queue_index_ = i;
  }
}

void H2Session::take(std::string_view bytes) {
  in_batch_ = true;
  ssize_t used = nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (overstrained_) {
    give_up(NGHTTP2_ENHANCE_YOUR_CALM, overstrained_);
  } else if (used < 0) {
    auto error = static_cast<int>(used);
    give_up(code_of(error), nghttp2_strerror(error));
  }
  settle();
  input_settled();
  in_batch_ = false;
  flush();
  if (!queue_.empty()) turn_soon();
}

H2Session::Input H2Session::read() {
  io::IoResult got = stream_->try_read({memory_->input.get(), h2_input_bytes});
  if (got.status == io::IoResult::would_block) return Input::none;
  if (got.status != io::IoResult::ok) return Input::end;
  take({memory_->input.get(), got.bytes});
  return Input::more;
}

io::Task<void> H2Session::run() {
  io::TaskSet writing;
  writing.spawn(keep_writing());
  flush();
  size_t batches = 0;
  while (wanted()) {
    if (blocked_.is_set() && output_is_full()) {
      co_await room_.wait(loop_, io::never);
      continue;
    }
    Input got = read();
    if (got == Input::end) {
      lose();
      break;
    }
    if (got == Input::more) {
      if (++batches % batches_in_turn_max == 0) co_await loop_.yield();
      continue;
    }
    io::Wake wake = co_await stream_->readable(next_deadline());
    if (wake == io::Wake::timed_out && !at_deadline()) break;
  }
  writing.cancel_all();
  co_await part();
}

// Says what is left to say. Closing with unread input would reset the connection, and could take that with it.
io::Task<void> H2Session::part() {
  gather();
  if (lost_ || settings_.linger_time == Duration{}) co_return;
  MonoTime deadline = loop_.exact_now() + settings_.linger_time;
  Result<void> written = co_await io::write_all(*stream_, std::string_view(out_).substr(out_begin_), deadline);
  if (!written) co_return;
  stream_->shutdown_write();
  for (size_t discarded = 0; discarded <= lingered_bytes_max;) {
    Result<size_t> got = co_await io::read_some(*stream_, {memory_->input.get(), h2_input_bytes}, deadline);
    if (!got || *got == 0) co_return;
    discarded += *got;
    co_await loop_.yield();
  }
}

}  // namespace pds::http
