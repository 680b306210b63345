#include "cloud/services/acm/service.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "cloud/test_core.h"
#include "http/test_certificates.h"

namespace pds::cloud::acm {
namespace {

namespace wire = aws::acm;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct User final : CertificateUser {
  std::vector<std::string> users_of(const std::string& arn) const override {
    return arn == used ? std::vector<std::string>{"arn:the-balancer"} : std::vector<std::string>{};
  }
  void certificate_changed(const std::string& arn) override { changed.push_back(arn); }
  std::string used;
  std::vector<std::string> changed;
};

class AcmTest : public testing::Test {
 protected:
  AcmTest() { acm->set_user(&user); }
  wire::ImportCertificateRequest request_of(const http::TlsIdentity& identity, bool with_chain = true) {
    wire::ImportCertificateRequest request{.certificate = {identity.chain_pem}, .private_key = {identity.key_pem}};
    if (with_chain) request.certificate_chain = aws::Blob{authority.pem()};
    return request;
  }
  std::string import(const http::TestAuthority::Leaf& leaf) {
    auto reply = acm->import_certificate(world.call(), request_of(authority.issue(leaf)));
    EXPECT_TRUE(reply) << reply.error().message;
    return reply ? reply->certificate_arn : "";
  }
  std::string refusal(wire::ImportCertificateRequest request) {
    auto reply = acm->import_certificate(world.call(), request);
    return reply ? "" : reply.error().code + ": " + reply.error().message;
  }

