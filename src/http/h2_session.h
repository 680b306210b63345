// One HTTP/2 connection, whichever end: an nghttp2 session driven over a stream.
//
// nghttp2 has the framing, HPACK, the states of streams and the windows; here are the bytes, the waiting and the limits.
//
//   input    read into a buffer that all connections of an owner share, and eaten at once. What it brings is noted at its streams
//            (H2Stream::queue), and their tasks run when all of it is eaten: nothing of ours runs inside nghttp2.
//   output   frames of all streams gather in one buffer, which is written once per batch of input and once per turn of the loop.
//            It takes no more than h2_output_bytes_max; then bodies stay where they are, with their writers waiting.
//   a peer that reads nothing: input is not read either while the output is full, and after write_timeout the connection is cut.
#pragma once

#include <nghttp2/nghttp2.h>

#include <vector>

#include "http/h2_body.h"
#include "http/h2_guard.h"
#include "http/service.h"
#include "io/stream.h"

namespace pds::http {

// What a peer may send of one body before it is read, and of all bodies of a connection: this much memory a connection can be made
// to hold. Sixteen bodies that nobody reads do not yet stop the others.
inline constexpr int32_t h2_stream_window_bytes = 128 * 1024;
inline constexpr int32_t h2_connection_window_bytes = 2 * 1024 * 1024;
inline constexpr size_t h2_output_bytes_max = 64 * 1024;  // and one frame more
inline constexpr size_t h2_input_bytes = 64 * 1024;       // read at once
inline constexpr uint32_t h2_streams_max = 128;           // at once, of one peer: as application load balancers have it

class H2Session;

nghttp2_nv field_of(std::string_view name, std::string_view value, uint8_t flags = NGHTTP2_NV_FLAG_NONE);
// What makes nghttp2 ask the stream for its body (H2Stream::put).
nghttp2_data_provider outgoing_body();

// One request and its answer: a body each way.
class H2Stream {
 public:
  H2Stream() : body_(*this) {}
  virtual ~H2Stream();
  H2Stream(const H2Stream&) = delete;

  // The next piece of the outgoing body, and whether it is the last; returns when it has been taken into frames. The trailers are
  // used with the last one. E_CLOSED: the stream is gone, or the peer takes nothing.
  io::Task<Result<void>> put(std::string_view piece, bool last, const Headers* trailers);
  // Ends the stream now, unless it has ended.
  void reset(uint32_t code);
  void give_window(size_t bytes);
  io::Loop& loop();
  // Before the first byte of the body is waited for.
  virtual io::Task<Result<void>> before_body() { co_return Result<void>(); }

 protected:
  friend class H2Session;
  friend struct H2Callbacks;
  // From nghttp2, while it eats: these only note things.
  virtual void fields_begin() = 0;
  virtual void field(std::string_view name, std::string_view value) = 0;
  virtual void bad_field() = 0;
  virtual void fields_end(bool last) = 0;
  virtual void closed(uint32_t code) = 0;  // NO_ERROR when it ended in order
  // Afterwards, outside nghttp2 and outside every task of a stream. May destroy the stream.
  virtual void settle() = 0;

  void attach(H2Session& session, int32_t id);
  // The stream lives on without us.
  void detach();
  void wake_writer() { written_.open(); }
  void queue();
  bool is_open() const { return session_ && !closed_; }
  ssize_t next_piece(size_t room, uint32_t& flags);

  H2Session* session_ = nullptr;
  int32_t id_ = 0;
  H2Body body_;
  bool closed_ = false;
  bool reset_here_ = false;   // by us, and not for what the peer did
  uint64_t head_bytes_ = 0;   // of the head that came, as it came
  uint64_t sent_bytes_ = 0;   // framed, heads included
  bool output_done_ = false;  // all of it is in frames

