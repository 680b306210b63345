// Who gets the next request: algorithms, slow start, zones, fail-open, anomalies.
#include "proxy/balancing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "io/clock.h"
#include "proxy/fake_target.h"
#include "proxy/target_group.h"

namespace pds::proxy {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class Balancing : public ::testing::Test {
 protected:
  Balancing() {
    settings_.health.interval = 10s;
    settings_.health.unhealthy_threshold = 1;
    settings_.health.healthy_threshold = 1;
  }
  void make_group() {
    group_ = std::make_unique<TargetGroup>(loop_, clock_, "seed", settings_);
    group_->set_in_use(true);
  }
  // Answers checks with what status_[id] says, 200 unless set.
  void add(const std::string& id, TargetState known = TargetState::healthy, const std::string& zone = "us-east-1a") {
    auto target = std::make_shared<FakeTarget>(loop_, [this, id](std::unique_ptr<io::Stream> stream) {
      int status = status_.contains(id) ? status_[id] : 200;
      return say(std::move(stream), {"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n"}, nullptr);
    });
    TargetSpec spec = spec_of(id, target);
    spec.zone = zone;
    group_->add(spec, known);
  }
  bool becomes(const std::string& id, TargetState state) {
    return run_until(loop_, [&] { return status(id).health.state == state; });
  }
  TargetGroup::Status status(const std::string& id) {
    for (const auto& found : group_->statuses()) {
      if (found.id == id) return found;
    }
    ADD_FAILURE() << id << " is gone";
    return {};
  }
  std::vector<std::string> picks(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      auto target = group_->pick();
      ids.push_back(target ? target->spec.id : "none");
    }
    return ids;
  }
  std::map<std::string, int> counts(int picked) {
    std::map<std::string, int> by_id;
    for (const std::string& id : picks(picked)) ++by_id[id];
    return by_id;
  }
  // Lets the clock pass, in the steps that shares are raised and targets are judged in.
  void pass(Duration time) {
    for (Duration passed{0}; passed < time; passed += 1s) {
      clock_.advance(1s);
      run_turns(loop_, 12);
    }
  }

  io::Loop loop_;
  io::ManualClock clock_{from_epoch_seconds(1'000'000)};
  TargetGroupSettings settings_;
  std::map<std::string, int> status_;
  std::unique_ptr<TargetGroup> group_;
};

TEST_F(Balancing, AChangeDoesNotBeginTheTurnsAnew) {
  make_group();
  for (const char* id : {"a", "b", "c"}) add(id);
  EXPECT_THAT(picks(2), ElementsAre("a", "b"));
  group_->configure(settings_);
  EXPECT_THAT(picks(2), ElementsAre("c", "a"));
}

TEST_F(Balancing, LeastOutstandingLetsEqualsTakeTurnsAndSparesTheSlow) {
  settings_.algorithm = Algorithm::least_outstanding_requests;
  make_group();
  for (const char* id : {"a", "b", "c"}) add(id);
  EXPECT_EQ(counts(300), (std::map<std::string, int>{{"a", 100}, {"b", 100}, {"c", 100}}));  // idle: nobody is ahead
  std::vector<std::unique_ptr<Target::Flight>> stuck;  // what a keeps for ever, while b and c answer at once
  std::map<std::string, int> taken;
  for (int i = 0; i < 300; ++i) {
    auto target = group_->pick();
    ++taken[target->spec.id];
    if (target->spec.id == "a") stuck.push_back(std::make_unique<Target::Flight>(target));
  }
  EXPECT_EQ(taken["a"], 1);
  EXPECT_NEAR(taken["b"], taken["c"], 2);
}

TEST_F(Balancing, AtRandomSharesAreEvenAndTheOrderIsNot) {
  settings_.algorithm = Algorithm::weighted_random;
  make_group();
  for (const char* id : {"a", "b", "c", "d"}) add(id);
  std::vector<std::string> order = picks(4000);
  std::map<std::string, int> taken;
  int repeated = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    ++taken[order[i]];
    repeated += i > 0 && order[i] == order[i - 1];
  }
  for (const auto& [id, count] : taken) EXPECT_NEAR(count, 1000, 120) << id;  // four standard deviations
  EXPECT_NEAR(repeated, 1000, 120);                                           // never in turns
}

