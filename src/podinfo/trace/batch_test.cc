#include "podinfo/trace/batch.h"

#include <gmock/gmock.h>

#include "podinfo/trace/test_collector.h"

namespace pds::podinfo::trace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct BatchTest : testing::Test {
  io::ManualTime time;
  io::Loop loop{time};
  TestCollector collector{loop};
  std::vector<std::string> log;
  Logger logger{[this](std::string_view line) { log.emplace_back(line); }, LogLevel::debug};
  std::unique_ptr<Batch> batch;
  io::TaskSet running;
  std::optional<Result<void>> flushed;

  void make(BatchSettings settings) {
    batch = std::make_unique<Batch>(loop, logger, "traces", settings, "",
                                    Exporter(loop, collector.endpoint(Protocol::http_protobuf), "/unused"));
  }
  void run(BatchSettings settings) {
    make(settings);
    running.spawn(batch->run());
  }
  void add(int from, int to) {
    for (int number = from; number <= to; ++number) batch->add({Scope::handlers, "<" + std::to_string(number) + ">"});
  }
  io::Task<void> flush_task(Duration patience) { flushed.emplace(co_await batch->flush(loop.exact_now() + patience)); }
  void flush(Duration patience = 10s) {
    flushed.reset();
    running.spawn(flush_task(patience));
    settle(loop);
  }
  // Which items came, by call.
  std::vector<std::vector<int>> taken() const {
    std::vector<std::vector<int>> out;
    for (const TestCollector::Call& call : collector.calls) {
      std::vector<int>& items = out.emplace_back();
      for (size_t at = 0; (at = call.message.find('<', at)) != std::string::npos; ++at) items.push_back(std::atoi(call.message.c_str() + at + 1));
    }
    return out;
  }
  long said(std::string_view text) const {
    return std::ranges::count_if(log, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
};

TEST_F(BatchTest, what_is_there_goes_when_the_delay_is_over_counted_from_the_first) {
  run({.delay = 5s});
  pass(loop, 1s);
  add(1, 1);
  pass(loop, 4s);
  add(2, 2);
  pass(loop, 999ms);
  EXPECT_THAT(taken(), IsEmpty());
  pass(loop, 1ms);
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2)));
  add(3, 3);
  pass(loop, 1h);
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_THAT(collector.milliseconds(), ElementsAre(6000, 11000));
}

TEST_F(BatchTest, a_full_one_goes_at_once_and_takes_what_else_there_is_along) {
  run({.delay = 5s, .batch_max = 3});
  add(1, 7);
  settle(loop);
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2, 3), ElementsAre(4, 5, 6), ElementsAre(7)));
  EXPECT_EQ(time.now(), io::ManualTime().now());
}

TEST_F(BatchTest, nothing_is_sent_where_there_is_nothing) {
  run({.delay = 5s});
  pass(loop, 1h);
  flush();
  EXPECT_TRUE(flushed && *flushed);
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(BatchTest, where_the_queue_is_full_the_newest_is_dropped_counted_and_told_of_once) {
  make({.delay = 5s, .queue_max = 4, .batch_max = 2});
  add(1, 10);
  EXPECT_EQ(batch->lost(), 6u);
  EXPECT_EQ(said("its queue is full"), 1);
  flush();
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
  EXPECT_EQ(batch->lost(), 6u);
  EXPECT_FALSE(batch->fails());
  add(11, 15);  // after a success it is news again
  EXPECT_EQ(batch->lost(), 7u);
  EXPECT_EQ(said("its queue is full"), 2);
}

TEST_F(BatchTest, what_is_under_way_has_left_the_queue) {
  run({.delay = 5s, .queue_max = 2, .batch_max = 2});
  collector.answers = {{.silent = true}};
  add(1, 2);
  settle(loop);
  add(3, 5);
  EXPECT_EQ(batch->lost(), 1u);
}

TEST_F(BatchTest, what_is_refused_is_lost_and_told_of_when_that_begins_and_when_it_is_over) {
  run({.delay = 1s, .batch_max = 2});
  collector.answers.assign(3, {.status = 400});
  add(1, 6);
  settle(loop);
  EXPECT_EQ(batch->lost(), 6u);
  EXPECT_TRUE(batch->fails());
  EXPECT_EQ(said("telemetry is not taken"), 1);
  EXPECT_EQ(said("HTTP status 400"), 1);
  add(7, 8);
  settle(loop);
  EXPECT_EQ(batch->lost(), 6u);
  EXPECT_FALSE(batch->fails());
  EXPECT_EQ(said("telemetry is taken again"), 1);
}

TEST_F(BatchTest, one_batch_is_tried_for_the_export_timeout_and_the_next_one_after_it) {
  run({.delay = 1s, .export_timeout = 30s, .batch_max = 2});
  collector.answers.assign(3, {.silent = true});  // of ten seconds each
  add(1, 4);
  pass(loop, 29999ms);
  EXPECT_EQ(batch->lost(), 0u);
  pass(loop, 1ms);
  EXPECT_EQ(batch->lost(), 2u);
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(1, 2), ElementsAre(1, 2), ElementsAre(3, 4)));
}

TEST_F(BatchTest, who_flushes_waits_until_all_is_taken) {
  make({.delay = 1h, .batch_max = 2});
  add(1, 5);
  collector.answers = {{}, {.status = 503}};
  flush();
  EXPECT_FALSE(flushed);
  pass(loop, 100ms);
  EXPECT_TRUE(flushed && *flushed);
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(3, 4), ElementsAre(5)));
}

TEST_F(BatchTest, who_flushes_waits_for_what_is_under_way_too) {
  run({.delay = 5s, .batch_max = 2});
  collector.answers = {{.status = 503}};
  add(1, 2);
  settle(loop);
  add(3, 3);
  flush();
  EXPECT_FALSE(flushed);
  pass(loop, 100ms);
  EXPECT_TRUE(flushed && *flushed);
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_EQ(batch->lost(), 0u);
}

TEST_F(BatchTest, a_flush_ends_with_its_time) {
  make({.delay = 1h, .batch_max = 2});
  add(1, 5);
  collector.answers.assign(10, {.silent = true});
  flush(500ms);
  pass(loop, 499ms);
  EXPECT_FALSE(flushed);
  pass(loop, 1ms);
  ASSERT_TRUE(flushed);
  EXPECT_EQ(flushed->error().code, "E_TIMEOUT");
  EXPECT_EQ(batch->lost(), 2u);  // the others are there still
  collector.answers.clear();
  flush();
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5)));
}

TEST_F(BatchTest, what_was_under_way_when_it_ended_is_lost) {
  run({.delay = 5s, .batch_max = 2});
  collector.answers = {{.silent = true}};
  add(1, 3);
  settle(loop);
  running.cancel_all();
  EXPECT_EQ(batch->lost(), 2u);
  flush();
  EXPECT_THAT(taken(), ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
}

}  // namespace
}  // namespace pds::podinfo::trace
