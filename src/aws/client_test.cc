#include "aws/client.h"

#include <gtest/gtest.h>

#include "aws/shapes/s3.h"
#include "aws/shapes/sts.h"

namespace pds::aws {
namespace {

struct Keys final : CredentialsProvider {
  io::Task<Result<Credentials>> get() override { co_return Credentials{.access_key_id = "AKIA", .secret_access_key = "secret"}; }
};

ClientConfig nowhere() {
  return {.endpoint_url = "http://no-such-host.invalid:1", .credentials = std::make_shared<Keys>(), .attempts_max = 1};
}

io::Task<Result<http::Response>> get_object(Client& client) {
  http::Request request;
  request.head.method = "GET";
  request.head.target = "/bucket/key?versionId=1";
  co_return co_await client.send_signed(s3::service_info(), std::move(request));
}

io::Task<Result<sts::GetCallerIdentityReply>> who_am_i(Client& client) {
  co_return co_await client.call<sts::GetCallerIdentity>({});
}

TEST(Client, an_endpoint_that_cannot_be_reached_is_an_error_that_names_the_step) {
  io::Loop loop;
  Client client(loop, nowhere());
  auto object = io::run_until_done(loop, get_object(client));
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().code, "E_RESOLVE");
  EXPECT_TRUE(object.error().message.starts_with("S3 GET /bucket/key: resolve no-such-host.invalid: ")) << object.error().message;
  auto identity = io::run_until_done(loop, who_am_i(client));
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().code, "E_RESOLVE");
  EXPECT_TRUE(identity.error().message.starts_with("GetCallerIdentity: resolve no-such-host.invalid: "))
      << identity.error().message;
}

}  // namespace
}  // namespace pds::aws
