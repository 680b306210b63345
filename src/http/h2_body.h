// A body that arrives over HTTP/2. What has been read is what the peer may send again: reading moves the window, and what nobody
// reads is held here, at most a window of it.
#pragma once

#include "http/h2_gate.h"
#include "http/patience.h"
#include "http/service.h"

namespace pds::http {

class H2Stream;

class H2Body final : public Body {
 public:
  explicit H2Body(H2Stream& stream) : stream_(stream) {}

  io::Task<Result<std::string_view>> read() override;
  std::optional<uint64_t> length() const override { return length_; }
  const Headers& trailers() const override { return trailers_; }

  // From the connection; none of these wakes the reader.
  void begin(std::optional<uint64_t> length, const Patience& patience);
  void arrive(std::string_view bytes) { arrived_ += bytes; }
  void end() { ended_ = true; }
  void fail(std::string_view code);  // what has arrived can still be read
  Headers& trailers() { return trailers_; }
  void wake() { gate_.open(); }
  // Gives up what is held; the connection's window has it back.
  void drop();

  bool ended() const { return ended_; }
  bool drained() const { return ended_ && arrived_.empty(); }
  std::string_view error_code() const { return error_code_; }  // of the last failed read; empty

 private:
  H2Stream& stream_;
  std::string arrived_;  // not asked for yet
  std::string lent_;     // what the last read gave
  Headers trailers_;
  std::optional<uint64_t> length_ = 0;
  Patience patience_;
  bool ended_ = true;
  bool touched_ = false;
  std::string_view failure_;  // why no more will come
  std::string_view error_code_;
  Gate gate_;
};

}  // namespace pds::http
