#include "io/files.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/process.h"

namespace pds::io {
namespace {

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/pds-io-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { EXPECT_TRUE(remove_tree(path)); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
};

TEST(Files, AreReplacedWholeAndReadBack) {
  Folder folder;
  ASSERT_TRUE(write_file_atomically(folder / "a", "one"));
  ASSERT_TRUE(write_file_atomically(folder / "a", std::string(100'000, 'x')));
  EXPECT_EQ(read_file(folder / "a")->size(), 100'000u);
  struct stat info{};
  ::stat((folder / "a").c_str(), &info);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(*list_directory(folder.path), std::vector<std::string>{"a"});  // no temporary file is left
}

TEST(Files, TooLargeMissingAndFoldersAreErrors) {
  Folder folder;
  ASSERT_TRUE(write_file_atomically(folder / "a", "12345"));
  EXPECT_EQ(*read_file(folder / "a", 5), "12345");
  EXPECT_EQ(read_file(folder / "a", 4).error().code, "E_TOO_LARGE");
  EXPECT_EQ(read_file(folder / "none").error().code, "E_NOT_FOUND");
  EXPECT_EQ(read_file(folder.path).error().code, "E_NOT_A_FILE");
  EXPECT_GT(read_file("/proc/self/status")->size(), 100u);  // has no size of its own
}

TEST(Files, RemovingATreeDoesNotFollowLinks) {
  Folder kept, removed;
  ASSERT_TRUE(write_file_atomically(kept / "precious", "x"));
  ASSERT_TRUE(make_directories(removed / "deep/er/still"));
  ASSERT_TRUE(write_file_atomically(removed / "deep/er/file", "x"));
  ASSERT_EQ(::symlink(kept.path.c_str(), (removed / "deep/link").c_str()), 0);
  ASSERT_TRUE(remove_tree(removed / "deep"));
  EXPECT_FALSE(exists(removed / "deep"));
  EXPECT_TRUE(exists(kept / "precious"));
  EXPECT_TRUE(remove_tree(removed / "deep"));  // absent is fine
}

TEST(Files, AFolderInTheWayOfAFileIsSaid) {
  Folder folder;
  ASSERT_TRUE(write_file_atomically(folder / "a", "x"));
  EXPECT_FALSE(make_directories(folder / "a/b"));
  EXPECT_EQ(make_directories(folder / "a").error().code, "E_NOT_A_DIRECTORY");
}

TEST(FileLock, IsExclusiveAndNamesItsHolder) {
  Folder folder;
  auto first = FileLock::acquire(folder / "lock");
  ASSERT_TRUE(first);
  auto second = FileLock::acquire(folder / "lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "E_LOCKED");
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
  {
    FileLock gone = std::move(*first);
  }
  EXPECT_TRUE(FileLock::acquire(folder / "lock"));
}

TEST(Process, RunsWithExactlyTheGivenEnvironmentAndInput) {
  auto result =
      run_process({"sh", "-c", "cat; echo \"$A-$HOME\"; echo bad >&2; exit 3"}, {{"A", "b c"}, {"PATH", "/usr/bin:/bin"}}, "in\n");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "in\nb c-\n");
  EXPECT_EQ(result->errors, "bad\n");
}

TEST(Process, TellsASignalFromAnExitCode) {
  auto result = run_process({"sh", "-c", "kill -9 $$"}, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 128 + 9);
}

TEST(Process, SurvivesAProgramThatDoesNotReadItsInput) {
  auto result = run_process({"true"}, {}, std::string(1 << 20, 'x'));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0);
}

TEST(Process, StopsAProgramThatWritesWithoutEnd) {
  auto result = run_process({"yes"}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "E_TOO_LARGE");
}

TEST(Process, StopsAProgramThatTakesOrWritesMoreThanItMay) {
  auto slow = run_process({"sleep", "100"}, {}, "", {.time = 50ms});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, "E_TIMEOUT");
  auto wordy = run_process({"printf", "12345"}, {}, "", {.output_bytes_max = 4});
  ASSERT_FALSE(wordy);
  EXPECT_EQ(wordy.error().code, "E_TOO_LARGE");
  EXPECT_TRUE(run_process({"printf", "1234"}, {}, "", {.output_bytes_max = 4, .time = 60s}));
}

TEST(Process, DoesNotWaitForAGrandchildThatKeepsThePipe) {
  auto result = run_process({"sh", "-c", "sleep 100 & echo $!"}, {{"PATH", "/usr/bin:/bin"}});
  ASSERT_TRUE(result);
  int grandchild = std::stoi(result->output);
  auto identity = identify_process(grandchild);
  ASSERT_TRUE(identity);
  signal_process(*identity, SIGKILL);
}

TEST(Process, AMissingProgramIsSaid) {
  auto result = run_process({"no-such-program-here"}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "E_NOT_FOUND");
}

TEST(Process, IdentityTellsARecycledPidApart) {
  auto self = identify_process(::getpid());
  ASSERT_TRUE(self);
  EXPECT_TRUE(is_alive(*self));
  ProcessIdentity other = *self;
  other.start_ticks += 1;
  EXPECT_FALSE(is_alive(other));
  signal_process(other, SIGKILL);  // would be the end of this test
}

TEST(Process, WaitingForAnExitEndsWithIt) {
  Loop loop;
  pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  auto identity = identify_process(child);
  ASSERT_TRUE(identity);
  loop.post([&] { signal_process(*identity, SIGTERM); });
  run_until_done(loop, wait_for_exit(loop, *identity));
  EXPECT_FALSE(is_alive(*identity));  // a zombie is not alive
  ::waitpid(child, nullptr, 0);
  run_until_done(loop, wait_for_exit(loop, *identity));  // gone: nothing to wait for
}

}  // namespace
}  // namespace pds::io
