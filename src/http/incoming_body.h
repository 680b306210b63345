// A body being received, for server and client alike.
#pragma once

#include "http/buffer.h"
#include "http/chunked.h"
#include "http/service.h"

namespace pds::http {

// What the owner of the connection does around the body.
class BodyOwner {
 public:
  virtual ~BodyOwner() = default;
  // Before the first byte is asked for: a server sends 100 Continue here.
  virtual io::Task<Result<void>> before_body() = 0;
  // The body has come to its end; called once, at once when there is none.
  virtual void body_ended() = 0;
};

class IncomingBody final : public Body {
 public:
  IncomingBody(BodyOwner& owner, const Limits& limits) : owner_(owner), decoder_(limits) {}

  // Stream and buffer must outlive the body, or its end.
  void begin(io::Stream& stream, InputBuffer& buffer, const Framing& framing, Duration timeout);
  io::Task<Result<std::string_view>> read() override;
  std::optional<uint64_t> length() const override;
  const Headers& trailers() const override { return decoder_.trailers(); }

  bool ended() const { return ended_; }
  bool touched() const { return touched_; }                      // somebody has asked for it
  const std::string& error_code() const { return error_code_; }  // of the last failed read

 private:
  // A piece out of what is buffered; empty when more must be read first.
  Result<std::string_view> take_buffered();
  std::string_view take_sized();
  Result<std::string_view> take_chunked();
  io::Task<Result<void>> fill();
  void end();

  BodyOwner& owner_;
  ChunkedDecoder decoder_;
  io::Stream* stream_ = nullptr;
  InputBuffer* buffer_ = nullptr;
  Framing framing_;
  uint64_t left_ = 0;
  Duration timeout_{};
  bool ended_ = true;
  bool touched_ = false;
  bool source_ended_ = false;
  std::string error_code_;
};

}  // namespace pds::http