// ---- slow start ----

class SlowStart : public Balancing {
 protected:
  void SetUp() override {
    settings_.slow_start = 100s;
    make_group();
    add("old");
  }
  // Adds a target that becomes healthy now.
  void add_new(const std::string& id) {
    add(id, TargetState::initial);
    ASSERT_TRUE(becomes(id, TargetState::healthy));
  }
};

TEST_F(SlowStart, ANewTargetsShareRisesInAStraightLine) {
  add_new("new");
  EXPECT_LE(counts(200)["new"], 3);
  for (int seconds : {25, 50, 75}) {
    pass(25s);
    double share = seconds / 100.0;
    EXPECT_NEAR(counts(1000)["new"], 1000 * share / (1 + share), 20) << seconds;
  }
  EXPECT_LT(status("new").share, 1);
  pass(25s);
  EXPECT_EQ(status("new").share, 1);
  EXPECT_EQ(counts(200)["new"], 100);
}

TEST_F(SlowStart, IsOnlyForThoseBesideATargetWithItsFullShare) {
  make_group();  // nobody is there yet
  add_new("first");
  EXPECT_EQ(status("first").share, 1);
  add_new("second");
  EXPECT_LT(status("second").share, 1);
}

TEST_F(SlowStart, EndsWhenTheTargetFailsAndBeginsAgainWhenItRecovers) {
  add_new("new");
  pass(50s);
  EXPECT_NEAR(status("new").share, 0.5, 0.05);
  status_["new"] = 500;
  pass(10s);
  ASSERT_TRUE(becomes("new", TargetState::unhealthy));
  EXPECT_EQ(status("new").share, 1);
  status_["new"] = 200;
  pass(10s);
  ASSERT_TRUE(becomes("new", TargetState::healthy));
  EXPECT_LT(status("new").share, 0.15);
}

TEST_F(SlowStart, SwitchingItOffEndsItAndSwitchingItOnTouchesNobody) {
  add_new("new");
  settings_.slow_start = Duration{0};
  group_->configure(settings_);
  EXPECT_EQ(counts(200)["new"], 100);
  settings_.slow_start = 100s;
  group_->configure(settings_);
  EXPECT_EQ(counts(200)["new"], 100);
}

TEST_F(SlowStart, WhenOnlySlowOnesAreLeftTheyCarryTheTraffic) {
  add_new("new");
  add_new("newer");
  group_->drain("old", 80, clock_.now());
  std::map<std::string, int> taken = counts(100);
  EXPECT_EQ(taken["new"] + taken["newer"], 100);
}

// ---- how many must be healthy ----

TEST_F(Balancing, BelowTheMinimumAllTargetsGetRequests) {
  struct Row {
    HealthMinimum minimum;
    int healthy;
    int takers;  // of four
  };
  for (const Row& row : {Row{{}, 1, 1}, Row{{}, 0, 4}, Row{{2, 0}, 2, 2}, Row{{2, 0}, 1, 4}, Row{{1, 50}, 2, 2}, Row{{1, 51}, 2, 4},
                         Row{{1, 100}, 3, 4}, Row{{1, 100}, 4, 4}, Row{{3, 10}, 2, 4}}) {
    settings_.routing_minimum = row.minimum;
    make_group();
    for (int i = 0; i < 4; ++i) add("t" + std::to_string(i), i < row.healthy ? TargetState::healthy : TargetState::unhealthy);
    EXPECT_EQ(counts(40).size(), static_cast<size_t>(row.takers))
        << row.healthy << " healthy of " << row.minimum.count << ", " << row.minimum.percentage << " %";
  }
}

// ---- zones ----

class Zones : public Balancing {
 protected:
  void SetUp() override {
    settings_.cross_zone = false;
    settings_.zones = {"a", "b"};
    make_group();
  }
};

TEST_F(Zones, EachTakesAnEqualPartWhateverItsTargets) {
  add("a1", TargetState::healthy, "a");
  for (const char* id : {"b1", "b2", "b3"}) add(id, TargetState::healthy, "b");
  EXPECT_EQ(counts(60), (std::map<std::string, int>{{"a1", 30}, {"b1", 10}, {"b2", 10}, {"b3", 10}}));
  settings_.cross_zone = true;
  group_->configure(settings_);
  EXPECT_EQ(counts(60), (std::map<std::string, int>{{"a1", 15}, {"b1", 15}, {"b2", 15}, {"b3", 15}}));
}

