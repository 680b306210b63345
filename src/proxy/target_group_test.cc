#include "proxy/target_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/clock.h"
#include "proxy/fake_target.h"

namespace pds::proxy {
namespace {

class TargetGroups : public ::testing::Test {
 protected:
  TargetGroups() {
    settings_.health.interval = 10s;
    settings_.health.unhealthy_threshold = 2;
    settings_.health.healthy_threshold = 2;
    settings_.deregistration_delay = 60s;
  }
  void make_group() { group_ = std::make_unique<TargetGroup>(loop_, clock_, "seed", settings_); }
  // A target that answers each check with what status_ says.
  std::shared_ptr<FakeTarget> add(const std::string& id, TargetState known = TargetState::initial) {
    auto target = std::make_shared<FakeTarget>(loop_, [this](std::unique_ptr<io::Stream> stream) {
      return say(std::move(stream), {"HTTP/1.1 " + std::to_string(status_) + " X\r\nContent-Length: 0\r\n\r\n"}, &seen_);
    });
    group_->add(spec_of(id, target), known);
    return target;
  }
  HealthReport report(const std::string& id) {
    for (const auto& status : group_->statuses()) {
      if (status.id == id) return status.health;
    }
    return {TargetState::unavailable, "gone", ""};
  }
  bool becomes(const std::string& id, TargetState state) {
    return run_until(loop_, [&] { return report(id).state == state; });
  }
  std::vector<std::string> picks(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      auto target = group_->pick();
      ids.push_back(target ? target->spec.id : "none");
    }
    return ids;
  }

