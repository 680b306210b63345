#include "sandbox/program.h"

#include <gtest/gtest.h>

namespace pds::sandbox {
namespace {

TEST(Program, is_found_by_its_path_or_by_its_name) {
  auto has = [](const std::string& path) { return path == "/home/app/podinfo" || path == "/bin/sh"; };
  auto find = [&](std::string_view name) { return find_program(name, "/home/app", "/usr/bin:/bin", has).value_or("nothing"); };
  EXPECT_EQ(find("./podinfo"), "/home/app/podinfo");
  EXPECT_EQ(find("/home/./app//podinfo"), "/home/app/podinfo");
  EXPECT_EQ(find("../../../bin/sh"), "/bin/sh");
  EXPECT_EQ(find("sh"), "/bin/sh");
  EXPECT_EQ(find("podinfo"), "nothing");
  EXPECT_EQ(find("/podinfo"), "nothing");
  EXPECT_EQ(normal_path("a/./b//c/"), "/a/b/c");
  EXPECT_EQ(normal_path(".."), "/");
}

}  // namespace
}  // namespace pds::sandbox
