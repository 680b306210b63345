#include "cloud/services/lambda/service.h"

#include "base/text.h"
#include "cloud/services/lambda/test_world.h"

namespace pds::cloud::lambda {
namespace {

using namespace test;

TEST_F(World, a_function_is_pending_then_active_and_named_by_the_digest_its_tag_had) {
  wire::FunctionConfiguration made = create();
  EXPECT_EQ(made.state, "Pending");
  EXPECT_EQ(made.state_reason_code, "Creating");
  EXPECT_EQ(made.code_sha256, std::string(64, '1'));
  images.digests[std::string(repository) + ":1"] = digest_of('9');  // the tag moves
  auto function = lambda->get_function(call(), {"f", {}});
  EXPECT_EQ(function->code.resolved_image_uri, std::string(repository) + "@" + digest_of('1'));
  EXPECT_EQ(function->configuration.last_update_status, "Successful");
  EXPECT_NE(function->configuration.revision_id, made.revision_id);
}

TEST_F(World, creating_refuses_what_it_cannot_do) {
  auto refused = [&](auto change) {
    wire::CreateFunctionRequest request;
    request.function_name = "g";
    request.role = "arn:aws:iam::000000000000:role/r";
    request.package_type = "Image";
    request.code.image_uri = std::string(repository) + ":1";
    change(request);
    auto made = await(lambda->create_function(call(), request));
    return made ? std::string("accepted") : made.error().code + " " + std::to_string(made.error().http_status);
  };
  EXPECT_EQ(refused([](auto& r) { r.package_type = std::nullopt; }), "NotImplemented 501");
  EXPECT_EQ(refused([](auto& r) { r.code.zip_file.emplace(); }), "NotImplemented 501");
  EXPECT_EQ(refused([](auto& r) { r.durable_config.emplace(); }), "NotImplemented 501");
  EXPECT_EQ(refused([](auto& r) { r.tracing_config = wire::TracingConfig{"Active"}; }), "NotImplemented 501");
  EXPECT_EQ(refused([](auto& r) { r.runtime = "python3.12"; }), "InvalidParameterValueException 400");
  EXPECT_EQ(refused([](auto& r) { r.code.image_uri = std::string(repository) + ":none"; }), "InvalidParameterValueException 400");
  EXPECT_EQ(refused([](auto& r) { r.role += "untrusted"; }), "InvalidParameterValueException 400");
  EXPECT_EQ(refused([](auto& r) { r.memory_size = 64; }), "ValidationException 400");
  EXPECT_EQ(refused([](auto& r) { r.function_name = "a b"; }), "ValidationException 400");
  EXPECT_FALSE(lambda->get_function(call(), {"g", {}}));
  EXPECT_EQ(refused([](auto&) {}), "accepted");
  EXPECT_EQ(refused([](auto&) {}), "ResourceConflictException 409");
}

TEST_F(World, one_environment_serves_one_invocation_after_another) {
  create();
  wire::InvokeReply first = invoke(R"({"n":1})");
  EXPECT_EQ(first.payload.bytes, R"({"n":1})");
  EXPECT_EQ(first.executed_version, "$LATEST");
  EXPECT_FALSE(first.function_error);
  std::string tail = *from_base64(*first.log_result);
  EXPECT_TRUE(tail.starts_with("START RequestId: ")) << tail;
  EXPECT_NE(tail.find("\nhandled {\"n\":1}\nEND RequestId: "), std::string::npos) << tail;
  EXPECT_NE(tail.find("\tInit Duration: "), std::string::npos) << tail;
  wire::InvokeReply second = invoke(R"({"n":2})");
  tail = *from_base64(*second.log_result);
  EXPECT_EQ(tail.find("Init Duration"), std::string::npos) << tail;
  EXPECT_EQ(tail.find("{\"n\":1}"), std::string::npos) << tail;
  EXPECT_EQ(host.machines.size(), 1u);
  EXPECT_EQ(logs.streams.size(), 1u);
  EXPECT_TRUE(run_until([&] { return metrics.totals["Invocations"] == 2; }));
  EXPECT_EQ(metrics.totals["Errors"], 0);
}

TEST_F(World, invocations_at_once_have_an_environment_each) {
  create();
  io::Event gate;
  handler = [&gate](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    co_await gate.wait();
    co_await echo(machine, client, id, event);
  };
  std::vector<std::optional<Result<wire::InvokeReply>>> replies(5);
  io::TaskSet set;
  for (auto& reply : replies) set.spawn(keep(invoke_task("7"), reply));
  EXPECT_TRUE(run_until([&] { return host.machines.size() == 5 && lambda->runtime().in_flight() == 5; }));
  gate.set();
  EXPECT_TRUE(run_until([&] { return set.size() == 0; }));
  for (const auto& reply : replies) EXPECT_EQ((*reply)->payload.bytes, "7");
  invoke("8");
  EXPECT_EQ(host.machines.size(), 5u);
  EXPECT_TRUE(run_until([&] { return metrics.totals["ConcurrentExecutions"] >= 5; }));
}

TEST_F(World, a_function_that_does_not_answer_in_time_is_killed) {
  create("f", 1);
  handler = [](Machine& machine, http::Client&, std::string, std::string) -> io::Task<void> {
    if (!machine.exited) co_await machine.exit_event.wait();
  };
  wire::InvokeReply reply = invoke("1");
  EXPECT_EQ(reply.function_error, "Unhandled");
  EXPECT_NE(reply.payload.bytes.find("Task timed out after 1.00 seconds"), std::string::npos) << reply.payload.bytes;
  EXPECT_NE(from_base64(*reply.log_result)->find("Status: timeout"), std::string::npos) << *from_base64(*reply.log_result);
  EXPECT_TRUE(run_until([&] { return host.alive() == 0; }));
}

TEST_F(World, a_function_that_exits_fails_its_invocation_and_only_that) {
  create();
  handler = [](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    if (event == "\"die\"")
      machine.exit({.code = 3});
    else
      co_await echo(machine, client, id, event);
  };
  wire::InvokeReply reply = invoke("\"die\"");
  EXPECT_EQ(reply.function_error, "Unhandled");
  EXPECT_NE(reply.payload.bytes.find("Runtime exited with error: exit status 3"), std::string::npos);
  EXPECT_EQ(invoke("1").payload.bytes, "1");
  EXPECT_EQ(host.machines.size(), 2u);
  EXPECT_TRUE(run_until([&] { return metrics.totals["Errors"] == 1; }));
}

TEST_F(World, what_the_function_reports_as_its_error_is_the_payload) {
  create();
  handler = [](Machine&, http::Client& client, std::string id, std::string) -> io::Task<void> {
    [[maybe_unused]] auto sent =
        co_await client.send(runtime_request("POST", "invocation/" + id + "/error", R"({"errorType":"Mine","errorMessage":"no"})"));
  };
  wire::InvokeReply reply = invoke("1");
  EXPECT_EQ(reply.function_error, "Unhandled");
  EXPECT_EQ(reply.payload.bytes, R"({"errorType":"Mine","errorMessage":"no"})");
  EXPECT_EQ(host.alive(), 1u);  // it goes on
}

TEST_F(World, an_initialisation_that_fails_is_tried_once_more_and_then_told) {
  create();
  host.on_create = [](std::shared_ptr<Machine> machine) {
    machine->write("cannot start\n");
    machine->exit({.code = 1});
  };
  wire::InvokeReply reply = invoke("1");
  EXPECT_EQ(reply.function_error, "Unhandled");
  EXPECT_NE(reply.payload.bytes.find("Runtime exited with error: exit status 1"), std::string::npos) << reply.payload.bytes;
  EXPECT_EQ(host.machines.size(), 2u);
  EXPECT_TRUE(run_until([&] { return host.alive() == 0; }));
  EXPECT_NE(whole_log().find("INIT_REPORT Init Duration: "), std::string::npos) << whole_log();
  EXPECT_NE(whole_log().find("cannot start\n"), std::string::npos);
}

TEST_F(World, answers_to_invocations_that_are_not_running_are_refused) {
  create();
  int status = 0;
  handler = [&status](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    Result<http::Response> wrong = co_await client.send(runtime_request("POST", "invocation/other/response", "1"));
    if (wrong) status = wrong->head.status;
    co_await echo(machine, client, id, event);
  };
  EXPECT_EQ(invoke("5").payload.bytes, "5");
  EXPECT_EQ(status, 400);
}

TEST_F(World, idle_environments_freeze_thaw_for_the_next_event_and_go_in_the_end) {
  create();
  invoke("1");
  EXPECT_TRUE(run_until([&] { return host.machines[0]->frozen; }));
  invoke("2");
  EXPECT_TRUE(run_until([&] { return host.machines[0]->freezes == 2 && host.machines[0]->frozen; }));
  EXPECT_EQ(host.machines.size(), 1u);
  clock.advance(10min);
  EXPECT_TRUE(run_until([&] { return host.alive() == 0; }));
  invoke("3");
  EXPECT_EQ(host.machines.size(), 2u);
}

TEST_F(World, a_change_never_cuts_what_runs_and_old_environments_go) {
  create();
  invoke("1");
  io::Event gate;
  handler = [&gate](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    co_await gate.wait();
    co_await echo(machine, client, id, event);
  };
  std::optional<Result<wire::InvokeReply>> reply;
  io::TaskSet set;
  set.spawn(keep(invoke_task("\"old\""), reply));
  EXPECT_TRUE(run_until([&] { return lambda->runtime().in_flight() == 1; }));
  update_code();
  EXPECT_FALSE(host.machines[0]->destroyed);
  gate.set();
  EXPECT_TRUE(run_until([&] { return reply.has_value(); }));
  EXPECT_EQ((*reply)->payload.bytes, "\"old\"");
  EXPECT_TRUE(run_until([&] { return host.machines[0]->destroyed; }));
  EXPECT_EQ(invoke("\"new\"").payload.bytes, "\"new\"");
  EXPECT_EQ(host.alive(), 1u);
}

TEST_F(World, versions_are_copies_and_aliases_split_between_them) {
  create();
  EXPECT_EQ(publish(), "1");
  EXPECT_EQ(publish(), "1");  // nothing changed
  update_code();
  EXPECT_EQ(publish(), "2");
  EXPECT_EQ(lambda->get_function_configuration(call(), {"f", "1"})->code_sha256, std::string(64, '1'));
  auto alias = lambda->create_alias(call(), {.function_name = "f", .name = "live", .function_version = "1"});
  ASSERT_TRUE(alias);
  EXPECT_EQ(invoke("1", "live").executed_version, "1");
  wire::UpdateAliasRequest shift{.function_name = "f", .name = "live", .revision_id = alias->revision_id};
  shift.routing_config = wire::AliasRoutingConfiguration{{{"2", 0.5}}};
  ASSERT_TRUE(lambda->update_alias(call(), shift));
  EXPECT_EQ(lambda->update_alias(call(), shift).error().http_status, 412);  // the revision has moved on
  std::map<std::string, int> seen;
  for (int i = 0; i < 60; ++i) ++seen[*invoke("1", "live").executed_version];
  EXPECT_GT(seen["1"], 10);
  EXPECT_GT(seen["2"], 10);
  EXPECT_EQ(lambda->delete_function(call(), {"f", "2"}).error().code, "ResourceConflictException");
  EXPECT_EQ(lambda->publish_version(call(), {.function_name = "f", .code_sha256 = "other"}).error().code,
            "InvalidParameterValueException");
  EXPECT_EQ(lambda->list_versions_by_function(call(), {.function_name = "f"})->versions.size(), 3u);
  auto page = lambda->list_versions_by_function(call(), {.function_name = "f", .max_items = 2});
  ASSERT_TRUE(page->next_marker);
  page = lambda->list_versions_by_function(call(), {.function_name = "f", .marker = page->next_marker, .max_items = 2});
  ASSERT_EQ(page->versions.size(), 1u);
  EXPECT_EQ(page->versions[0].version, "2");
}

TEST_F(World, events_are_retried_after_one_and_two_minutes_with_the_same_id_then_dropped) {
  create();
  std::vector<std::string> ids;
  handler = [&ids](Machine&, http::Client& client, std::string id, std::string) -> io::Task<void> {
    ids.push_back(id);
    [[maybe_unused]] auto sent = co_await client.send(runtime_request("POST", "invocation/" + id + "/error", "{}"));
  };
  EXPECT_EQ(await(invoke_task("1", "", "Event"))->status_code, 202);
  EXPECT_TRUE(run_until([&] { return ids.size() == 1; }));
  for (int i = 0; i < 10; ++i) loop.run_once(2ms);
  clock.advance(59s);
  for (int i = 0; i < 10; ++i) loop.run_once(2ms);
  EXPECT_EQ(ids.size(), 1u);
  clock.advance(1s);
  EXPECT_TRUE(run_until([&] { return ids.size() == 2; }));
  for (int i = 0; i < 10; ++i) loop.run_once(2ms);
  clock.advance(2min);
  EXPECT_TRUE(run_until([&] { return ids.size() == 3; }));
  EXPECT_TRUE(run_until([&] { return metrics.totals["AsyncEventsDropped"] == 1; }));
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_EQ(metrics.totals["AsyncEventsReceived"], 1);
}

TEST_F(World, requests_are_bounded_and_must_be_json) {
  create();
  auto code = [&](std::string payload, std::string type) {
    Result<wire::InvokeReply> reply = await(invoke_task(std::move(payload), "", std::move(type)));
    return reply ? std::to_string(reply->status_code) : reply.error().code;
  };
  EXPECT_EQ(code("{", "RequestResponse"), "InvalidRequestContentException");
  EXPECT_EQ(code("\"" + std::string(request_bytes_max, 'x') + "\"", "RequestResponse"), "RequestTooLargeException");
  EXPECT_EQ(code("\"" + std::string(event_bytes_max, 'x') + "\"", "Event"), "RequestTooLargeException");
  EXPECT_EQ(code("1", "DryRun"), "204");
  EXPECT_EQ(code("1", "Other"), "InvalidParameterValueException");
  EXPECT_EQ(code("", "RequestResponse"), "200");
  handler = [](Machine&, http::Client& client, std::string id, std::string) -> io::Task<void> {
    [[maybe_unused]] auto sent =
        co_await client.send(runtime_request("POST", "invocation/" + id + "/response", std::string(response_bytes_max + 1, 'x')));
  };
  wire::InvokeReply reply = invoke("1");
  EXPECT_NE(reply.payload.bytes.find("Function.ResponseSizeTooLarge"), std::string::npos) << reply.payload.bytes.substr(0, 200);
}

TEST_F(World, a_caller_that_goes_away_does_not_stop_the_function) {
  create();
  io::Event gate;
  bool answered = false;
  handler = [&](Machine& machine, http::Client& client, std::string id, std::string event) -> io::Task<void> {
    co_await gate.wait();
    co_await echo(machine, client, id, event);
    answered = true;
  };
  {
    std::optional<Result<wire::InvokeReply>> reply;
    io::TaskSet set;
    set.spawn(keep(invoke_task("1"), reply));
    EXPECT_TRUE(run_until([&] { return lambda->runtime().in_flight() == 1; }));
  }
  gate.set();
  EXPECT_TRUE(run_until([&] { return answered && lambda->runtime().in_flight() == 0; }));
  EXPECT_EQ(host.machines.size(), 1u);
}

}  // namespace
}  // namespace pds::cloud::lambda
