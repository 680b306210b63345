#include "podinfo/cpu_profile.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(CpuProfile, mappings_are_the_executable_files) {
  std::vector<ProfileMapping> found = parse_mappings(
      "55d0c0a00000-55d0c0b00000 r-xp 00010000 08:01 1234   /usr/local/bin/podinfo\n"
      "55d0c0b00000-55d0c0c00000 rw-p 00010000 08:01 1234   /usr/local/bin/podinfo\n"
      "7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0      [vdso]\n"
      "7ffd00001000-7ffd00002000 r-xp 00000000 00:00 0\nnonsense\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].begin, 0x55d0c0a00000u);
  EXPECT_EQ(found[0].end, 0x55d0c0b00000u);
  EXPECT_EQ(found[0].offset, 0x10000u);
  EXPECT_EQ(found[0].file, "/usr/local/bin/podinfo");
}

TEST(CpuProfile, one_at_a_time_and_again_after_it) {
  CpuProfile first;
  ASSERT_TRUE(first.begun());
  EXPECT_FALSE(CpuProfile().begun());
  first.end();
  CpuProfile second;
  EXPECT_TRUE(second.begun());
}

TEST(CpuProfile, equal_stacks_are_counted_together) {
  CpuProfile running;
  auto stop = std::chrono::steady_clock::now() + 5s;
  volatile uint64_t sum = 0;
  clock_t enough = ::clock() + CLOCKS_PER_SEC / 4;  // of processor time
  while (::clock() < enough && std::chrono::steady_clock::now() < stop) sum = sum + 1;
  std::vector<ProfileSample> samples = running.end();
  int64_t total = 0;
  for (const ProfileSample& sample : samples) {
    EXPECT_FALSE(sample.addresses.empty());
    EXPECT_LE(sample.addresses.size(), profile_frames_max);
    total += sample.count;
  }
  EXPECT_GT(total, 0);
}

}  // namespace
}  // namespace pds::podinfo
