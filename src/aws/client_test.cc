#include "aws/client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "aws/endpoint.h"
#include "aws/shapes/cloudwatch.h"
#include "aws/shapes/ec2.h"
#include "aws/shapes/ecr.h"
#include "aws/shapes/elbv2.h"
#include "aws/shapes/iam.h"
#include "aws/shapes/s3.h"
#include "aws/shapes/sts.h"
#include "http/server.h"
#include "http/test_certificates.h"
#include "io/files.h"

namespace pds::aws {
namespace {

struct Keys final : CredentialsProvider {
  io::Task<Result<Credentials>> get() override { co_return Credentials{.access_key_id = "AKIA", .secret_access_key = "secret"}; }
  bool forget(const Credentials&) override { return false; }
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

// Says what it was asked, and how it was signed.
struct Mirror final : http::Service {
  std::string seen;
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    seen = std::string(request.secure ? "https " : "http ") + std::string(request.head.host());
    http::Response response = http::Response::text(200, "the object");
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
};

// Gives newer keys when the last ones were refused.
struct RenewedKeys final : CredentialsProvider {
  int number = 1;
  bool renews = true;
  io::Task<Result<Credentials>> get() override {
    co_return Credentials{.access_key_id = "AKIA" + std::to_string(number), .secret_access_key = "secret"};
  }
  bool forget(const Credentials& refused) override {
    EXPECT_EQ(refused.access_key_id, "AKIA" + std::to_string(number));
    if (renews) ++number;
    return renews;
  }
};

// Takes requests that are signed with one key, and refuses all others with a code.
struct KeyCheck final : http::Service {
  std::string key, code;
  int asked = 0;
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    ++asked;
    bool good = request.head.headers.get("Authorization").find("Credential=" + key + "/") != std::string::npos;
    http::Response response = http::Response::text(good ? 200 : 403, good ? "<Reply/>" : "<ErrorResponse><Error><Code>" + code + "</Code></Error></ErrorResponse>");
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
};

TEST(Client, keys_that_are_refused_are_replaced_and_the_call_is_made_once_more) {
  io::Loop loop;
  KeyCheck check;
  http::Server server(loop, check);
  auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
  auto keys = std::make_shared<RenewedKeys>();
  ClientConfig config{.endpoint_url = "http://127.0.0.1:" + std::to_string(listener->port()), .credentials = keys};
  server.listen(std::move(listener));
  Client client(loop, config);
  struct Case {
    const char *code, *key;
    bool renews;
    int asked;
    const char* outcome;
  };
  const Case cases[] = {
      {"ExpiredToken", "AKIA2", true, 2, ""},
      {"ExpiredTokenException", "AKIA2", true, 2, ""},
      {"UnrecognizedClientException", "AKIA2", true, 2, ""},
      {"InvalidClientTokenId", "AKIA2", true, 2, ""},
      {"InvalidClientTokenId", "AKIA3", true, 2, "InvalidClientTokenId"},  // once is enough
      {"ExpiredToken", "AKIA2", false, 1, "ExpiredToken"},
      {"RequestExpired", "AKIA2", true, 1, "RequestExpired"},
      {"AccessDenied", "AKIA2", true, 1, "AccessDenied"},
  };
  for (const Case& c : cases) {
    keys->number = 1, keys->renews = c.renews;
    check.key = c.key, check.code = c.code, check.asked = 0;
    auto identity = io::run_until_done(loop, who_am_i(client));
    EXPECT_EQ(identity ? "" : identity.error().code, c.outcome) << c.code << " " << c.key;
    EXPECT_EQ(check.asked, c.asked) << c.code << " " << c.key;
    keys->number = 1, check.asked = 0;
    auto object = io::run_until_done(loop, get_object(client));
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_EQ(object->head.status, *c.outcome ? 403 : 200);
    EXPECT_EQ(check.asked, c.asked) << "an object: " << c.code;
  }
}

TEST(Client, https_endpoints_are_talked_to_when_the_bundle_vouches_for_them) {
  io::Loop loop;
  http::TestAuthority authority;
  auto context = http::TlsServerContext::make({.identities = {authority.issue({.names = {"localhost"}})}});
  Mirror mirror;
  http::Server server(loop, mirror);
  auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
  std::string host = "localhost:" + std::to_string(listener->port());
  server.listen(std::move(listener), std::make_shared<http::TlsAcceptor>(*context));
  std::string bundle = "/tmp/pds-authorities-" + std::to_string(getpid());
  ASSERT_TRUE(io::write_file_atomically(bundle, authority.pem()));

  ClientConfig config = nowhere();
  config.endpoint_url = "https://" + host;
  Client distrustful(loop, config);
  auto refused = io::run_until_done(loop, get_object(distrustful));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E_TLS_CERTIFICATE");
  config.authorities_file = bundle;
  Client client(loop, config);
  auto object = io::run_until_done(loop, get_object(client));
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->body, "the object");
  EXPECT_EQ(mirror.seen, "https " + host);
  unlink(bundle.c_str());
  config.authorities_file = bundle;
  Client without(loop, config);
  EXPECT_EQ(io::run_until_done(loop, get_object(without)).error().code, "E_CERTIFICATE");
}

TEST(Endpoint, each_service_is_where_aws_has_it) {
  struct Case {
    const ServiceInfo& service;
    const char *region, *url, *signing_region;
  };
  const Case cases[] = {
      {sts::service_info(), "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1"},
      {s3::service_info(), "us-east-1", "https://s3.us-east-1.amazonaws.com", "us-east-1"},
      {cloudwatch::service_info(), "eu-west-1", "https://monitoring.eu-west-1.amazonaws.com", "eu-west-1"},
      {ecr::service_info(), "us-west-2", "https://api.ecr.us-west-2.amazonaws.com", "us-west-2"},
      {elbv2::service_info(), "cn-north-1", "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn", "cn-north-1"},
      {ec2::service_info(), "us-gov-west-1", "https://ec2.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
      {iam::service_info(), "eu-west-1", "https://iam.amazonaws.com", "us-east-1"},
      {iam::service_info(), "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
      {sts::service_info(), "us-iso-west-1", "https://sts.us-iso-west-1.c2s.ic.gov", "us-iso-west-1"},
      {sts::service_info(), "us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
      {sts::service_info(), "eu-isoe-west-1", "https://sts.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
      {sts::service_info(), "us-isof-east-1", "https://sts.us-isof-east-1.csp.hci.ic.gov", "us-isof-east-1"},
      {sts::service_info(), "eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
      {iam::service_info(), "us-iso-west-1", "https://iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
      {iam::service_info(), "eusc-de-east-1", "https://iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
      {iam::service_info(), "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
  };
  for (const Case& c : cases) {
    Endpoint endpoint = *aws_endpoint(c.service, c.region);
    EXPECT_EQ(endpoint.url, c.url);
    EXPECT_EQ(endpoint.signing_region, c.signing_region) << c.url;
  }
  for (const char* region : {"", "example.com/", "us-east-1.example.com", "EU", "a b"}) EXPECT_FALSE(aws_endpoint(sts::service_info(), region)) << region;
}

}  // namespace
}  // namespace pds::aws