TEST_F(Zones, OneWithTooFewHealthyTargetsIsNotInDns) {
  settings_.dns_minimum = {2, 0};
  group_->configure(settings_);
  add("a1", TargetState::healthy, "a"), add("a2", TargetState::unhealthy, "a");
  for (const char* id : {"b1", "b2"}) add(id, TargetState::healthy, "b");
  EXPECT_EQ(counts(40), (std::map<std::string, int>{{"b1", 20}, {"b2", 20}}));
  settings_.dns_minimum = {0, 0};  // off: the zone serves with what it has
  group_->configure(settings_);
  EXPECT_EQ(counts(40), (std::map<std::string, int>{{"a1", 20}, {"b1", 10}, {"b2", 10}}));
}

TEST_F(Zones, WhenAllHaveTooFewAllAreInDns) {
  add("a1", TargetState::unhealthy, "a"), add("b1", TargetState::unhealthy, "b");
  EXPECT_EQ(counts(40), (std::map<std::string, int>{{"a1", 20}, {"b1", 20}}));  // each fails open
}

TEST_F(Zones, OneWithoutTargetsIsEnteredOnlyWhereDnsDoesNotLookAtHealth) {
  add("b1", TargetState::healthy, "b");
  EXPECT_THAT(picks(4), Each("b1"));
  settings_.dns_minimum = {0, 0};
  group_->configure(settings_);
  EXPECT_EQ(counts(40), (std::map<std::string, int>{{"b1", 20}, {"none", 20}}));
}

// ---- anomalies ----

class AnomalousTargets : public Balancing {
 protected:
  void SetUp() override {
    settings_.algorithm = Algorithm::weighted_random;
    settings_.anomaly_mitigation = true;
    make_group();
    for (const char* id : {"a", "b", "c"}) add(id);
  }
  // Requests through one window, of which those to `failing` fail.
  std::map<std::string, int> window(const std::string& failing, int requests = 600) {
    std::map<std::string, int> taken;
    for (int i = 0; i < requests; ++i) {
      auto target = group_->pick();
      ++taken[target->spec.id];
      target->count_outcome(target->spec.id == failing);
    }
    clock_.advance(anomaly_window);
    run_turns(loop_, 20);
    return taken;
  }
};

TEST_F(AnomalousTargets, GetLessAndLessUntilTheyRecover) {
  std::map<std::string, int> before = window("b");
  EXPECT_NEAR(before["b"], 200, 60);
  EXPECT_TRUE(status("b").anomalous && status("b").mitigated);
  EXPECT_FALSE(status("a").anomalous || status("c").anomalous);
  for (int i = 0; i < 5; ++i) window("b");
  EXPECT_LT(window("b")["b"], 20);
  for (int i = 0; i < 20; ++i) window("");
  EXPECT_FALSE(status("b").anomalous || status("b").mitigated);
  EXPECT_NEAR(window("")["b"], 200, 60);
}

TEST_F(AnomalousTargets, AreOnlyShownWithoutMitigation) {
  settings_.anomaly_mitigation = false;
  group_->configure(settings_);
  window("b");
  EXPECT_TRUE(status("b").anomalous);
  EXPECT_FALSE(status("b").mitigated);
  EXPECT_NEAR(counts(600)["b"], 200, 60);
}

TEST_F(AnomalousTargets, NeedThreeHealthyTargets) {
  status_["c"] = 500;
  clock_.advance(10s);
  ASSERT_TRUE(becomes("c", TargetState::unhealthy));
  window("b"), window("b");
  EXPECT_FALSE(status("b").anomalous);
}

TEST_F(AnomalousTargets, AreFoundUnderOtherAlgorithmsTooButNotMitigated) {
  settings_.algorithm = Algorithm::round_robin;
  group_->configure(settings_);
  window("b");
  EXPECT_TRUE(status("b").anomalous);
  EXPECT_EQ(counts(600)["b"], 200);
}

}  // namespace
}  // namespace pds::proxy