  io::Loop loop_;
  io::ManualClock clock_{from_epoch_seconds(1'000'000)};
  TargetGroupSettings settings_;
  int status_ = 200;
  std::vector<std::string> seen_;
  std::unique_ptr<TargetGroup> group_;
};

TEST_F(TargetGroups, TargetsAreUnusedAndUncheckedUntilAListenerForwardsToThem) {
  make_group();
  auto target = add("i-1");
  run_turns(loop_, 20);
  EXPECT_EQ(report("i-1").state, TargetState::unused);
  EXPECT_EQ(report("i-1").reason, "Target.NotInUse");
  EXPECT_EQ(target->connections, 0);
  EXPECT_EQ(group_->pick(), nullptr);
  group_->set_in_use(true);
  EXPECT_EQ(report("i-1").reason, "Elb.RegistrationInProgress");
  EXPECT_TRUE(becomes("i-1", TargetState::healthy));
  group_->set_in_use(false);
  EXPECT_EQ(report("i-1").state, TargetState::unused);
}

TEST_F(TargetGroups, ChecksComeOncePerInterval) {
  make_group();
  auto target = add("i-1");
  group_->set_in_use(true);
  ASSERT_TRUE(becomes("i-1", TargetState::healthy));
  run_turns(loop_, 50);
  EXPECT_EQ(target->connections, 1);
  clock_.advance(9s);
  run_turns(loop_, 50);
  EXPECT_EQ(target->connections, 1);
  clock_.advance(1s);
  EXPECT_TRUE(run_until(loop_, [&] { return target->connections == 2; }));
  EXPECT_THAT(seen_[0], ::testing::HasSubstr("GET / HTTP/1.1\r\nHost: i-1:80\r\n"));
  EXPECT_THAT(seen_[0], ::testing::HasSubstr("User-Agent: ELB-HealthChecker/2.0\r\n"));
}

TEST_F(TargetGroups, GoUnhealthyAndComeBackAtTheirThresholds) {
  make_group();
  std::vector<std::string> told;
  group_->on_health = [&](const Target& target, TargetState state) {
    told.push_back(target.spec.id + " " + std::string(to_string(state)));
  };
  auto target = add("i-1");
  group_->set_in_use(true);
  ASSERT_TRUE(becomes("i-1", TargetState::healthy));
  status_ = 503;
  clock_.advance(10s);
  ASSERT_TRUE(run_until(loop_, [&] { return target->connections == 2; }));
  run_turns(loop_, 20);
  EXPECT_EQ(report("i-1").state, TargetState::healthy);
  clock_.advance(10s);
  ASSERT_TRUE(becomes("i-1", TargetState::unhealthy));
  EXPECT_EQ(report("i-1").description, "Health checks failed with these codes: [503]");
  status_ = 200;
  clock_.advance(10s);
  ASSERT_TRUE(run_until(loop_, [&] { return target->connections == 4; }));
  clock_.advance(10s);
  EXPECT_TRUE(becomes("i-1", TargetState::healthy));
  EXPECT_THAT(told, ::testing::ElementsAre("i-1 healthy", "i-1 unhealthy", "i-1 healthy"));
}

TEST_F(TargetGroups, ARestartGoesOnFromStoredHealth) {
  make_group();
  add("i-1", TargetState::healthy)->hang = true;
  add("i-2", TargetState::unhealthy)->hang = true;
  group_->set_in_use(true);
  EXPECT_EQ(report("i-1").state, TargetState::healthy);
  EXPECT_THAT(picks(3), ::testing::Each("i-1"));
}

TEST_F(TargetGroups, TakeTurns) {
  make_group();
  for (const char* id : {"a", "b", "c"}) add(id, TargetState::healthy);
  group_->set_in_use(true);
  EXPECT_THAT(picks(6), ::testing::ElementsAre("a", "b", "c", "a", "b", "c"));
}

TEST_F(TargetGroups, LeastOutstandingGoesWhereLeastIsInFlight) {
  settings_.algorithm = Algorithm::least_outstanding_requests;
  make_group();
  for (const char* id : {"a", "b", "c"}) add(id, TargetState::healthy);
  group_->set_in_use(true);
  auto first = group_->pick();
  Target::Flight one(first);
  auto second = group_->pick();
  Target::Flight two(second);
  EXPECT_NE(first->spec.id, second->spec.id);
  auto third = group_->pick();
  EXPECT_NE(third, first);
  EXPECT_NE(third, second);
  Target::Flight three(third), four(first), five(second);
  EXPECT_THAT(picks(3), ::testing::Each(third->spec.id));
}

TEST_F(TargetGroups, FailOpenWhenNobodyIsHealthy) {
  make_group();
  add("a", TargetState::unhealthy)->hang = true;
  add("b", TargetState::unhealthy)->hang = true;
  group_->set_in_use(true);
  EXPECT_THAT(picks(4), ::testing::ElementsAre("a", "b", "a", "b"));
  add("c", TargetState::healthy)->hang = true;
  EXPECT_THAT(picks(3), ::testing::Each("c"));
}

TEST_F(TargetGroups, AStoppedInstanceIsUnusedEvenInFailOpen) {
  make_group();
  add("a", TargetState::healthy);
  group_->set_in_use(true);
  group_->set_unusable("a", 80, "Target.InvalidState", "Target is in the stopped state");
  EXPECT_EQ(report("a").state, TargetState::unused);
  EXPECT_EQ(group_->pick(), nullptr);
  group_->set_unusable("a", 80, "", "");
  EXPECT_EQ(report("a").state, TargetState::initial);
  EXPECT_TRUE(becomes("a", TargetState::healthy));
}

TEST_F(TargetGroups, AStickyCookieFindsItsTargetWhileItIsEligible) {
  settings_.stickiness_seconds = 60;
  make_group();
  add("a", TargetState::healthy), add("b", TargetState::healthy);
  group_->set_in_use(true);
  Timestamp now = clock_.now();
  std::string cookie = group_->cookie_for(*group_->pick(), now);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(group_->pick_sticky(cookie, now).found->spec.id, "a");
  EXPECT_FALSE(group_->pick_sticky(cookie, now + 60s).valid);  // whatever the browser thinks
  group_->drain("a", 80, clock_.now() + 60s);
  auto gone = group_->pick_sticky(cookie, now);
  EXPECT_TRUE(gone.valid);
  EXPECT_EQ(gone.found, nullptr);
  EXPECT_FALSE(group_->pick_sticky("made up", now).valid);
  EXPECT_FALSE(group_->pick_sticky(cookie.substr(0, 32), now).valid);
  settings_.stickiness_seconds = 0;
  group_->configure(settings_);
  EXPECT_FALSE(group_->pick_sticky(cookie, now).valid);
}

class Drains : public TargetGroups {
 protected:
  void SetUp() override {
    make_group();
    group_->on_gone = [this](const std::string& id, uint16_t) { gone_.push_back(id); };
    add("a", TargetState::healthy), add("b", TargetState::healthy);
    group_->set_in_use(true);
  }
  std::vector<std::string> gone_;
};

TEST_F(Drains, EndEarlyWhenNothingIsInFlight) {
  group_->drain("a", 80, clock_.now() + 60s);
  EXPECT_EQ(report("a").state, TargetState::draining);
  EXPECT_EQ(report("a").reason, "Target.DeregistrationInProgress");
  EXPECT_TRUE(gone_.empty());  // never from within the call
  EXPECT_TRUE(run_until(loop_, [&] { return !gone_.empty(); }));
  EXPECT_FALSE(group_->contains("a", 80));
}

TEST_F(Drains, WaitForTheLastExchangeAndTakeNoNewOnes) {
  auto target = group_->pick();
  ASSERT_EQ(target->spec.id, "a");
  auto one = std::make_unique<Target::Flight>(target), two = std::make_unique<Target::Flight>(target);
  group_->drain("a", 80, clock_.now() + 60s);
  EXPECT_THAT(picks(4), ::testing::Each("b"));
  run_turns(loop_, 20);
  one.reset();
  run_turns(loop_, 20);
  EXPECT_TRUE(gone_.empty());
  two.reset();
  EXPECT_THAT(gone_, ::testing::ElementsAre("a"));
  EXPECT_FALSE(target->is_cut());
}

TEST_F(Drains, CutWhatIsLeftWhenTheDelayHasPassed) {
  auto target = group_->pick();
  Target::Flight flight(target);
  bool cut = false;
  flight.on_cut([](void* flag) { *static_cast<bool*>(flag) = true; }, &cut);
  group_->drain("a", 80, clock_.now() + 60s);
  clock_.advance(59s);
  run_turns(loop_, 20);
  EXPECT_FALSE(cut);
  clock_.advance(1s);
  EXPECT_TRUE(run_until(loop_, [&] { return cut; }));
  EXPECT_TRUE(target->is_cut());
  EXPECT_THAT(gone_, ::testing::ElementsAre("a"));
}

TEST_F(Drains, RegisteringAgainMakesItNew) {
  auto old = group_->pick();
  auto flight = std::make_unique<Target::Flight>(old);
  group_->drain("a", 80, clock_.now() + 60s);
  add("a");
  EXPECT_EQ(report("a").state, TargetState::initial);
  flight.reset();
  run_turns(loop_, 20);
  EXPECT_TRUE(gone_.empty());
  EXPECT_TRUE(becomes("a", TargetState::healthy));
}

TEST_F(Drains, TheGroupMayGoWhileExchangesAreInFlight) {
  auto target = group_->pick();
  auto flight = std::make_unique<Target::Flight>(target);
  group_->drain("a", 80, clock_.now() + 60s);
  group_.reset();
  run_turns(loop_, 5);
  flight.reset();
  run_turns(loop_, 5);
  EXPECT_TRUE(gone_.empty());
}

// what it does             verdict
TEST_F(TargetGroups, ChecksTellSilenceFromRefusalFromNonsense) {
  settings_.health.timeout = 30ms;
  settings_.health.unhealthy_threshold = 1;
  make_group();
  group_->set_in_use(true);
  auto silent = std::make_shared<FakeTarget>(loop_, [this](auto stream) { return stall(loop_, std::move(stream)); });
  auto garbage =
      std::make_shared<FakeTarget>(loop_, [](auto stream) { return say(std::move(stream), {"SSH-2.0-OpenSSH\r\n\r\n"}, nullptr); });
  auto closing = std::make_shared<FakeTarget>(loop_, [](auto stream) { return say(std::move(stream), {""}, nullptr); });
  auto interim = std::make_shared<FakeTarget>(
      loop_, [](auto stream) { return say(std::move(stream), {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}, nullptr); });
  auto unreachable = std::make_shared<FakeTarget>(loop_, nullptr);
  unreachable->hang = true;
  auto refused = std::make_shared<FakeTarget>(loop_, nullptr);
  refused->refuse = true;
  group_->add(spec_of("silent", silent)), group_->add(spec_of("garbage", garbage)), group_->add(spec_of("closing", closing));
  group_->add(spec_of("interim", interim)), group_->add(spec_of("unreachable", unreachable)),
      group_->add(spec_of("refused", refused));
  for (const char* id : {"silent", "garbage", "closing", "unreachable", "refused"})
    EXPECT_TRUE(becomes(id, TargetState::unhealthy)) << id;
  EXPECT_TRUE(becomes("interim", TargetState::healthy));
  EXPECT_EQ(report("silent").reason, "Target.Timeout");
  EXPECT_EQ(report("unreachable").reason, "Target.Timeout");
  for (const char* id : {"garbage", "closing", "refused"}) EXPECT_EQ(report(id).reason, "Target.FailedHealthChecks") << id;
}

TEST_F(TargetGroups, OurOwnTroubleIsNotCalledTheTargets) {
  settings_.health.unhealthy_threshold = 1;
  make_group();
  group_->set_in_use(true);
  class Broken final : public io::Connector {
    io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
      co_return fail_world("E_SYSTEM", "socket: Too many open files");
    }
    std::string destination() const override { return "nowhere"; }
  };
  group_->add(spec_of("a", std::make_shared<Broken>()));
  EXPECT_TRUE(becomes("a", TargetState::unhealthy));
  EXPECT_EQ(report("a").reason, "Elb.InternalError");
}

