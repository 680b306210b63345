#include "podinfo/secret.h"

#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

TEST_F(AppTest, TellsWhichSecretIsLoadedAndNeverItsValue) {
  holds_secret = true;
  EXPECT_EQ(object(ask("GET", "/api/secret")).at("loaded"), false);
  source.answers = {Secret{"db", "arn:db", "v1", "hunter2"}, fail_world("ThrottlingException", "the value was hunter2"),
                    Secret{"db", "arn:db", "v2", "hunter3"}};
  io::run_until_done(loop, secrets.refresh());
  json::object first = object(ask("GET", "/api/secret"));
  EXPECT_EQ(first.at("version_id"), "v1");
  EXPECT_EQ(first.at("loaded_at"), "2027-01-15T08:00:00.000Z");
  io::run_until_done(loop, secrets.refresh());
  json::object second = object(ask("GET", "/api/secret"));
  EXPECT_EQ(second.at("version_id"), "v1");  // what it has, it keeps
  EXPECT_EQ(second.at("last_error"), "ThrottlingException");
  io::run_until_done(loop, secrets.refresh());
  http::Response third = ask("GET", "/api/secret");
  EXPECT_EQ(object(third).at("version_id"), "v2");
  EXPECT_EQ(third.body.find("hunter"), std::string::npos);
  for (const std::string& line : log) EXPECT_EQ(line.find("hunter"), std::string::npos) << line;
}

TEST_F(AppTest, IsNotReadyBeforeItsSecretAndNeverUnreadyForTheLackOfANewOne) {
  holds_secret = true;
  source.answers = {fail_world("AccessDeniedException", "no"), Secret{"db", "arn:db", "v1", "{\"password\":\"hun"},
                    Secret{"db", "arn:db", "v2", R"({"API_KEY":"hunter2","DATABASE_URL":""})"}, Secret{"db", "arn:db", "v3", "{"}};
  auto reason = [this] { return ask("GET", "/readyz").head.headers.get("x-unready-reason"); };
  EXPECT_EQ(reason(), "the secret has not been loaded yet");
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(reason(), "the secret could not be loaded: AccessDeniedException");
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(reason(), "the secret could not be loaded: MalformedSecret");
  EXPECT_EQ(ask("GET", "/readyz").head.status, 503);
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
  EXPECT_EQ(reason(), "");
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
  json::object told = object(ask("GET", "/api/secret"));
  EXPECT_EQ(told.at("version_id"), "v2");
  EXPECT_EQ(told.at("last_error"), "MalformedSecret");
  EXPECT_EQ(told.at("secret_status"),
            (json::object{{"super_secret_token_loaded", false}, {"database_url_loaded", false}, {"api_key_loaded", true}}));
  ask("POST", "/readyz/disable");
  EXPECT_EQ(reason(), "disabled");
}

TEST_F(AppTest, KeepsWhatItHasWhereItsReaderDoesNotTakeTheNext) {
  holds_secret = true;
  source.answers = {Secret{"db", "arn:db", "v1", R"({"a":"1"})"}, Secret{"db", "arn:db", "v2", "a text"}, Secret{"db", "arn:db", "v3", "null"},
                    Secret{"db", "arn:db", "v4", "{}"}, Secret{"db", "arn:db", "v5", R"({"a":"2"})"}};
  secrets.set_acceptance([](const Secret& next) -> Result<void> {
    if (secret_fields(next.value).empty()) return fail("MalformedSecret", "nothing in it");
    return {};
  });
  std::vector<std::string> versions, errors;
  for (int look = 0; look < 5; ++look) {
    io::run_until_done(loop, secrets.refresh());
    versions.push_back(secrets.current()->secret.version_id);
    errors.push_back(secrets.last_error());
  }
  std::string bad = "MalformedSecret";
  EXPECT_EQ(versions, (std::vector<std::string>{"v1", "v1", "v1", "v1", "v5"}));
  EXPECT_EQ(errors, (std::vector<std::string>{"", bad, bad, bad, ""}));
}

