#include "podinfo/grpc/methods.h"

#include <gtest/gtest.h>

#include "podinfo/grpc/messages.h"
#include "podinfo/grpc/test_podinfo.h"

namespace pds::podinfo::rpc {
namespace {

using ::grpc::StatusCode;

struct MethodsTest : testing::Test {
  TestPodinfo podinfo;
  Metadata metadata;

  Answer call(std::string_view name, const std::string& bytes = "") {
    Method method = find_method(name);
    EXPECT_TRUE(method) << name;
    return method({podinfo, metadata, bytes});
  }
  template <class Message>
  Message ok(std::string_view name, const std::string& bytes = "") {
    Answer answer = call(name, bytes);
    EXPECT_TRUE(answer.status.ok()) << name << ": " << answer.status.error_message();
    Message out;
    EXPECT_TRUE(out.ParseFromString(answer.bytes));
    return out;
  }
  Answer ask_status(const std::string& code) {
    ::status::StatusRequest request;
    request.set_code(code);
    return call("/status.StatusService/Status", request.SerializeAsString());
  }
  ::token::TokenResponse validate() { return ok<::token::TokenResponse>("/token.TokenService/TokenValidate"); }
};

TEST_F(MethodsTest, echo_gives_back_what_it_gets) {
  ::echo::Message message;
  message.set_body("hello");
  EXPECT_EQ(ok<::echo::Message>("/echo.EchoService/Echo", message.SerializeAsString()).body(), "hello");
}

TEST_F(MethodsTest, what_cannot_be_read_is_internal) {
  for (const char* bytes : {"\xff", "\x0a\x02\xff\xff"})  // cut off; no text
    EXPECT_EQ(call("/echo.EchoService/Echo", bytes).status.error_code(), StatusCode::INTERNAL);
}

TEST_F(MethodsTest, podinfo_tells_who_it_is) {
  auto version = ok<::version::VersionResponse>("/version.VersionService/Version");
  EXPECT_EQ(version.version() + " " + version.commit(), "1.2.3 abc");
  auto info = ok<::info::InfoResponse>("/info.InfoService/Info");
  // All in their order: a field that is forgotten, or taken for another, shows.
  const std::string* fields[] = {&info.hostname(), &info.version(), &info.revision(), &info.color(), &info.logo(), &info.message(),
                                 &info.goos(), &info.goarch(), &info.runtime(), &info.numgoroutine(), &info.numcpu()};
  std::string all;
  for (const std::string* field : fields) all += *field + ",";
  EXPECT_EQ(all, "host,1.2.3,abc,red,logo,hello,linux,amd64,c++23,1,2,");
}

TEST_F(MethodsTest, the_environment_comes_entry_by_entry_and_must_be_text) {
  auto env = ok<::env::EnvResponse>("/env.EnvService/Env");
  ASSERT_EQ(env.envvars_size(), 2);
  EXPECT_EQ(env.envvars(1), "B_SECRET=***");
  podinfo.variables = {"A=\xff"};
  Answer answer = call("/env.EnvService/Env");
  EXPECT_EQ(answer.status.error_code(), StatusCode::INTERNAL);
  EXPECT_EQ(answer.status.error_message(), "grpc: error while marshaling: string field contains invalid UTF-8");
}

TEST_F(MethodsTest, headers_are_the_metadata_with_values_joined) {
  metadata = {{"a", {"1", "2"}}, {"b-bin", {"x"}}};
  auto headers = ok<::header::HeaderResponse>("/header.HeaderService/Header");
  ASSERT_EQ(headers.headers_size(), 2);
  EXPECT_EQ(headers.headers(0) + " " + headers.headers(1), "a=1,2 b-bin=x");
}

TEST_F(MethodsTest, a_delay_says_how_long_to_wait) {
  for (auto [seconds, after] : {std::pair<int64_t, int64_t>{3, 3}, {0, 0}, {-5, 0}, {INT64_MAX, INT64_MAX}}) {
    ::delay::DelayRequest request;
    request.set_seconds(seconds);
    Answer answer = call("/delay.DelayService/Delay", request.SerializeAsString());
    ::delay::DelayResponse response;
    ASSERT_TRUE(response.ParseFromString(answer.bytes));
    EXPECT_EQ(response.message(), seconds);
    EXPECT_EQ(answer.after.count(), after);
  }
}

TEST_F(MethodsTest, a_status_is_known_by_its_name_in_go) {
  EXPECT_TRUE(ask_status("Ok").status.ok());
  struct {
    const char* name;
    int code;
  } cases[] = {{"Canceled", 1},           {"Unknown", 2},  {"InvalidArgument", 3}, {"DeadlineExceeded", 4},
               {"NotFound", 5},           {"AlreadyExists", 6}, {"PermissionDenied", 7}, {"ResourceExhausted", 8},
               {"FailedPrecondition", 9}, {"Aborted", 10}, {"OutOfRange", 11},     {"Unimplemented", 12},
               {"Internal", 13},          {"Unavailable", 14}, {"DataLoss", 15},   {"Unauthenticated", 16}};
  for (auto& c : cases) {
    EXPECT_EQ(ask_status(c.name).status.error_code(), c.code) << c.name;
    EXPECT_EQ(ask_status(c.name).status.error_message(), "") << c.name;
  }
  for (const char* name : {"", "ok", "OK", "notfound", "5", "Cancelled"}) {
    ::grpc::Status status = ask_status(name).status;
    EXPECT_EQ(status.error_code(), StatusCode::UNKNOWN) << name;
    EXPECT_TRUE(status.error_message().starts_with("Unknown status code for more information check https://")) << name;
  }
}

TEST_F(MethodsTest, panic_ends_podinfo) {
  call("/panic.PanicService/Panic");
  EXPECT_EQ(podinfo.panics, 1);
}

TEST_F(MethodsTest, a_token_is_made) {
  auto token = ok<::token::TokenResponse>("/token.TokenService/TokenGenerate");
  EXPECT_EQ(token.token(), "a.b.c");
  EXPECT_EQ(token.expiresat(), "2026-11-23 15:19:09 +0000 UTC");
  EXPECT_EQ(token.message(), "Token generated successfully");
}

TEST_F(MethodsTest, a_token_is_found_in_the_metadata) {
  Answer answer = call("/token.TokenService/TokenValidate");
  EXPECT_EQ(answer.status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer.status.error_message(), "Authorization token not found in metadata");
  for (auto [given, token] :
       {std::pair{"Bearer a.b.c", "a.b.c"}, {"Bearera.b.c ", "a.b.c"}, {"a.b.c", "a.b.c"}, {"bearer a", "bearer a"}, {"", ""}}) {
    metadata["authorization"] = {given, "another"};
    call("/token.TokenService/TokenValidate");
    EXPECT_EQ(podinfo.checked, token);
  }
}

TEST_F(MethodsTest, what_is_wrong_with_a_token_is_told_in_three_ways) {
  metadata["authorization"] = {"Bearer t"};
  podinfo.verdict = {.kind = TokenVerdict::Kind::good, .name = "anonymous", .expires_at = "then"};
  EXPECT_EQ(validate().token() + " " + validate().expiresat() + validate().message(), "anonymous then");
  for (auto kind : {TokenVerdict::Kind::expired, TokenVerdict::Kind::forged}) {
    podinfo.verdict = {.kind = kind, .message = "what is wrong"};
    EXPECT_EQ(validate().token() + validate().expiresat() + validate().message(), "what is wrong");
  }
  podinfo.verdict.kind = TokenVerdict::Kind::of_another_issuer;
  EXPECT_EQ(call("/token.TokenService/TokenValidate").status.error_message(),
            "grpc: error while marshaling: proto: Marshal called with nil");
  podinfo.verdict.kind = TokenVerdict::Kind::unreadable;
  EXPECT_EQ(call("/token.TokenService/TokenValidate").status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call("/token.TokenService/TokenValidate").status.error_message(), "Unable to parse token");
}

TEST(Unimplemented, names_the_service_or_its_method) {
  struct {
    const char *name, *message;
  } cases[] = {{"/echo.EchoService/Other", "unknown method Other for service echo.EchoService"},
               {"/grpc.EchoService/Echo", "unknown service grpc.EchoService"},
               {"/a/b/c", "unknown service a/b"},
               {"/nothing", "malformed method name: \"/nothing\""},
               {"", "malformed method name: \"\""}};
  for (auto& c : cases) {
    EXPECT_EQ(find_method(c.name), nullptr);
    EXPECT_EQ(unimplemented(c.name).error_code(), StatusCode::UNIMPLEMENTED);
    EXPECT_EQ(unimplemented(c.name).error_message(), c.message);
  }
}

}  // namespace
}  // namespace pds::podinfo::rpc