 private:
  size_t queue_index_ = SIZE_MAX;
  std::string_view pending_;
  const Headers* trailers_ = nullptr;
  bool last_ = false;
  bool deferred_ = false;  // nghttp2 has been told that there is nothing to send
  Gate written_;
};

// What the connections of one owner share: none of them needs it across a wait.
struct H2Memory {
  std::unique_ptr<char[]> input{new char[h2_input_bytes]};
  std::vector<std::string> outputs;  // empty, with the memory that they have grown
};

struct H2Settings {
  bool server = true;
  Limits limits;
  uint32_t streams_max = h2_streams_max;
  Duration write_timeout{};
  size_t bytes_per_timeout_min = 1;
  Duration linger_time{};  // how long an ended connection is read on, so that the peer sees why; 0: not at all
};

class H2Session {
 public:
  H2Session(io::Loop& loop, std::unique_ptr<io::Stream> stream, std::shared_ptr<H2Memory> memory, const H2Settings& settings);
  virtual ~H2Session();
  H2Session(const H2Session&) = delete;

  io::Loop& loop() { return loop_; }
  const Limits& limits() const { return settings_.limits; }
  nghttp2_session* raw() { return session_; }
  // Frames what there is to send, and sees to it that it is written in this turn of the loop.
  void push();
  // Fields of a head to be sent; names are written in lower case. The texts are used before the next call.
  std::vector<nghttp2_nv>& scratch() { return fields_; }
  // No more is read or answered: the peer is told the code, and why in words.
  void give_up(uint32_t code, std::string_view why);

 protected:
  friend class H2Stream;
  friend struct H2Callbacks;
  // To the end of the connection. Streams are closed when it returns.
  io::Task<void> run();
  // The stream that a new block of fields is for; null: none of ours.
  virtual H2Stream* stream_for(int32_t id, bool opens) = 0;
  virtual void settings_received() {}
  virtual void ping_answered() {}
  virtual void going_away() {}
  // After each batch of input, when the streams have been told: tasks may run.
  virtual void input_settled() {}
  // When to wake up though nothing comes, and what then: false ends the connection.
  virtual io::Deadline next_deadline() = 0;
  virtual bool at_deadline() = 0;
  // Whether something is under way that the end waits for.
  virtual bool busy() const = 0;

  bool in_fields() const { return receiving_ != nullptr || ignoring_; }  // a block of fields has begun and not ended
  MonoTime fields_began() const { return fields_began_; }
  bool ended() const { return given_up_ || lost_; }
  bool broken() const { return given_up_ || failed_; }  // the peer did what it may not
  io::Stream& stream() { return *stream_; }
  // Nothing more goes out: for owners that are about to destroy their streams.
  void stop() { lost_ = true; }

 private:
  enum class Input : uint8_t { more, none, end };
  Input read();
  void take(std::string_view bytes);
  void frame_begins(const nghttp2_frame_hd& frame);
  void count_reset();   // a client's peers may reset what they like
  bool wanted() const;  // there is something to read, to write or to wait for
  bool output_is_full() const { return out_.size() - out_begin_ >= h2_output_bytes_max; }
  void gather();
  void count_head(std::string_view frame);
  void flush();
  bool write_out();
  void settle();
  void turn();
  void turn_soon();
  io::Task<void> keep_writing();
  io::Task<void> part();
  void lose();

  io::Loop& loop_;
  std::unique_ptr<io::Stream> stream_;
  std::shared_ptr<H2Memory> memory_;
  H2Settings settings_;
  nghttp2_session* session_ = nullptr;
  std::vector<nghttp2_nv> fields_;
  std::string out_;
  size_t out_begin_ = 0;  // written already
  std::vector<H2Stream*> queue_;
  H2Stream* receiving_ = nullptr;
  bool ignoring_ = false;
  MonoTime fields_began_{};
  H2Guard guard_;
  const char* overstrained_ = nullptr;  // by what
  bool in_batch_ = false;               // who is running flushes at its end
  bool lost_ = false;                   // the stream is of no use any more
  bool given_up_ = false;               // we have said GOAWAY for good
  bool failed_ = false;                 // nghttp2 has
  uint64_t written_bytes_ = 0;
  io::Event blocked_;                   // output waits for the stream
  Gate room_;                           // the reader waits for the output
  io::Timer turn_;
};

}  // namespace pds::http
