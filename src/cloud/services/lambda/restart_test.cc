// What a crash of the cloud leaves: environments that go on, events that are still owed, names that still resolve.
#include "base/text.h"
#include "cloud/services/lambda/test_world.h"

namespace pds::cloud::lambda {
namespace {

using namespace test;

TEST_F(World, environments_outlive_the_cloud_and_are_used_again) {
  create();
  invoke("1");
  EXPECT_TRUE(run_until([&] { return host.machines[0]->frozen; }));
  restart();
  wire::InvokeReply reply = invoke("2");
  EXPECT_EQ(reply.payload.bytes, "2");
  EXPECT_EQ(host.machines.size(), 1u);  // the same one
  EXPECT_EQ(from_base64(*reply.log_result)->find("Init Duration"), std::string::npos);
  EXPECT_EQ(logs.streams.size(), 1u);  // and the same log stream
}

TEST_F(World, a_runtime_that_answers_into_the_new_cloud_is_told_and_goes_on) {
  create();
  io::Event gate;
  bool held = true;
  handler = [&](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    if (held) co_await gate.wait();
    co_await echo(machine, client, id, event);
  };
  std::optional<Result<wire::InvokeReply>> reply;
  {
    io::TaskSet set;
    set.spawn(keep(invoke_task("1"), reply));
    EXPECT_TRUE(run_until([&] { return lambda->runtime().in_flight() == 1; }));
  }
  restart();
  held = false;
  gate.set();
  EXPECT_EQ(invoke("2").payload.bytes, "2");
  EXPECT_EQ(host.alive(), 1u);
}

TEST_F(World, environments_nobody_knows_are_removed) {
  create();
  invoke("1");
  ASSERT_TRUE(lambda->delete_function(call(), {"f", {}}));  // not yet buried when the cloud dies
  restart();
  EXPECT_TRUE(run_until([&] { return host.alive() == 0; }));
}

TEST_F(World, events_are_still_owed_after_a_crash) {
  create();
  int failures = 0, successes = 0;
  bool fails = true;
  handler = [&](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    if (!fails) {
      ++successes;
      co_await echo(machine, client, id, event);
      co_return;
    }
    ++failures;
    [[maybe_unused]] auto sent = co_await client.send(runtime_request("POST", "invocation/" + id + "/error", "{}"));
  };
  EXPECT_EQ(await(invoke_task("1", "", "Event"))->status_code, 202);
  EXPECT_TRUE(run_until([&] { return failures == 1 && lambda->runtime().in_flight() == 0; }));
  restart();
  fails = false;
  for (int i = 0; i < 10; ++i) loop.run_once(2ms);
  EXPECT_EQ(successes, 0);  // the retry is due in a minute, not at once
  clock.advance(1min);
  EXPECT_TRUE(run_until([&] { return successes == 1; }));
  for (int i = 0; i < 10; ++i) loop.run_once(2ms);
  restart();
  clock.advance(10min);
  for (int i = 0; i < 10; ++i) loop.run_once(2ms);
  EXPECT_EQ(successes, 1);  // done once and for all
}

TEST_F(World, names_versions_and_policies_are_found_again) {
  create();
  publish();
  ASSERT_TRUE(lambda->create_alias(call(), {.function_name = "f", .name = "live", .function_version = "1"}));
  ASSERT_TRUE(lambda->add_permission(
      call(),
      {.function_name = "f", .statement_id = "s", .action = "lambda:InvokeFunction", .principal = "secretsmanager.amazonaws.com"}));
  auto before = lambda->get_function_configuration(call(), {"f", "live"});
  restart();
  auto after = lambda->get_function_configuration(call(), {"f", "live"});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->revision_id, before->revision_id);
  EXPECT_TRUE(lambda->check_invokable({.function = "f", .service_principal = "secretsmanager.amazonaws.com"}));
  EXPECT_EQ(lambda->check_invokable({.function = "f", .service_principal = "events.amazonaws.com"}).error().code,
            "AccessDeniedException");
  EXPECT_EQ(lambda->check_invokable({.function = "f:live", .service_principal = "secretsmanager.amazonaws.com"}).error().code,
            "AccessDeniedException");  // an alias has a policy of its own
  EXPECT_EQ(lambda->check_invokable({.function = "f:none"}).error().code, "ResourceNotFoundException");
}

}  // namespace
}  // namespace pds::cloud::lambda
