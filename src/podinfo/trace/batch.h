// What waits to be told to a collector: gathered, sent by the hundred, dropped where there is no room.
#pragma once

#include <deque>

#include "base/log.h"
#include "podinfo/trace/exporter.h"
#include "podinfo/trace/otlp.h"

namespace pds::podinfo::trace {

class Batch {
 public:
  // `signal`: "traces", for the log. `log` must not lead back here.
  Batch(io::Loop& loop, const Logger& log, std::string signal, BatchSettings settings, std::string resource, Exporter exporter);

  void add(Item item);
  // Sends for ever: when a batch is full, and what is there after the delay.
  io::Task<void> run();
  // Sends all that is there; less where the collector does not take it until then.
  io::Task<Result<void>> flush(MonoTime deadline);
  // Spans or records that were not told: there was no room, or nobody took them.
  uint64_t lost() const { return lost_; }
  // The last batch was not taken, or the collector has kept somebody waiting who has no more time.
  bool fails() const { return fails_; }
  void note_silence();
  const std::string& signal() const { return signal_; }

 private:
  io::Task<void> send_one(MonoTime deadline);
  void note(const Result<void>& sent, size_t count);

  io::Loop& loop_;
  const Logger& log_;
  const std::string signal_;
  const BatchSettings settings_;
  const std::string resource_;
  Exporter exporter_;
  std::deque<Item> queue_;
  uint64_t lost_ = 0;
  bool sending_ = false, fails_ = false, overflows_ = false;
  io::Event due_, sent_;
  io::Timer timer_;
};

}  // namespace pds::podinfo::trace
