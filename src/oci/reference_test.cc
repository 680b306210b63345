#include "oci/reference.h"

#include <gtest/gtest.h>

namespace pds::oci {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

TEST(Reference, what_is_written_is_read_back) {
  for (const std::string& text :
       {std::string("podinfo"), std::string("podinfo:1.0.0"), "team/podinfo@" + digest, "localhost/podinfo:1@" + digest,
        std::string("000000000000.dkr.ecr.us-east-1.localhost:4566/team/podinfo:v1"), std::string("[::1]:5000/a__b/c-d.e:T_1")}) {
    auto reference = Reference::parse(text);
    ASSERT_TRUE(reference) << text << ": " << reference.error().message;
    EXPECT_EQ(reference->text(), text);
  }
}

TEST(Reference, the_first_component_is_a_registry_only_when_it_looks_like_one) {
  EXPECT_EQ(Reference::parse("team/podinfo")->registry, "");
  EXPECT_EQ(Reference::parse("localhost/podinfo")->registry, "localhost");
  EXPECT_EQ(Reference::parse("host:1/podinfo")->registry, "host:1");
}

TEST(Reference, malformed_names_are_refused) {
  for (const std::string& text : {std::string(""),
                                  std::string("Podinfo"),
                                  std::string("a//b"),
                                  std::string("/a"),
                                  std::string("a/"),
                                  std::string("-a"),
                                  std::string("a..b"),
                                  std::string("a___b"),
                                  std::string("a:"),
                                  std::string("a:.x"),
                                  std::string("a@sha256:1"),
                                  std::string("a@"),
                                  std::string("host:99999/a"),
                                  std::string("host:/a"),
                                  std::string("ho_st.x/a"),
                                  "a:" + std::string(129, 'x'),
                                  std::string(300, 'a'),
                                  std::string("../a"),
                                  std::string("a\nb"),
                                  std::string("x.y\r\n/a"),
                                  std::string("a@") + "SHA256:" + std::string(64, 'a')}) {
    auto reference = Reference::parse(text);
    ASSERT_FALSE(reference) << text;
    EXPECT_EQ(reference.error().code, "E_REFERENCE_INVALID");
  }
}

TEST(DigestReference, a_tag_is_refused_even_beside_a_digest) {
  EXPECT_EQ(DigestReference::parse("h.x/a:1@" + digest).error().code, "E_REFERENCE_TAGGED");
  EXPECT_EQ(DigestReference::parse("h.x/a:1").error().code, "E_REFERENCE_TAGGED");
  EXPECT_EQ(DigestReference::parse("h.x/a").error().code, "E_REFERENCE_INVALID");
  EXPECT_EQ(DigestReference::parse("a@" + digest).error().code, "E_REFERENCE_INVALID");
  auto good = DigestReference::parse("h.x/a/b@" + digest);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->text(), "h.x/a/b@" + digest);
}

}  // namespace
}  // namespace pds::oci
