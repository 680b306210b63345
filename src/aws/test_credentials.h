// For tests of credentials: an environment of the test's own, a home, and a server on loopback that is an instance's metadata, a
// container's endpoint and STS in one.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "base/check.h"
#include "base/text.h"
#include "http/server.h"
#include "io/files.h"

namespace pds::aws {

inline std::map<std::string, std::string> variables;  // EnvironmentReader is a plain function
inline std::string read_variable(const char* name) {
  auto it = variables.find(name);
  return it == variables.end() ? "" : it->second;
}

inline std::string document(const std::string& id, const std::string& expires = "") {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s3cret","Token":"token")" +
         (expires.empty() ? "" : R"(,"Expiration":")" + expires + "\"") + "}";
}

struct FakeAws {
  io::Loop& loop;
  http::BufferedService service{[this](http::Request request) { return serve(std::move(request)); }};
  http::Server server;
  std::string url;
  std::string role = "fleet-role\n", body = document("AKIAENDPOINT"), region = "ap-south-1";
  int token_status = 200, role_status = 200, status = 200;
  std::string role_keys = "ASIAROLE", sts_refusal;  // STS: the key's id, or the code it refuses with
  std::vector<std::string> asked;                   // of STS: the form's fields, one per line, decoded
  std::string authorization;

  explicit FakeAws(io::Loop& l) : loop(l), server(loop, service) {
    auto listener = io::listen_tcp(loop, "127.0.0.1", 0);
    ASSERT(listener.has_value());
    url = "http://127.0.0.1:" + std::to_string((*listener)->port());
    server.listen(std::move(*listener));
  }

  io::Task<http::Response> serve(http::Request request) {
    const http::RequestHead& head = request.head;
    asked.push_back(head.method + " " + std::string(head.path()));
    auto header = [&](const char* name) { return std::string(head.headers.find(name).value_or("")); };
    if (head.path() == "/latest/api/token") {
      bool right = head.method == "PUT" && header("X-aws-ec2-metadata-token-ttl-seconds") == "21600";
      co_return http::Response::text(right ? token_status : 400, "imds-token");
    }
    if (head.path().starts_with("/latest/meta-data/") && header("X-aws-ec2-metadata-token") != "imds-token")
      co_return http::Response::text(401, "");
    if (head.path() == "/latest/meta-data/placement/region") co_return http::Response::text(status, region);
    if (head.path() == "/latest/meta-data/iam/security-credentials/") co_return http::Response::text(role_status, role);
    if (head.path().starts_with("/latest/meta-data/iam/security-credentials/")) co_return http::Response::text(status, body);
    if (head.path() != "/container" && head.path() != "/") co_return http::Response::text(404, "not here");
    authorization = header("Authorization");
    co_return head.path() == "/" ? assume(request) : http::Response::text(status, body);
  }

  http::Response assume(const http::Request& request) {
    asked.back() = *percent_decode(replace_all(request.body, "&", "\n"), true);
    if (!sts_refusal.empty())
      return http::Response::text(403, "<ErrorResponse><Error><Code>" + sts_refusal + "</Code><Message>no</Message></Error></ErrorResponse>");
    std::string action = asked.back().substr(7, asked.back().find('\n') - 7);
    return http::Response::text(200, "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + role_keys +
                                         "</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey><SessionToken>token</SessionToken>"
                                         "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></" + action + "Result></" + action + "Response>");
  }
};

struct CredentialsTest : testing::Test {
  io::Loop loop;
  FakeAws endpoint{loop};
  std::string folder;

  CredentialsTest() {
    char path[] = "/tmp/pds-credentials-XXXXXX";
    ASSERT(::mkdtemp(path) != nullptr);
    folder = path;
    // Nothing of the machine that runs the test: neither its home nor its metadata.
    variables = {{"HOME", folder}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  }
  ~CredentialsTest() override {
    variables.clear();
    [[maybe_unused]] auto removed = io::remove_tree(folder);
  }

  void write(const std::string& name, const std::string& text) {
    std::string path = folder + "/" + name;
    ASSERT(io::make_directories(path.substr(0, path.rfind('/'))) && io::write_file_atomically(path, text, 0600));
  }
  Result<Credentials> find() { return io::run_until_done(loop, credentials_chain(loop, read_variable)->get()); }
  std::string found() {
    Result<Credentials> credentials = find();
    return credentials ? credentials->access_key_id : credentials.error().code + " " + credentials.error().message;
  }
  void expect_said(const std::string& part) {
    std::string text = found();
    EXPECT_TRUE(text.starts_with("E_CREDENTIALS ") || text.starts_with("E_PROFILE ")) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
    EXPECT_EQ(text.find("s3cret"), std::string::npos) << "a secret stands in no message";
  }
  void on_an_instance() {
    variables.erase("AWS_EC2_METADATA_DISABLED");
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = endpoint.url + "/";
  }
};

}  // namespace pds::aws
