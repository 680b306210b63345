#include "http/h2_session.h"

#include <cstring>

namespace pds::http {
namespace {

// A peer that is as fast as we are does not keep other connections waiting.
constexpr size_t batches_in_turn_max = 8;
// Where in a frame its type, its stream, and, of a GOAWAY, the code stand.
constexpr size_t frame_head_bytes = 9, type_at = 3, stream_at = 5, code_at = frame_head_bytes + 4;
constexpr size_t spare_outputs_max = 64;
constexpr size_t lingered_bytes_max = 4 * 1024 * 1024;
// Heads that we send are bounded where they come from; nghttp2 splits them into frames.
constexpr size_t sent_head_bytes_max = 1024 * 1024;

// ---- memory for nghttp2, recycled like coroutine frames ----

constexpr size_t size_prefix = 16;  // the size, and the alignment that malloc promises

void* allocate(size_t size, void*) {
  auto* memory = static_cast<char*>(io::detail::allocate_frame(size + size_prefix));
  memcpy(memory, &size, sizeof size);
  return memory + size_prefix;
}

void release(void* pointer, void*) {
  if (!pointer) return;
  char* memory = static_cast<char*>(pointer) - size_prefix;
  size_t size;
  memcpy(&size, memory, sizeof size);
  io::detail::free_frame(memory, size + size_prefix);
}

void* allocate_zeroed(size_t count, size_t size, void*) {
  void* memory = allocate(count * size, nullptr);
  memset(memory, 0, count * size);
  return memory;
}

void* reallocate(void* pointer, size_t size, void*) {
  void* larger = allocate(size, nullptr);
  if (!pointer) return larger;
  size_t before;
  memcpy(&before, static_cast<char*>(pointer) - size_prefix, sizeof before);
  memcpy(larger, pointer, std::min(before, size));
  release(pointer, nullptr);
  return larger;
}

nghttp2_mem recycled_memory{nullptr, allocate, release, allocate_zeroed, reallocate};

std::string_view text_of(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

uint32_t code_of(int error) {
  if (error == NGHTTP2_ERR_FLOODED || error == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) return NGHTTP2_ENHANCE_YOUR_CALM;
  return error == NGHTTP2_ERR_BAD_CLIENT_MAGIC ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_INTERNAL_ERROR;
}

}  // namespace

// ---- what nghttp2 calls ----

struct H2Callbacks {
  static H2Session& session_of(void* user) { return *static_cast<H2Session*>(user); }
  static H2Stream* stream_of(nghttp2_session* raw, int32_t id) {
    return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(raw, id));
  }
  static int verdict(const H2Session& session) { return session.overstrained_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0; }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* user) {
    session_of(user).frame_begins(*frame);
    return verdict(session_of(user));
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    H2Session& session = session_of(user);
    bool opens = frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    session.receiving_ = session.stream_for(frame->hd.stream_id, opens);
    if (opens && !session.receiving_) session.count_reset();  // refused: there are too many
    session.ignoring_ = session.receiving_ == nullptr;
    session.fields_began_ = session.loop_.now();
    if (session.receiving_) {
      session.guard_.frames.earn(h2_frames_earned_by_request);
      session.receiving_->fields_begin();
    }
    return verdict(session);
  }

