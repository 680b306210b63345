#include "cloud/services/iam/service.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "cloud/services/iam/sts.h"
#include "cloud/test_core.h"

namespace pds::cloud::iam {
namespace {

constexpr const char* trust_ec2 =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* trust_account =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]})";
constexpr const char* allow_get_secret =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:*:secret:podinfo-*"}]})";

class IamTest : public testing::Test {
 protected:
  IamTest() { start(); }
  void start() {
    Principal root;
    root.arn = "arn:aws:iam::000000000000:root", root.account = root.user_id = "000000000000", root.is_root = true;
    root.secret_access_key = "root-secret";
    iam = std::make_unique<Iam>(world.core(), master_key, world.clock(), "AKIAROOT", root);
    sts = std::make_unique<Sts>(world.core(), *iam);
  }
  void restart() {
    sts.reset(), iam.reset();
    world.restart();
    start();
  }
  std::string make_role(const std::string& name, const std::string& trust) {
    auto reply = iam->create_role(world.call(), {.role_name = name, .assume_role_policy_document = trust});
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply->role.arn;
  }
  std::string make_user_key(const std::string& name) {
    EXPECT_TRUE(iam->create_user(world.call(), {.user_name = name}).has_value());
    auto reply = iam->create_access_key(world.call(), {.user_name = name});
    return reply->access_key.access_key_id;
  }
  Call call_with(const std::string& access_key_id) {
    Call call = world.call();
    call.internal = false, call.access_key_id = access_key_id, call.principal_arn = iam->find_principal(access_key_id)->arn;
    return call;
  }

  TestCore world;
  MasterKey master_key{std::string(32, 'k')};
  std::unique_ptr<Iam> iam;
  std::unique_ptr<Sts> sts;
};

TEST_F(IamTest, a_role_is_found_by_any_case_of_its_name_and_lists_its_parts) {
  make_role("Podinfo", trust_ec2);
  auto again = iam->create_role(world.call(), {.role_name = "podinfo", .assume_role_policy_document = trust_ec2});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "EntityAlreadyExists");
  EXPECT_EQ(again.error().http_status, 409);
  auto role = iam->get_role(world.call(), {.role_name = "Podinfo"});
  ASSERT_TRUE(role);
  EXPECT_EQ(role->role.arn, "arn:aws:iam::000000000000:role/Podinfo");
  EXPECT_TRUE(role->role.role_id.starts_with("AROA"));
  EXPECT_EQ(*percent_decode(*role->role.assume_role_policy_document), trust_ec2);
  EXPECT_EQ(iam->get_role(world.call(), {.role_name = "other"}).error().code, "NoSuchEntity");
}

