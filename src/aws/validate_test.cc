#include <gtest/gtest.h>

#include "aws/codec.h"
#include "aws/codec_sample.h"

namespace pds::aws {
namespace {

using sample::Node;

ServiceInfo service_of(Protocol protocol) { return {.signing_name = "s", .id = "S", .protocol = protocol, .endpoint_prefix = "s"}; }

Result<void> check(Protocol protocol, const Node& node) {
  ServiceInfo service = service_of(protocol);
  return validate(service, shape_of(&node), &node);
}

TEST(Validate, each_protocol_family_says_it_in_its_own_words) {
  Node empty;
  struct Case {
    Protocol protocol;
    const char *code, *message;
  };
  const char* smithy = "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null";
  for (Case c : {Case{Protocol::json, "ValidationException", smithy}, Case{Protocol::rest_json, "ValidationException", smithy},
                 Case{Protocol::query, "ValidationError", smithy},
                 Case{Protocol::ec2, "MissingParameter", "The request must contain the parameter Name"}}) {
    Result<void> verdict = check(c.protocol, empty);
    ASSERT_FALSE(verdict.has_value());
    EXPECT_EQ(verdict.error().code, c.code);
    EXPECT_EQ(verdict.error().message, c.message);
    EXPECT_EQ(verdict.error().http_status, 400);
  }
}

TEST(Validate, all_that_is_wrong_is_told_at_once_and_deep_members_have_their_path) {
  Node node;
  node.name = "n";
  node.small = 101;
  node.leaves = {{"key", std::nullopt}, {"", "v"}, {"too long a key", "value"}};
  Result<void> verdict = check(Protocol::json, node);
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(
      verdict.error().message,
      "4 validation errors detected: Value '101' at 'small' failed to satisfy constraint: Member must have value less than or "
      "equal to "
      "100; Value null at 'leaves.2.member.key' failed to satisfy constraint: Member must not be null; Value 'too long a key' at "
      "'leaves.3.member.key' failed to satisfy constraint: Member must have length less than or equal to 8; Value 'value' at "
      "'leaves.3.member.value' failed to satisfy constraint: Member must have length less than or equal to 4");
}

TEST(Validate, lengths_count_characters_and_lists_count_elements) {
  Node node;
  node.name = "n";
  node.leaves = {{"k", "éééé"}};
  EXPECT_TRUE(check(Protocol::json, node).has_value());
  node.leaves.resize(4, {"k", "v"});
  EXPECT_FALSE(check(Protocol::json, node).has_value());
}

struct Login {
  std::optional<std::string> password;
};
PDS_SHAPE(Login, FIELD(password, "Password").bounds(8, 16).sensitive())

TEST(Validate, a_sensitive_value_is_not_repeated) {
  Login login{"geheim"};
  for (Protocol protocol : {Protocol::json, Protocol::query, Protocol::ec2, Protocol::rest_xml}) {
    ServiceInfo service = service_of(protocol);
    Result<void> verdict = validate(service, shape_of(&login), &login);
    ASSERT_FALSE(verdict.has_value());
    EXPECT_EQ(verdict.error().message.find("geheim"), std::string::npos) << verdict.error().message;
  }
}

}  // namespace
}  // namespace pds::aws