  static int header(nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t name_size, const uint8_t* value,
                    size_t value_size, uint8_t, void* user) {
    H2Session& session = session_of(user);
    if (session.receiving_) session.receiving_->field(text_of(name, name_size), text_of(value, value_size));
    return 0;
  }

  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*, size_t, uint8_t,
                            void* user) {
    H2Session& session = session_of(user);
    if (session.receiving_) session.receiving_->bad_field();
    return 0;
  }

  // A frame that breaks the protocol, or opens a stream too many: nghttp2 refuses it, which costs the peer nothing.
  static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
    H2Session& session = session_of(user);
    session.receiving_ = nullptr;
    session.ignoring_ = false;
    session.count_reset();
    return verdict(session);
  }

  static int frame_received(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    H2Session& session = session_of(user);
    bool last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      if (H2Stream* stream = std::exchange(session.receiving_, nullptr)) {
        stream->head_bytes_ += frame_head_bytes + frame->hd.length;
        stream->fields_end(last);
        stream->queue();
      }
      session.ignoring_ = false;
    } else if (frame->hd.type == NGHTTP2_DATA && last) {
      if (H2Stream* stream = stream_of(raw, frame->hd.stream_id)) {
        stream->body_.end();
        stream->queue();
      }
    } else if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK)) {
      session.settings_received();
    } else if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK)) {
      session.ping_answered();
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
      session.going_away();
    }
    return 0;
  }

  static int data_chunk(nghttp2_session* raw, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
    H2Session& session = session_of(user);
    session.guard_.frames.earn(h2_frames_earned_by_piece);
    if (H2Stream* stream = stream_of(raw, id)) {
      stream->body_.arrive(text_of(data, size));
      stream->queue();
    } else {
      nghttp2_session_consume(raw, id, size);
    }
    return 0;
  }

  static int stream_closed(nghttp2_session* raw, int32_t id, uint32_t code, void* user) {
    H2Session& session = session_of(user);
    H2Stream* stream = stream_of(raw, id);
    if (!stream) return 0;
    if (session.receiving_ == stream) session.receiving_ = nullptr;
    bool expected = stream->reset_here_ || stream->output_done_;
    if (!expected) session.count_reset();
    stream->closed_ = true;
    stream->closed(code);
    stream->queue();
    return verdict(session);
  }

  static ssize_t read_data(nghttp2_session* raw, int32_t id, uint8_t*, size_t room, uint32_t* flags, nghttp2_data_source*, void*) {
    H2Stream* stream = stream_of(raw, id);
    return stream ? stream->next_piece(room, *flags) : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  // Copies a piece of a body from where its writer has it into the output.
  static int send_data(nghttp2_session* raw, nghttp2_frame* frame, const uint8_t* head, size_t size, nghttp2_data_source*,
                       void* user) {
    H2Session& session = session_of(user);
    H2Stream* stream = stream_of(raw, frame->hd.stream_id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    session.out_.append(text_of(head, frame_head_bytes)).append(stream->pending_.substr(0, size));
    stream->pending_.remove_prefix(size);
    stream->sent_bytes_ += frame_head_bytes + size;
    session.guard_.frames.earn(h2_frames_earned_by_piece);
    if (stream->pending_.empty() && stream->written_.has_waiter()) stream->queue();
    return session.output_is_full() ? NGHTTP2_ERR_PAUSE : 0;
  }

  static const nghttp2_session_callbacks* all() {
    static const nghttp2_session_callbacks* made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
      nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, begin_frame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
      nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, invalid_header);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalid_frame);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_chunk);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
      nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
      return callbacks;
    }();
    return made;
  }

  static const nghttp2_option* options() {
    static const nghttp2_option* made = [] {
      nghttp2_option* option = nullptr;
      ASSERT(nghttp2_option_new(&option) == 0);
      nghttp2_option_set_no_auto_window_update(option, 1);
      nghttp2_option_set_no_closed_streams(option, 1);
      nghttp2_option_set_max_outbound_ack(option, 2 * static_cast<size_t>(h2_idle_frames_burst));  // H2Guard says no before that
      nghttp2_option_set_max_continuations(option, h2_continuations_max);
      nghttp2_option_set_max_send_header_block_length(option, sent_head_bytes_max);
      // H2Guard counts resets, and says ENHANCE_YOUR_CALM where nghttp2 would say INTERNAL_ERROR.
      nghttp2_option_set_stream_reset_rate_limit(option, 1u << 30, 1u << 30);
      return option;
    }();
    return made;
  }
};

// ---- streams ----

H2Stream::~H2Stream() { detach(); }

io::Loop& H2Stream::loop() { return session_->loop(); }

void H2Stream::attach(H2Session& session, int32_t id) {
  session_ = &session;
  id_ = id;
  closed_ = reset_here_ = output_done_ = last_ = deferred_ = false;
  head_bytes_ = sent_bytes_ = 0;
  nghttp2_session_set_stream_user_data(session.session_, id, this);
}

