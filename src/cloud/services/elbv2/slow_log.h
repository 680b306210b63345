// Requests that took long, told to the cloud's log with what each phase took. At most slow_lines_per_second_max lines a second of real
// time: what goes beyond is counted, and the next line says how many there were.
#pragma once

#include "base/log.h"
#include "proxy/frontend.h"

namespace pds::cloud::elbv2 {

inline constexpr int slow_lines_per_second_max = 10;

class SlowLog {
 public:
  // A threshold of 0 tells nothing.
  SlowLog(const Logger& log, Duration threshold) : log_(log), threshold_(threshold) {}
  void attach(proxy::Frontend& frontend);
  void tell(const proxy::AccessEntry& entry, MonoTime now);

 private:
  const Logger& log_;
  const Duration threshold_;
  MonoTime second_began_{};
  int told_ = 0;
  uint64_t left_out_ = 0;
};

}  // namespace pds::cloud::elbv2
