#include "podinfo/config_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "io/files.h"
#include "podinfo/directory_watch.h"

namespace pds::podinfo {
namespace {

struct Folder {
  char path[40] = "/tmp/podinfo-configs-XXXXXX";
  Folder() { EXPECT_TRUE(mkdtemp(path)); }
  ~Folder() { EXPECT_TRUE(io::remove_tree(path)); }
  std::string at(const std::string& name) const { return std::string(path) + "/" + name; }
};

TEST(ConfigFiles, AreThoseAMountedConfigMapShows) {
  Folder folder;
  // As the kubelet lays it out: files are links into a folder behind a link that is swapped.
  ASSERT_TRUE(io::make_directories(folder.at("..2026")));
  ASSERT_TRUE(io::write_file_atomically(folder.at("..2026/a.txt"), "one"));
  ASSERT_EQ(::symlink("..2026", folder.at("..data").c_str()), 0);
  ASSERT_EQ(::symlink("..data/a.txt", folder.at("a.txt").c_str()), 0);
  ASSERT_TRUE(io::make_directories(folder.at("inner")));
  ASSERT_TRUE(io::write_file_atomically(folder.at("large"), std::string(shown_file_bytes_max + 1, 'x')));
  EXPECT_EQ(*read_config_files(folder.path), (ConfigFiles{{"a.txt", "one"}}));
  EXPECT_FALSE(read_config_files(folder.at("missing")));
}

io::Task<void> write_and_wait(DirectoryWatch& watch, std::string path) {
  EXPECT_TRUE(io::write_file_atomically(path, "x"));
  co_await watch.changed();
  ::unlink(path.c_str());
  co_await watch.changed();
}

TEST(DirectoryWatch, WakesAfterAFileHasComeOrGone) {
  Folder folder;
  io::Loop loop;
  auto watch = DirectoryWatch::open(loop, folder.path);
  ASSERT_TRUE(watch) << watch.error().message;
  io::run_until_done(loop, write_and_wait(**watch, folder.at("a")));
  EXPECT_FALSE(DirectoryWatch::open(loop, folder.at("missing")));
}

}  // namespace
}  // namespace pds::podinfo
