// A body being received, for server and client alike.
#pragma once

#include "http/buffer.h"
#include "http/chunked.h"
#include "http/patience.h"
#include "http/service.h"

namespace pds::http {

// What the owner of the connection does around the body.
class BodyOwner {
 public:
  virtual ~BodyOwner() = default;
  // Before the first byte is asked for, when the body was begun so: a server sends 100 Continue here.
  virtual io::Task<Result<void>> before_body() = 0;
  // The body has come to its end; called once, at once when there is none.
  virtual void body_ended() = 0;
};

class IncomingBody final : public Body {
 public:
  IncomingBody(BodyOwner& owner, const Limits& limits) : owner_(owner), decoder_(limits) {}

  // Stream and buffer must outlive the body, or its end.
  void begin(io::Stream& stream, InputBuffer& buffer, const Framing& framing, const Patience& patience, bool ask_owner_first = false);
  io::Task<Result<std::string_view>> read() override;
  std::optional<uint64_t> length() const override;
  const Headers& trailers() const override { return decoder_.trailers(); }

  bool ended() const { return ended_; }
  const std::string& error_code() const { return error_code_; }  // of the last failed read

 private:
  // What can be said without waiting.
  std::optional<Result<std::string_view>> read_now();
  io::Task<Result<std::string_view>> read_later();
  // A piece out of what is buffered; empty when more must be read first.
  Result<std::string_view> take_buffered();
  std::string_view take_sized();
  Result<std::string_view> take_chunked();
  // Reads what has come; false when that is nothing yet.
  Result<bool> try_fill();
  io::Task<Result<void>> wait_for_more();
  void end();

  BodyOwner& owner_;
  ChunkedDecoder decoder_;
  io::Stream* stream_ = nullptr;
  InputBuffer* buffer_ = nullptr;
  Framing framing_;
  uint64_t left_ = 0;
  Patience patience_;
  bool ask_owner_first_ = false;
  bool ended_ = true;
  bool source_ended_ = false;
  std::string error_code_;
};

}  // namespace pds::http