  TestCore world;
  MasterKey master_key{std::string(32, 'k')};
  io::ManualClock real{std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
  http::TestAuthority authority;
  User user;
  std::unique_ptr<Acm> acm = std::make_unique<Acm>(world.core(), master_key, real);
};

TEST_F(AcmTest, what_is_imported_is_described_and_served_after_a_restart_and_its_key_stays_sealed) {
  http::TlsIdentity identity = authority.issue({.names = {"a.example", "*.b.example"}});
  wire::ImportCertificateRequest request = request_of(identity);
  request.tags = {{"for", "test"}};
  auto reply = acm->import_certificate(world.call(), request);
  ASSERT_TRUE(reply) << reply.error().message;
  std::string arn = reply->certificate_arn;
  EXPECT_THAT(arn, testing::StartsWith("arn:aws:acm:us-east-1:000000000000:certificate/"));
  world.commit();
  std::string key_line = identity.key_pem.substr(28, 60);
  EXPECT_EQ(io::read_file(world.directory() + "/cloud.db-wal", 64u << 20)->find(key_line), std::string::npos);

  acm.reset();
  world.restart();
  acm = std::make_unique<Acm>(world.core(), master_key, real);
  auto detail = acm->describe_certificate(world.call(), {arn})->certificate;
  EXPECT_EQ(detail.domain_name, "a.example");
  EXPECT_THAT(detail.subject_alternative_names, ElementsAre("a.example", "*.b.example"));
  EXPECT_EQ(detail.status, "ISSUED");
  EXPECT_EQ(detail.type, "IMPORTED");
  EXPECT_EQ(detail.key_algorithm, "EC_prime256v1");
  EXPECT_EQ(detail.signature_algorithm, "SHA256WITHECDSA");
  EXPECT_EQ(detail.subject, "CN=a.example");
  EXPECT_EQ(detail.issuer, "Test Authority");
  EXPECT_EQ(acm->get_certificate(world.call(), {arn})->certificate, identity.chain_pem);
  EXPECT_EQ(acm->get_certificate(world.call(), {arn})->certificate_chain, authority.pem());
  auto served = acm->certificate(arn);
  ASSERT_TRUE(served);
  EXPECT_EQ(served->name, arn);
  EXPECT_EQ(served->key_pem, identity.key_pem);
  EXPECT_EQ(served->chain_pem, identity.chain_pem + authority.pem());
  EXPECT_EQ(acm->list_tags_for_certificate(world.call(), {arn})->tags[0].key, "for");
  real.advance(std::chrono::days(31));
  EXPECT_EQ(acm->describe_certificate(world.call(), {arn})->certificate.status, "EXPIRED");
}

TEST_F(AcmTest, what_would_not_be_trusted_is_not_imported) {
  http::TlsIdentity one = authority.issue({.names = {"a"}}), other = authority.issue({.names = {"b"}});
  http::TestAuthority stranger("Stranger");
  auto with = [&](const std::string& certificate, const std::string& key, const std::string& chain) {
    return refusal({.certificate = {certificate}, .private_key = {key}, .certificate_chain = aws::Blob{chain}});
  };
  EXPECT_EQ(refusal(request_of(authority.own(), false)), "");  // it signed itself
  EXPECT_THAT(refusal(request_of(one, false)), HasSubstr("not a valid self signed"));
  EXPECT_THAT(with("nothing", one.key_pem, authority.pem()), HasSubstr("not a certificate in PEM form"));
  EXPECT_THAT(with(one.chain_pem + authority.pem(), one.key_pem, authority.pem()), HasSubstr("only one certificate"));
  EXPECT_THAT(with(one.chain_pem, other.key_pem, authority.pem()), HasSubstr("not the certificate's"));
  EXPECT_THAT(with(one.chain_pem, "nothing", authority.pem()), HasSubstr("not an unencrypted private key"));
  EXPECT_THAT(with(one.chain_pem, one.key_pem, stranger.pem()), HasSubstr("did not sign"));
  EXPECT_THAT(with(one.chain_pem, one.key_pem, "nothing"), HasSubstr("The certificate chain is not valid"));
  EXPECT_THAT(refusal(request_of(authority.issue({.names = {"a"}, .days_from = -2, .days_to = -1}))), HasSubstr("has expired"));
  EXPECT_THAT(refusal(request_of(authority.issue({.names = {"a"}, .days_from = 1}))), HasSubstr("not in effect yet"));
  for (const std::string& text : {with(one.chain_pem, other.key_pem, authority.pem()), with(one.chain_pem, "nothing", authority.pem())})
    EXPECT_TRUE(text.starts_with("ValidationException: ")) << text;
}

TEST_F(AcmTest, importing_again_replaces_under_the_same_arn_and_tells_who_uses_it) {
  std::string arn = import({.names = {"a.example", "b.example"}});
  EXPECT_TRUE(user.changed.empty());
  auto again = [&](const http::TestAuthority::Leaf& leaf) {
    wire::ImportCertificateRequest request = request_of(authority.issue(leaf));
    request.certificate_arn = arn;
    return refusal(request);
  };
  std::string serial = acm->describe_certificate(world.call(), {arn})->certificate.serial;
  EXPECT_EQ(again({.names = {"b.example", "c.example"}}), "");
  EXPECT_THAT(user.changed, ElementsAre(arn));
  EXPECT_NE(acm->describe_certificate(world.call(), {arn})->certificate.serial, serial);
  EXPECT_THAT(again({.names = {"b.example"}, .rsa = true}), HasSubstr("key type and size"));
  EXPECT_THAT(again({.names = {"x.example"}}), HasSubstr("All domain names"));
  wire::ImportCertificateRequest tagged = request_of(authority.issue({.names = {"b.example"}}));
  tagged.certificate_arn = arn, tagged.tags = {{"a", "b"}};
  EXPECT_THAT(refusal(tagged), HasSubstr("Tags"));
  tagged.certificate_arn = arn + "0";
  EXPECT_THAT(refusal(tagged), HasSubstr("ResourceNotFoundException"));
  EXPECT_EQ(user.changed.size(), 1u);
}

TEST_F(AcmTest, a_certificate_in_use_is_not_deleted) {
  std::string arn = import({.names = {"a"}});
  user.used = arn;
  EXPECT_THAT(acm->describe_certificate(world.call(), {arn})->certificate.in_use_by, ElementsAre("arn:the-balancer"));
  auto refused = acm->delete_certificate(world.call(), {arn});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "ResourceInUseException");
  user.used.clear();
  EXPECT_TRUE(acm->delete_certificate(world.call(), {arn}));
  EXPECT_EQ(acm->describe_certificate(world.call(), {arn}).error().code, "ResourceNotFoundException");
  EXPECT_EQ(acm->certificate(arn).error().code, "ResourceNotFoundException");
  EXPECT_EQ(acm->describe_certificate(world.call(), {"arn:aws:s3:::bucket-of-things"}).error().code, "InvalidArnException");
}

TEST_F(AcmTest, lists_have_rsa_keys_unless_asked_otherwise_and_come_in_pages) {
  std::string rsa = import({.names = {"rsa"}, .rsa = true});
  world.clock().advance(1s);
  std::string first = import({.names = {"first"}});
  world.clock().advance(1s);
  std::string second = import({.names = {"second"}});
  auto list = [&](const wire::ListCertificatesRequest& request) {
    std::vector<std::string> names;
    for (const auto& one : acm->list_certificates(world.call(), request)->certificate_summary_list) names.push_back(one.domain_name);
    return names;
  };
  EXPECT_THAT(list({}), ElementsAre("rsa"));
  wire::ListCertificatesRequest all{.includes = wire::Filters{.key_types = {"RSA_2048", "EC_prime256v1"}}};
  EXPECT_THAT(list(all), ElementsAre("rsa", "first", "second"));
  all.sort_by = "CREATED_AT", all.sort_order = "DESCENDING", all.max_items = 2;
  EXPECT_THAT(list(all), ElementsAre("second", "first"));
  all.next_token = acm->list_certificates(world.call(), all)->next_token;
  EXPECT_THAT(list(all), ElementsAre("rsa"));
  EXPECT_TRUE(list({.certificate_statuses = {"EXPIRED"}}).empty());
  wire::ListCertificatesRequest managed{.includes = wire::Filters{.managed_by = aws::Unsupported{}}};
  EXPECT_EQ(acm->list_certificates(world.call(), managed).error().http_status, 501);
}

TEST_F(AcmTest, tags_come_and_go_by_key_and_by_value) {
  std::string arn = import({.names = {"a"}});
  ASSERT_TRUE(acm->add_tags_to_certificate(world.call(), {arn, {{"a", "1"}, {"b", "2"}}}));
  ASSERT_TRUE(acm->remove_tags_from_certificate(world.call(), {arn, {{"a", "other"}, {"b", std::nullopt}}}));
  auto tags = acm->list_tags_for_certificate(world.call(), {arn})->tags;
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(tags[0].key, "a");
  EXPECT_EQ(acm->add_tags_to_certificate(world.call(), {arn, {{"aws:x", "1"}}}).error().code, "InvalidTagException");
}

}  // namespace
}  // namespace pds::cloud::acm
