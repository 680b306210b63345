#include "deploy/release.h"

#include <gtest/gtest.h>

namespace pds::deploy {
namespace {

Release rolling() {
  Release release;
  release.phase = "rolling";
  release.fleet = {.deployment_id = "d-FLEET", .from = "blue", .to = "", .status = "InProgress"};
  release.function = {.deployment_id = "d-FUNC", .from = "1", .to = "2", .status = "InProgress"};
  return release;
}

Step next(const Release& release, const Observed& observed = {}) { return decide(release, observed).step; }

TEST(Release, rolls_both_targets_then_bakes_then_finishes) {
  Release release;
  release.phase = "rolling";
  EXPECT_EQ(next(release), Step::start_fleet);
  release.fleet = {.deployment_id = "d-1", .status = "InProgress"};
  EXPECT_EQ(next(release), Step::start_function);
  release.function = {.deployment_id = "d-2", .status = "InProgress"};
  EXPECT_EQ(next(release), Step::wait);
  release.function.status = "Succeeded";
  EXPECT_EQ(next(release), Step::wait) << "the fleet has not moved yet";
  EXPECT_EQ(next(release, {.fleet_waits_for_termination = true}), Step::begin_bake);
  release.phase = "baking";
  EXPECT_EQ(next(release), Step::wait);
  EXPECT_EQ(next(release, {.bake_is_over = true}), Step::begin_finish);
  release.phase = "finishing";
  EXPECT_EQ(next(release), Step::wait);
  release.fleet.status = "Succeeded";
  EXPECT_EQ(next(release), Step::complete);
}

TEST(Release, a_target_that_already_serves_the_image_is_left_alone) {
  Release release;
  release.phase = "rolling";
  release.function.skipped = true;
  release.fleet = {.deployment_id = "d-1", .status = "InProgress"};
  EXPECT_EQ(next(release, {.fleet_waits_for_termination = true}), Step::begin_bake);
  release.phase = "reverting";
  EXPECT_EQ(next(release), Step::stop_fleet);
}

TEST(Release, every_fault_leads_back) {
  struct Case {
    const char* name;
    void (*spoil)(Release&, Observed&);
  };
  const Case cases[] = {
      {"abort", [](Release& r, Observed&) { r.abort_requested = true; }},
      {"function failed", [](Release& r, Observed&) { r.function.status = "Failed"; }},
      {"function stopped", [](Release& r, Observed&) { r.function.status = "Stopped"; }},
      {"fleet failed", [](Release& r, Observed&) { r.fleet.status = "Failed"; }},
      {"guardrail", [](Release&, Observed& o) { o.judgement = {true, "too many errors", "12 of 100"}; }},
  };
  for (const char* phase : {"rolling", "baking"}) {
    for (const Case& c : cases) {
      Release release = rolling();
      release.phase = phase;
      Observed observed{.bake_is_over = true};
      c.spoil(release, observed);
      Decision decision = decide(release, observed);
      EXPECT_EQ(decision.step, Step::begin_revert) << phase << ": " << c.name;
      EXPECT_FALSE(decision.why.empty()) << c.name;
    }
  }
}

// Going back: whatever state the two targets are in, the steps end in finish_revert or give_up, and never touch a target that is done.
TEST(Release, going_back_ends_from_every_state) {
  const char* statuses[] = {"", "Created", "InProgress", "Ready", "Succeeded", "Failed", "Stopped"};
  for (const char* fleet : statuses) {
    for (const char* function : statuses) {
      Release release = rolling();
      release.phase = "reverting";
      release.fleet.status = fleet;
      release.function.status = function;
      if (!*fleet) release.fleet.deployment_id.clear();
      if (!*function) release.function.deployment_id.clear();
      int steps = 0;
      while (true) {
        ASSERT_LT(++steps, 12) << fleet << "/" << function;
        Step step = next(release);
        if (step == Step::finish_revert) break;
        // The world answers as CodeDeploy does.
        if (step == Step::stop_function) release.function.status = "Stopped", release.function.rollback_id = "d-BACK", release.function.rollback_status = "InProgress";
        else if (step == Step::stop_fleet) release.fleet.status = "Stopped", release.fleet.rollback_id = "d-BACK2", release.fleet.rollback_status = "InProgress";
        else if (step == Step::send_function_back) release.function.rollback_id = "d-BACK", release.function.rollback_status = "Created";
        else if (step == Step::send_fleet_back) release.fleet.rollback_id = "d-BACK2", release.fleet.rollback_status = "Created";
        else if (step == Step::check_function) release.function.undone = true;
        else if (step == Step::check_fleet) release.fleet.undone = true;
        else if (step == Step::wait) {
          for (TargetProgress* target : {&release.fleet, &release.function})
            if (!target->rollback_id.empty()) target->rollback_status = "Succeeded";
        } else FAIL() << step_name(step);
      }
    }
  }
}

TEST(Release, a_rollback_that_fails_asks_for_a_person) {
  Release release = rolling();
  release.phase = "reverting";
  release.function.undone = true;
  release.fleet.status = "Stopped";
  release.fleet.rollback_id = "d-BACK";
  release.fleet.rollback_status = "Failed";
  EXPECT_EQ(next(release), Step::give_up);
}

TEST(Release, the_function_goes_back_before_the_fleet) {
  Release release = rolling();
  release.phase = "reverting";
  EXPECT_EQ(next(release), Step::stop_function);
}

TEST(Release, an_ended_release_asks_for_nothing) {
  for (const char* phase : {"released", "reverted", "stuck"}) {
    Release release = rolling();
    release.phase = phase;
    EXPECT_TRUE(is_over(release));
    EXPECT_EQ(next(release, {.judgement = {true, "x", "y"}}), Step::wait);
  }
}

}  // namespace
}  // namespace pds::deploy