TEST_F(IamTest, a_role_in_use_is_not_deleted) {
  make_role("r", trust_ec2);
  ASSERT_TRUE(iam->put_role_policy(world.call(), {.role_name = "r", .policy_name = "p", .policy_document = allow_get_secret}));
  ASSERT_TRUE(iam->attach_role_policy(world.call(), {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"}));
  ASSERT_TRUE(iam->create_instance_profile(world.call(), {.instance_profile_name = "i"}));
  ASSERT_TRUE(iam->add_role_to_instance_profile(world.call(), {.instance_profile_name = "i", .role_name = "r"}));
  EXPECT_EQ(iam->delete_role(world.call(), {.role_name = "r"}).error().message,
            "Cannot delete entity, must detach all policies first.");
  ASSERT_TRUE(iam->detach_role_policy(world.call(), {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"}));
  EXPECT_EQ(iam->delete_role(world.call(), {.role_name = "r"}).error().message,
            "Cannot delete entity, must delete policies first.");
  ASSERT_TRUE(iam->delete_role_policy(world.call(), {.role_name = "r", .policy_name = "p"}));
  EXPECT_EQ(iam->delete_role(world.call(), {.role_name = "r"}).error().code, "DeleteConflict");
  ASSERT_TRUE(iam->remove_role_from_instance_profile(world.call(), {.instance_profile_name = "i", .role_name = "r"}));
  EXPECT_TRUE(iam->delete_role(world.call(), {.role_name = "r"}));
}

TEST_F(IamTest, a_policy_that_cannot_be_evaluated_is_not_stored) {
  make_role("r", trust_ec2);
  auto put = iam->put_role_policy(
      world.call(),
      {.role_name = "r",
       .policy_name = "p",
       .policy_document =
           R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}})"});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, "MalformedPolicyDocument");
  EXPECT_TRUE(iam->list_role_policies(world.call(), {.role_name = "r"})->policy_names.empty());
}

TEST_F(IamTest, every_policy_aws_manages_can_be_evaluated) {
  auto policies = iam->list_policies(world.call(), {.scope = "AWS"});
  ASSERT_TRUE(policies);
  EXPECT_GE(policies->policies.size(), 15u);
  for (const auto& policy : policies->policies) {
    auto version = iam->get_policy_version(world.call(), {.policy_arn = *policy.arn, .version_id = "v1"});
    ASSERT_TRUE(version);
    auto parsed = parse_policy(*percent_decode(*version->policy_version->document), PolicyKind::identity);
    EXPECT_TRUE(parsed.has_value()) << *policy.arn << ": " << parsed.error().message;
  }
}

TEST_F(IamTest, a_user_may_do_what_its_policies_say_and_no_more) {
  std::string key = make_user_key("ann");
  auto may = [&](const std::string& action, const std::string& resource) {
    return iam->authorize(*iam->find_principal(key), call_with(key), action, resource);
  };
  std::string secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:podinfo-AbCdEf";
  Result<void> refused = may("secretsmanager:GetSecretValue", secret);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "AccessDenied");
  EXPECT_EQ(refused.error().message,
            "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: secretsmanager:GetSecretValue on resource: " +
                secret + " because no identity-based policy allows the secretsmanager:GetSecretValue action");
  ASSERT_TRUE(iam->put_user_policy(world.call(), {.user_name = "ann", .policy_name = "p", .policy_document = allow_get_secret}));
  EXPECT_TRUE(may("secretsmanager:GetSecretValue", secret));
  EXPECT_FALSE(may("secretsmanager:PutSecretValue", secret));
  EXPECT_TRUE(may("sts:GetCallerIdentity", "*"));
  ASSERT_TRUE(iam->put_user_policy(
      world.call(), {.user_name = "ann",
                     .policy_name = "no",
                     .policy_document = R"({"Statement":{"Effect":"Deny","Action":"secretsmanager:*","Resource":"*"}})"}));
  EXPECT_TRUE(
      may("secretsmanager:GetSecretValue", secret).error().message.ends_with("with an explicit deny in an identity-based policy"));
}

TEST_F(IamTest, an_inactive_key_is_unknown_and_a_secret_is_told_once_but_survives_a_restart) {
  ASSERT_TRUE(iam->create_user(world.call(), {.user_name = "ann"}));
  auto made = iam->create_access_key(world.call(), {.user_name = "ann"});
  ASSERT_TRUE(made);
  std::string id = made->access_key.access_key_id, secret = made->access_key.secret_access_key;
  EXPECT_EQ(id.size(), 20u);
  EXPECT_EQ(secret.size(), 40u);
  restart();
  EXPECT_EQ(iam->find_principal(id)->secret_access_key, secret);
  ASSERT_TRUE(iam->update_access_key(world.call(), {.user_name = "ann", .access_key_id = id, .status = "Inactive"}));
  EXPECT_FALSE(iam->find_principal(id).has_value());
}

TEST_F(IamTest, a_service_gets_a_role_only_when_the_trust_policy_names_it) {
  std::string arn = make_role("r", trust_ec2);
  EXPECT_TRUE(iam->issue(arn, "i-1", "ec2.amazonaws.com", 3600s).has_value());
  Result<aws::Credentials> refused = iam->issue(arn, "fn", "lambda.amazonaws.com", 3600s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "InvalidParameterValue");
}

TEST_F(IamTest, a_session_outlives_a_restart_expires_and_loses_its_rights_with_its_role) {
  std::string arn = make_role("r", trust_ec2);
  ASSERT_TRUE(
      iam->attach_role_policy(world.call(), {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"}));
  Result<aws::Credentials> session = iam->issue(arn, "i-1", "ec2.amazonaws.com", 3600s);
  ASSERT_TRUE(session);
  restart();
  std::optional<Principal> principal = iam->find_principal(session->access_key_id);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->arn, "arn:aws:sts::000000000000:assumed-role/r/i-1");
  EXPECT_EQ(principal->secret_access_key, session->secret_access_key);
  EXPECT_EQ(principal->session_token, session->session_token);
  EXPECT_EQ(*principal->expires, world.clock().now() + 3600s);
  EXPECT_TRUE(iam->authorize(*principal, world.call(), "s3:GetObject", "*"));
  ASSERT_TRUE(
      iam->detach_role_policy(world.call(), {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"}));
  ASSERT_TRUE(iam->delete_role(world.call(), {.role_name = "r"}));
  make_role("r", trust_ec2);
  ASSERT_TRUE(
      iam->attach_role_policy(world.call(), {.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"}));
  EXPECT_FALSE(iam->authorize(*principal, world.call(), "s3:GetObject", "*"));
  world.clock().advance(3h);
  std::string other = make_role("other", trust_ec2);
  ASSERT_TRUE(iam->issue(other, "i-2", "ec2.amazonaws.com", 3600s));
  EXPECT_FALSE(iam->find_principal(session->access_key_id).has_value());
}

TEST_F(IamTest, assume_role_needs_both_sides_unless_the_trust_names_the_caller) {
  std::string arn = make_role("ci", trust_account);
  std::string key = make_user_key("ann");
  Principal ann = *iam->find_principal(key);
  EXPECT_FALSE(iam->authorize(ann, call_with(key), "sts:AssumeRole", arn));
  ASSERT_TRUE(iam->update_assume_role_policy(
      world.call(),
      {.role_name = "ci",
       .policy_document =
           R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:user/ann"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}})"}));
  auto without = sts->assume_role(call_with(key), {.role_arn = arn, .role_session_name = "build"});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, "AccessDenied");
  auto with = sts->assume_role(call_with(key), {.role_arn = arn, .role_session_name = "build", .external_id = "x"});
  ASSERT_TRUE(with);
  EXPECT_EQ(with->assumed_role_user.arn, "arn:aws:sts::000000000000:assumed-role/ci/build");
  auto who = sts->get_caller_identity(call_with(with->credentials.access_key_id), {});
  EXPECT_EQ(who->arn, with->assumed_role_user.arn);
  auto longer = sts->assume_role(call_with(key),
                                 {.role_arn = arn, .role_session_name = "build", .duration_seconds = 7200, .external_id = "x"});
  EXPECT_EQ(longer.error().code, "ValidationError");
}

TEST_F(IamTest, pages_hold_what_was_asked_for_and_go_on_where_they_ended) {
  for (char c = 'a'; c <= 'e'; ++c) make_role(std::string("role-") + c, trust_ec2);
  auto first = iam->list_roles(world.call(), {.max_items = 2});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_truncated);
  ASSERT_EQ(first->roles.size(), 2u);
  auto second = iam->list_roles(world.call(), {.marker = first->marker, .max_items = 10});
  ASSERT_EQ(second->roles.size(), 3u);
  EXPECT_EQ(second->roles[0].role_name, "role-c");
  EXPECT_FALSE(second->is_truncated);
}

TEST_F(IamTest, a_policy_keeps_five_versions_and_its_default_cannot_be_deleted) {
  auto policy = iam->create_policy(world.call(), {.policy_name = "p", .policy_document = allow_get_secret});
  std::string arn = *policy->policy->arn;
  for (int i = 2; i <= 5; ++i)
    ASSERT_TRUE(iam->create_policy_version(world.call(),
                                           {.policy_arn = arn, .policy_document = allow_get_secret, .set_as_default = i == 5}));
  EXPECT_EQ(iam->create_policy_version(world.call(), {.policy_arn = arn, .policy_document = allow_get_secret}).error().code,
            "LimitExceeded");
  EXPECT_EQ(iam->get_policy(world.call(), {.policy_arn = arn})->policy->default_version_id, "v5");
  EXPECT_EQ(iam->delete_policy_version(world.call(), {.policy_arn = arn, .version_id = "v5"}).error().code, "DeleteConflict");
  ASSERT_TRUE(iam->delete_policy_version(world.call(), {.policy_arn = arn, .version_id = "v1"}));
  auto next = iam->create_policy_version(world.call(), {.policy_arn = arn, .policy_document = allow_get_secret});
  EXPECT_EQ(next->policy_version->version_id, "v6");
}

TEST_F(IamTest, a_request_is_about_what_it_names) {
  ASSERT_TRUE(iam->create_role(world.call(), {.path = "/team/", .role_name = "r", .assume_role_policy_document = trust_ec2}));
  Api api = iam->api();
  aws::iam::AttachRolePolicyRequest attach{.role_name = "R", .policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"};
  EXPECT_EQ(api.find("AttachRolePolicy")->resource(world.call(), &attach), "arn:aws:iam::000000000000:role/team/r");
  aws::iam::CreateRoleRequest create{.role_name = "new"};
  EXPECT_EQ(api.find("CreateRole")->resource(world.call(), &create), "arn:aws:iam::000000000000:role/new");
  aws::iam::GetUserRequest self;
  EXPECT_EQ(api.find("GetUser")->resource(world.call(), &self), "*");
}

}  // namespace
}  // namespace pds::cloud::iam
