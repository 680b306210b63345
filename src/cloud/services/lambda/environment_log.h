// The log of one environment: what the function writes, in order with the lines around each invocation.
//
// Nothing of it happens between a request and its answer. START lines are noted when an invocation begins; END and REPORT follow
// when the sandbox has handed over what the function wrote before it answered, a few milliseconds later, or when the next
// invocation begins, whichever is first.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cloud/telemetry.h"
#include "io/loop.h"
#include "sandbox/sandbox.h"

namespace pds::cloud::lambda {

inline constexpr size_t log_line_bytes_max = 256 * 1024;

class EnvironmentLog {
 public:
  EnvironmentLog(io::Loop& loop, const Clock& clock, LogSink& sink, std::string group, std::string stream, uint64_t position);

  // From now on the sandbox's output is read. It must outlive this object or detach() be called.
  void attach(sandbox::Sandbox& sandbox) { sandbox_ = &sandbox; }
  void detach() { sandbox_ = nullptr; }

  void begin(std::string start_line, bool keep_tail);
  // `closing` is written after what the function has written so far: failure lines, END, REPORT.
  void end(std::vector<std::string> closing);
  // What end() was given, now, without waiting for the sandbox.
  void settle();
  // A line of its own, now: INIT_REPORT.
  void note(std::string line);

  // Brings everything up to date and hands it to the sink.
  io::Task<void> flush();
  // The last bytes of the invocation that was begun with keep_tail. After flush().
  std::string tail() const;

  // Follows the output while nothing else asks for it: long invocations, background work.
  io::Task<void> follow();

  const std::string& stream() const { return stream_; }
  uint64_t position() const { return position_; }

 private:
  void catch_up();
  void read();
  void take(std::string_view text);
  void add(std::string line);
  void write_closing();
  void hand_over();

  io::Loop& loop_;
  const Clock& clock_;
  LogSink& sink_;
  std::string group_, stream_;
  uint64_t position_;
  sandbox::Sandbox* sandbox_ = nullptr;
  bool grown_ = true;    // the sandbox may have written more than was read; most invocations write nothing
  std::string partial_;  // a line without its end yet
  std::vector<std::string> closing_;
  std::vector<LogSink::Line> ready_;
  bool keeps_tail_ = false;
  std::string tail_;
};

}  // namespace pds::cloud::lambda
