#include "http/h2_callbacks.h"

#include <cstring>

#include "http/h2_session.h"

namespace pds::http {
namespace {

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

}  // namespace

nghttp2_mem* h2_memory() {
  static nghttp2_mem memory{nullptr, allocate, release, allocate_zeroed, reallocate};
  return &memory;
}

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
        stream->head_bytes_ += h2_frame_head_bytes + frame->hd.length;
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
    session.out_.append(text_of(head, h2_frame_head_bytes)).append(stream->pending_.substr(0, size));
    stream->pending_.remove_prefix(size);
    stream->sent_bytes_ += h2_frame_head_bytes + size;
    session.guard_.frames.earn(h2_frames_earned_by_piece);
    if (stream->pending_.empty() && stream->written_.has_waiter()) stream->queue();
    return session.output_is_full() ? NGHTTP2_ERR_PAUSE : 0;
  }
};

nghttp2_data_provider outgoing_body() { return {{}, H2Callbacks::read_data}; }

const nghttp2_session_callbacks* h2_callbacks() {
  static const nghttp2_session_callbacks* made = [] {
    nghttp2_session_callbacks* callbacks = nullptr;
    ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, H2Callbacks::begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, H2Callbacks::begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, H2Callbacks::header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, H2Callbacks::invalid_header);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, H2Callbacks::invalid_frame);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, H2Callbacks::frame_received);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, H2Callbacks::data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, H2Callbacks::stream_closed);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, H2Callbacks::send_data);
    return callbacks;
  }();
  return made;
}

const nghttp2_option* h2_options() {
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

}  // namespace pds::http
