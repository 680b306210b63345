// For tests: a Core over a real store in a folder of its own, on a clock turned by hand. restart() closes the store and opens it
// again, as after a crash that lost nothing acknowledged.
#pragma once

#include <stdlib.h>

#include <optional>

#include "base/check.h"
#include "cloud/core.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cloud {

class TestCore {
 public:
  TestCore() {
    char path[] = "/tmp/pds-test-XXXXXX";
    ASSERT(mkdtemp(path) != nullptr);
    directory_ = path;
    open();
  }
  ~TestCore() {
    core_.reset();
    store_.reset();
    [[maybe_unused]] auto removed = io::remove_tree(directory_);
  }
  Core& core() { return *core_; }
  io::Loop& loop() { return loop_; }
  io::ManualClock& clock() { return clock_; }
  const std::string& directory() const { return directory_; }
  Call call() const { return core_->internal_call(); }
  void commit() {
    Result<void> kept = io::run_until_done(loop_, store_->durable());
    ASSERT(kept.has_value());
  }
  // Everything that refers to the old Core must be gone.
  void restart() {
    commit();
    core_.reset();
    store_.reset();
    open();
  }

 private:
  class Nothing final : public http::Service {
    io::Task<void> serve(http::ServerRequest&, http::Responder&) override { co_return; }
  };
  void open() {
    Result<std::unique_ptr<Store>> store = Store::open(loop_, directory_ + "/cloud.db");
    ASSERT(store.has_value());
    store_ = std::move(*store);
    core_.emplace(Core{.loop = loop_,
                       .clock = clock_,
                       .random = random_,
                       .log = log_,
                       .store = *store_,
                       .sandboxes = nullptr,
                       .endpoint = endpoint_,
                       .data_dir = directory_});
  }

  std::string directory_;
  io::Loop loop_;
  io::ManualClock clock_{Timestamp(std::chrono::seconds(1'795'460'400))};  // 2026-11-23T19:00:00Z
  SeededRandom random_{1};
  Logger log_ = silent_logger();
  Nothing endpoint_;
  std::unique_ptr<Store> store_;
  std::optional<Core> core_;
};

}  // namespace pds::cloud