// A source that answers when it is let.
class SlowSecrets final : public SecretSource {
 public:
  size_t asked = 0;
  io::Event go_on;
  std::function<void()> meanwhile = [] {};
  io::Task<Result<Secret>> fetch(const std::string&) override {
    std::string version = "v" + std::to_string(++asked);
    co_await go_on.wait();
    meanwhile();
    co_return Secret{"db", "arn:db", version, "hunter2"};
  }
};

struct FrozenSecret : AppTest {
  SlowSecrets slow;
  SecretHolder holder{loop, clock, logger, slow, "db"};
  io::TaskSet tasks;
  size_t done = 0;

  io::Task<void> wait_for_look() {
    if (co_await holder.refresh_if_older_than(15s)) ++done;
  }
  void turn() {
    for (int i = 0; i < 5; ++i) loop.run_once(0ms);
  }
};

TEST_F(FrozenSecret, IsLookedAtOnceForAllWhoComeTogether) {
  EXPECT_TRUE(holder.is_due(15s));
  for (int i = 0; i < 3; ++i) tasks.spawn(wait_for_look());
  EXPECT_FALSE(holder.is_due(15s));
  slow.go_on.set();
  turn();
  EXPECT_EQ(done, 3u);
  EXPECT_EQ(slow.asked, 1u);
  clock.advance(14s);
  EXPECT_FALSE(holder.is_due(15s));
  clock.advance(1s);
  EXPECT_TRUE(holder.is_due(15s));
}

TEST_F(FrozenSecret, IsNotWhatALookFromBeforeTheFreezeBrings) {
  io::TaskSet before;
  before.spawn(wait_for_look());
  clock.advance(1h);
  tasks.spawn(wait_for_look());
  slow.go_on.set();
  turn();
  EXPECT_EQ(slow.asked, 2u);
  EXPECT_EQ(holder.current()->secret.version_id, "v2");
}

// Of a process that goes on, timers are first: the watch looks already when the event is read.
TEST_F(FrozenSecret, IsWaitedForWhereTheLookThatIsDueIsUnderWay) {
  clock.advance(1h);
  tasks.spawn(holder.refresh());
  EXPECT_TRUE(holder.is_due(15s));
  tasks.spawn(wait_for_look());
  turn();
  EXPECT_EQ(done, 0u);
  slow.go_on.set();
  turn();
  EXPECT_EQ(done, 1u);
  EXPECT_EQ(slow.asked, 1u);
  EXPECT_FALSE(holder.is_due(15s));
}

// With a short --secret-refresh a look takes longer than its result is good for.
TEST_F(FrozenSecret, IsNotLookedAtForEverWhereALookTakesLong) {
  slow.meanwhile = [this] {
    if (slow.asked < 5) clock.advance(1min);
  };
  slow.go_on.set();
  tasks.spawn(wait_for_look());
  turn();
  EXPECT_EQ(done, 1u);
  EXPECT_EQ(slow.asked, 1u);
}

TEST_F(FrozenSecret, KeepsNobodyWaitingTwiceWhoHasWaitedInVain) {
  {
    io::TaskSet in_vain;
    in_vain.spawn(wait_for_look());
  }
  clock.advance(2s);
  EXPECT_FALSE(holder.is_due(15s));
  clock.advance(13s);
  EXPECT_TRUE(holder.is_due(15s));
}

TEST(Secret, IsATextOrAnObjectAndNothingInBetween) {
  for (const char* sound : {"hunter2", "a{", "[1", "{}", " {\"a\":1}\n"}) EXPECT_TRUE(is_sound_secret(sound)) << sound;
  for (const char* broken : {"", "{", " {\"a\":", "\xff\xfe", "{}{}"}) EXPECT_FALSE(is_sound_secret(broken)) << broken;
}

}  // namespace
}  // namespace pds::podinfo
