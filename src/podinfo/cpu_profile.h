// Where this process spends its time: every 10 ms of processor time a signal looks at the stack of whoever it interrupts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace pds::podinfo {

inline constexpr size_t profile_frames_max = 64, profile_samples_max = 1 << 15;
inline constexpr Duration profile_period = 10ms;

struct ProfileSample {
  std::vector<uint64_t> addresses;  // the innermost first
  int64_t count = 0;
};

// A mapped file of the process.
struct ProfileMapping {
  uint64_t begin = 0, end = 0, offset = 0;
  std::string file;
};

// One at a time in a process; ends when it is destroyed.
class CpuProfile {
 public:
  // False in begun(): another one goes on.
  CpuProfile();
  ~CpuProfile();
  bool begun() const { return begun_; }
  // What was seen, equal stacks counted together.
  std::vector<ProfileSample> end();

 private:
  void stop();
  bool begun_ = false;
};

// The executable ones, from /proc/self/maps.
std::vector<ProfileMapping> parse_mappings(std::string_view maps);
// As pprof reads it (profile.proto), not compressed.
std::string encode_profile(const std::vector<ProfileSample>& samples, const std::vector<ProfileMapping>& mappings, Timestamp began, Duration took);

}  // namespace pds::podinfo
