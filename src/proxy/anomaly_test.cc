#include "proxy/anomaly.h"

#include <gtest/gtest.h>

#include <vector>

namespace pds::proxy {
namespace {

class Anomalies : public ::testing::Test {
 protected:
  // One window in which each target had so many requests and errors.
  void window(const std::vector<Outcomes>& outcomes, bool mitigate = true) {
    states_.resize(outcomes.size());
    std::vector<AnomalyState*> all;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      states_[i].seen.requests += outcomes[i].requests;
      states_[i].seen.errors += outcomes[i].errors;
      all.push_back(&states_[i]);
    }
    judge_targets(all, mitigate);
  }
  std::vector<AnomalyState> states_;
};

// requests and errors of each target       verdict on the first
TEST_F(Anomalies, ATargetStandsOutAgainstItsPeers) {
  struct Row {
    std::vector<Outcomes> outcomes;
    bool anomalous;
  };
  for (const Row& row : {
           Row{{{100, 50}, {100, 0}, {100, 0}}, true},
           Row{{{100, 100}, {100, 100}, {100, 100}}, false},  // all fail alike: what they share is broken
           Row{{{100, 50}, {100, 45}, {100, 45}}, false},     // little more than the others
           Row{{{100, 25}, {100, 15}, {100, 15}}, false},     // ten in a hundred more, but not twice as many
           Row{{{100, 40}, {100, 15}, {100, 15}}, true},
           Row{{{100, 5}, {100, 0}, {100, 0}}, false},  // too few of all its requests
           Row{{{10, 2}, {100, 0}, {100, 0}}, false},   // too few errors
           Row{{{9, 9}, {100, 0}, {100, 0}}, false},    // too few requests
           Row{{{100, 50}, {100, 0}}, false},           // two cannot be told apart
           Row{{{100, 0}, {100, 50}, {100, 0}}, false},
       }) {
    states_.clear();
    window(row.outcomes);
    EXPECT_EQ(states_[0].is_anomalous(), row.anomalous) << row.outcomes[0].requests << " " << row.outcomes[0].errors;
  }
}

TEST_F(Anomalies, TrafficIsHalvedWindowByWindowAndComesBackTheSameWay) {
  for (double share : {0.5, 0.25, 0.125, 0.0625, 0.03125, anomaly_share_min, anomaly_share_min}) {
    window({{20, 20}, {100, 0}, {100, 0}});
    EXPECT_EQ(states_[0].share(), share);
    EXPECT_TRUE(states_[0].is_mitigated());
    EXPECT_EQ(states_[1].share(), 1);
  }
  window({{20, 0}, {100, 0}, {100, 0}});
  EXPECT_FALSE(states_[0].is_anomalous());
  EXPECT_EQ(states_[0].share(), anomaly_share_min * 2);
  EXPECT_TRUE(states_[0].is_mitigated());
  for (int i = 0; i < 5; ++i) window({{20, 0}, {100, 0}, {100, 0}});
  EXPECT_EQ(states_[0].share(), 1);
  EXPECT_FALSE(states_[0].is_mitigated());
}

TEST_F(Anomalies, AreShownButNotMitigatedUnlessAsked) {
  window({{100, 50}, {100, 0}, {100, 0}}, false);
  EXPECT_TRUE(states_[0].is_anomalous());
  EXPECT_FALSE(states_[0].is_mitigated());
  window({{100, 50}, {100, 0}, {100, 0}}, true);
  EXPECT_TRUE(states_[0].is_mitigated());
  window({{100, 50}, {100, 0}, {100, 0}}, false);  // switched off again
  EXPECT_EQ(states_[0].share(), 1);
}

TEST_F(Anomalies, LittleTrafficIsJudgedOverSeveralWindows) {
  window({{100, 90}, {100, 0}, {100, 0}});
  ASSERT_TRUE(states_[0].is_anomalous());
  for (int i = 0; i < 3; ++i) window({{3, 0}, {100, 0}, {100, 0}});
  EXPECT_TRUE(states_[0].is_anomalous());  // nine are no evidence yet
  window({{3, 0}, {100, 0}, {100, 0}});
  EXPECT_FALSE(states_[0].is_anomalous());
}

TEST_F(Anomalies, ATargetWithoutTrafficIsGivenAnotherChance) {
  window({{100, 90}, {100, 0}, {100, 0}});
  for (int i = 1; i < anomaly_windows_max; ++i) {
    window({{0, 0}, {100, 0}, {100, 0}});
    EXPECT_TRUE(states_[0].is_anomalous()) << i;
  }
  window({{0, 0}, {100, 0}, {100, 0}});
  EXPECT_FALSE(states_[0].is_anomalous());
}

TEST_F(Anomalies, HalfOfTheTargetsAtMostAreMitigated) {
  window({{100, 90}, {100, 90}, {100, 90}, {300, 0}, {300, 0}});
  int anomalous = 0, mitigated = 0;
  for (const AnomalyState& state : states_) anomalous += state.is_anomalous(), mitigated += state.is_mitigated();
  EXPECT_EQ(anomalous, 3);
  EXPECT_EQ(mitigated, 2);
}

TEST_F(Anomalies, WithTooFewPeersEverythingIsForgotten) {
  window({{100, 90}, {100, 0}, {100, 0}});
  ASSERT_TRUE(states_[0].is_mitigated());
  window({{100, 90}, {100, 0}});
  EXPECT_FALSE(states_[0].is_anomalous());
  EXPECT_EQ(states_[0].share(), 1);
}

}  // namespace
}  // namespace pds::proxy