// ---- functions ----

class CheckedFunction final : public FunctionTarget {
 public:
  explicit CheckedFunction(io::Loop& loop) : loop_(loop) {}
  io::Task<Result<std::string>> invoke(std::string event) override {
    events.push_back(std::move(event));
    if (hangs) co_await loop_.sleep_until(io::never);
    if (answer.empty()) co_return fail("E_FUNCTION", "it threw");
    co_return answer;
  }
  std::vector<std::string> events;
  std::string answer = R"({"statusCode":200})";
  bool hangs = false;

 private:
  io::Loop& loop_;
};

class FunctionChecks : public TargetGroups {
 protected:
  void SetUp() override {
    settings_.name = "arn:tg";
    settings_.health.path = "/well";
    settings_.health.timeout = 30ms;
    settings_.health.unhealthy_threshold = 1;
    make_group();
    group_->add({.id = "arn:fn", .authority = "arn:fn", .function = function_});
    group_->set_in_use(true);
  }
  std::shared_ptr<CheckedFunction> function_ = std::make_shared<CheckedFunction>(loop_);
};

TEST_F(FunctionChecks, InvokeItOncePerInterval) {
  ASSERT_TRUE(becomes("arn:fn", TargetState::healthy));
  run_turns(loop_, 50);
  ASSERT_EQ(function_->events.size(), 1u);
  EXPECT_EQ(function_->events[0], to_health_check_event("/well", "arn:tg", false));
  clock_.advance(10s);
  EXPECT_TRUE(run_until(loop_, [&] { return function_->events.size() == 2; }));
}

TEST_F(FunctionChecks, TellFailuresApart) {
  ASSERT_TRUE(becomes("arn:fn", TargetState::healthy));
  auto fails = [&](const char* reason) {
    clock_.advance(10s);
    EXPECT_TRUE(run_until(loop_, [&] { return report("arn:fn").reason == reason; })) << report("arn:fn").reason;
  };
  function_->answer = R"({"statusCode":503})";
  fails("Target.ResponseCodeMismatch");
  function_->answer = "nonsense";
  fails("Target.FailedHealthChecks");
  function_->hangs = true;
  fails("Target.Timeout");
  function_->hangs = false, function_->answer = "";
  fails("Target.FailedHealthChecks");
  EXPECT_NE(group_->pick(), nullptr);  // fail-open: there is no other
}

TEST_F(FunctionChecks, AreOffUnlessAskedFor) {
  settings_.health.enabled = false;
  group_->configure(settings_);
  EXPECT_EQ(report("arn:fn").state, TargetState::unavailable);
  EXPECT_EQ(report("arn:fn").reason, "Target.HealthCheckDisabled");
  EXPECT_NE(group_->pick(), nullptr);
}

}  // namespace
}  // namespace pds::proxy
