#include "cloud/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "io/files.h"

namespace pds::cloud {
namespace {

struct Record {
  std::string text;
  int number = 0;
};
PDS_SHAPE(Record, FIELD(text, "text"), FIELD(number, "number"))

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/pds-store-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ + "/store.db";
  }
  void TearDown() override { ASSERT_TRUE(io::remove_tree(folder_)); }

  std::unique_ptr<Store> open(io::Loop& loop) {
    Result<std::unique_ptr<Store>> store = Store::open(loop, path_);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  std::string folder_, path_;
};

io::Task<Result<void>> write_and_wait(Store& store) {
  Table<Record> table(store, "t");
  table.put("a", {"one", 1});
  table.put("b", {"two", 2});
  table.update("a", [](Record& record) { record.number = 10; });
  table.put("c", {"three", 3});
  table.erase("b");
  co_return co_await store.durable();
}

TEST_F(StoreTest, what_was_durable_is_found_again) {
  {
    io::Loop loop;
    auto store = open(loop);
    ASSERT_TRUE(io::run_until_done(loop, write_and_wait(*store)));
    EXPECT_FALSE(store->dirty());
  }
  io::Loop loop;
  auto store = open(loop);
  Table<Record> table(*store, "t");
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.find("a")->number, 10);
  EXPECT_EQ(table.find("b"), nullptr);
  EXPECT_EQ(store->tables("")[0], "t");
}

TEST_F(StoreTest, only_its_owner_can_read_the_file) {
  io::Loop loop;
  auto store = open(loop);
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

// A process that writes pairs of rows, each pair between two waits, and is killed at some point: no pair is ever found halved.
TEST_F(StoreTest, writes_between_two_waits_are_found_all_or_none_after_a_kill) {
  for (int delay_ms : {2, 5, 9, 14, 20}) {
    pid_t child = ::fork();
    if (child == 0) {
      io::Loop loop;
      auto store = Store::open(loop, path_);
      auto write_for_ever = [](Store& s) -> io::Task<void> {
        Table<Record> left(s, "left"), right(s, "right");
        for (int i = 0;; ++i) {
          left.put("row", {"x", i});
          right.put("row", {"x", i});
          [[maybe_unused]] auto done = co_await s.durable();
        }
      };
      io::run_until_done(loop, write_for_ever(**store));
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(delay_ms) * 1000);   // when the blow falls does not matter; that it falls in the middle does
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    io::Loop loop;
    auto store = open(loop);
    Table<Record> left(*store, "left"), right(*store, "right");
    ASSERT_EQ(left.size(), right.size());
    if (left.size() == 1) EXPECT_EQ(left.find("row")->number, right.find("row")->number);
  }
}

TEST_F(StoreTest, a_damaged_file_is_refused_by_name_and_left_alone) {
  {
    io::Loop loop;
    auto store = open(loop);
    ASSERT_TRUE(io::run_until_done(loop, write_and_wait(*store)));
  }
  int fd = ::open(path_.c_str(), O_WRONLY);
  ASSERT_EQ(::pwrite(fd, "this is not SQLite", 18, 0), 18);
  ::close(fd);
  std::string before = io::read_file(path_).value();
  io::Loop loop;
  Result<std::unique_ptr<Store>> store = Store::open(loop, path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "E_STORE_CORRUPT");
  EXPECT_NE(store.error().message.find(path_), std::string::npos);
  EXPECT_EQ(io::read_file(path_).value(), before);
}

}  // namespace
}  // namespace pds::cloud
