// Keeps the books of one target while a load test runs.
#pragma once

#include <optional>

#include "loadtest/report.h"

namespace pds::loadtest {

class Recorder {
 public:
  Recorder(std::string name, std::string url);
  void start(MonoTime start) { start_ = start; }
  void sent() { ++report_.sent; }
  void succeeded(MonoTime now, Duration latency, const std::string& version);
  void failed(MonoTime now, Duration latency, const std::string& kind, const std::string& version);
  void begin_phase(MonoTime now, const std::string& name);
  // With the second that has not ended yet.
  TargetReport report() const;

 private:
  void note(MonoTime now, Duration latency, const std::string& version, bool success);
  void close_second();
  Duration since_start(MonoTime now) const { return std::chrono::duration_cast<Duration>(now - start_); }

  TargetReport report_;
  MonoTime start_{};
  std::optional<Second> second_;
  Histogram second_latency_;  // one, cleared each second: a day's worth of histograms would be gigabytes
};

}  // namespace pds::loadtest