void H2Stream::detach() {
  if (!session_) return;
  body_.drop();
  if (queue_index_ != SIZE_MAX) session_->queue_[queue_index_] = nullptr;
  queue_index_ = SIZE_MAX;
  if (session_->receiving_ == this) session_->receiving_ = nullptr;
  if (!closed_) nghttp2_session_set_stream_user_data(session_->session_, id_, nullptr);
  session_ = nullptr;
}

void H2Stream::queue() {
  if (queue_index_ != SIZE_MAX) return;
  queue_index_ = session_->queue_.size();
  session_->queue_.push_back(this);
  if (!session_->in_batch_) session_->turn_soon();
}

void H2Stream::give_window(size_t bytes) {
  if (!session_ || bytes == 0) return;
  nghttp2_session_consume(session_->session_, id_, bytes);
  session_->push();
}

void H2Stream::reset(uint32_t code) {
  if (!is_open()) return;
  reset_here_ = true;
  nghttp2_submit_rst_stream(session_->session_, NGHTTP2_FLAG_NONE, id_, code);
  session_->push();
}

ssize_t H2Stream::next_piece(size_t room, uint32_t& flags) {
  if (pending_.empty() && !last_) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  size_t size = std::min(room, pending_.size());
  if (size > 0) flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (size < pending_.size() || !last_) return static_cast<ssize_t>(size);
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (trailers_ && trailers_->size() > 0) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    std::vector<nghttp2_nv>& fields = session_->scratch();
    fields.clear();
    for (auto [name, value] : *trailers_) fields.push_back(field_of(name, value));
    nghttp2_submit_trailer(session_->session_, id_, fields.data(), fields.size());
  }
  output_done_ = true;
  if (written_.has_waiter()) queue();
  return static_cast<ssize_t>(size);
}

io::Task<Result<void>> H2Stream::put(std::string_view piece, bool last, const Headers* trailers) {
  struct Taken {
    H2Stream& stream;
    ~Taken() {  // a cancelled writer takes its bytes with it
      stream.pending_ = {};
      stream.trailers_ = nullptr;
      if (!stream.output_done_) stream.last_ = false;
    }
  } taken{*this};
  pending_ = piece;
  last_ = last;
  trailers_ = trailers;
  auto under_way = [this] { return !pending_.empty() || (last_ && !output_done_); };
  if (is_open()) {
    if (std::exchange(deferred_, false)) nghttp2_session_resume_data(session_->session_, id_);
    session_->push();
  }
  Patience patience(session_ ? session_->settings_.write_timeout : Duration{}, session_ ? session_->settings_.bytes_per_timeout_min : 1);
  while (is_open() && under_way()) {
    size_t before = pending_.size();
    MonoTime began = loop().exact_now();
    io::Wake wake = co_await written_.wait(loop(), patience.deadline(began));
    MonoTime now = loop().now();
    patience.waited(std::chrono::duration_cast<Duration>(now - began));
    patience.moved(before - pending_.size());
    if (wake == io::Wake::timed_out && under_way() && patience.deadline(now) <= now) reset(NGHTTP2_CANCEL);
    if (reset_here_) break;
  }
  if (!under_way()) co_return Result<void>();
  co_return fail_world("E_CLOSED", reset_here_ ? "the peer takes nothing of this stream" : "the stream is closed", false);
}

// ---- the session ----

nghttp2_nv field_of(std::string_view name, std::string_view value, uint8_t flags) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())), reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
          name.size(), value.size(), flags};
}

nghttp2_data_provider outgoing_body() { return {{}, H2Callbacks::read_data}; }

H2Session::H2Session(io::Loop& loop, std::unique_ptr<io::Stream> stream, std::shared_ptr<H2Memory> memory,
                     const H2Settings& settings)
    : loop_(loop), stream_(std::move(stream)), memory_(std::move(memory)), settings_(settings), turn_(loop, [this] { turn(); }) {
  auto make = settings.server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;
  ASSERT(make(&session_, H2Callbacks::all(), this, H2Callbacks::options(), &recycled_memory) == 0);
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
