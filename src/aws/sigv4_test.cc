#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include "aws/sigv4_canonical.h"
#include "base/crypto.h"

namespace pds::aws {
namespace {

const Credentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}};

Timestamp at(const char* basic) { return *parse_iso8601_basic(basic); }

struct Case {
  const char* name;
  const char* service;
  const char* method;
  const char* target;
  const char* date;
  std::vector<std::pair<const char*, const char*>> headers;  // X-Amz-Date is added
  const char* body;
  const char* signature;
  const char* access_key_id = "AKIDEXAMPLE";
  const char* secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const char* token = "";
};

// The first four are AWS's own published examples, the rest were made by botocore.
const Case cases[] = {
    {"get-vanilla of AWS's test suite",
     "service",
     "GET",
     "/",
     "20150830T123600Z",
     {{"Host", "example.amazonaws.com"}},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"IAM ListUsers of AWS's guide",
     "iam",
     "GET",
     "/?Action=ListUsers&Version=2010-05-08",
     "20150830T123600Z",
     {{"Host", "iam.amazonaws.com"}, {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
     "",
     "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
    {"S3 GET of a range",
     "s3",
     "GET",
     "/test.txt",
     "20130524T000000Z",
     {{"Host", "examplebucket.s3.amazonaws.com"}, {"Range", "bytes=0-9"}},
     "",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
     "AKIAIOSFODNN7EXAMPLE",
     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    {"S3 GET of a bucket's lifecycle",
     "s3",
     "GET",
     "/?lifecycle",
     "20130524T000000Z",
     {{"Host", "examplebucket.s3.amazonaws.com"}},
     "",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
     "AKIAIOSFODNN7EXAMPLE",
     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    {"a JSON call",
     "secretsmanager",
     "POST",
     "/",
     "20261123T190443Z",
     {{"Host", "127.0.0.1:4566"},
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", "secretsmanager.GetSecretValue"}},
     R"({"SecretId":"podinfo"})",
     "a5d86f8854ccbe671cd138bc9ed03abd9f90e2e56f46c69b3429bd57d11f831e"},
    {"a path with escapes is encoded twice",
     "lambda",
     "GET",
     "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Apodinfo/aliases/"
     "live?Marker=a%2Bb&MaxItems=2",
     "20261123T190443Z",
     {{"Host", "127.0.0.1:4566"}},
     "",
     "c5172443a1af0172ba13a0041355b9c1e82a0ede9e4db425b4adb8b0626aca5f",
     "AKIDEXAMPLE",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "TOKEN=="},
    {"but once by S3",
     "s3",
     "PUT",
     "/bucket/a%20b/%C3%A9%2B1.txt?tagging=",
     "20261123T190443Z",
     {{"Host", "127.0.0.1:4566"}},
     "hello",
     "ed462bddba449d92c22a1331c79d496689ec73763467d512719302ad81badc39"},
};

http::RequestHead head_of(const Case& c) {
  http::RequestHead head;
  head.method = c.method;
  head.target = c.target;
  for (auto [name, value] : c.headers) head.headers.add(name, value);
  return head;
}

TEST(SigV4, signs_as_aws_and_botocore_do_and_believes_what_they_sign) {
  Verifier verifier;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    http::RequestHead head = head_of(c);
    sign(head, c.body, {c.access_key_id, c.secret, c.token, {}}, {"us-east-1", c.service}, at(c.date));
    Result<Claim> claim = read_claim(head);
    ASSERT_TRUE(claim.has_value()) << claim.error().message;
    EXPECT_EQ(claim->signature, c.signature) << head.headers.get("Authorization");
    EXPECT_EQ(claim->access_key_id, c.access_key_id);
    EXPECT_EQ(claim->scope.service, c.service);
    EXPECT_EQ(claim->session_token, c.token);
    Result<void> believed = verifier.verify(*claim, head, sha256_hex(c.body), c.secret, at(c.date));
    EXPECT_TRUE(believed.has_value()) << believed.error().message;
  }
}

TEST(SigV4, presigns_as_aws_and_botocore_do) {
  struct Presigned {
    const char *service, *host, *target, *date;
    int seconds;
    Credentials credentials;
    const char* signature;
  };
  const Credentials s3_example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", {}};
  Credentials with_token = example;
  with_token.session_token = "TOK/EN";
  const Presigned all[] = {
      {"s3", "examplebucket.s3.amazonaws.com", "/test.txt", "20130524T000000Z", 86400, s3_example,
       "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"},
      {"s3", "127.0.0.1:4566", "/bucket/a%20b/x.txt?versionId=1", "20261123T190443Z", 900, with_token,
       "3d18914902e2394724b328cd8fa29c8390fd83239efc2f39242e3dc006bbde97"},
      {"sts", "127.0.0.1:4566", "/?Action=GetCallerIdentity&Version=2011-06-15", "20261123T190443Z", 60, example,
       "1dec0e9adf46fc3a02c78527d11c4ac34adfb1119ff5c42006aff500508642ff"},
  };
  Verifier verifier;
  for (const Presigned& p : all) {
    SCOPED_TRACE(p.target);
    http::RequestHead head;
    head.method = "GET";
    head.target = p.target;
    head.headers.add("Host", p.host);
    head.target = presign(head, p.credentials, {"us-east-1", p.service}, at(p.date), std::chrono::seconds{p.seconds});
    Result<Claim> claim = read_claim(head);
    ASSERT_TRUE(claim.has_value()) << claim.error().message;
    EXPECT_EQ(claim->signature, p.signature);
    EXPECT_EQ(claim->session_token, p.credentials.session_token);
    Timestamp last = at(p.date) + std::chrono::seconds{p.seconds};
    EXPECT_TRUE(verifier.verify(*claim, head, sha256_hex(""), p.credentials.secret_access_key, last).has_value());
    Result<void> late = verifier.verify(*claim, head, sha256_hex(""), p.credentials.secret_access_key, last + 1s);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, "RequestExpired");
  }
}

struct Signed {
  http::RequestHead head;
  std::string body = R"({"SecretId":"podinfo"})";
  std::string secret = example.secret_access_key;
  Timestamp now = at("20261123T190443Z");
};

Signed signed_call(const char* service) {
  Signed call;
  call.head.method = "POST";
  call.head.target = "/a/b?x=1&y=2";
  call.head.headers.add("Host", "127.0.0.1:4566");
  call.head.headers.add("X-Amz-Target", "secretsmanager.GetSecretValue");
  sign(call.head, call.body, example, {"us-east-1", service}, call.now);
  return call;
}

TEST(SigV4, any_change_after_signing_is_refused) {
  struct Change {
    const char* what;
    const char* service;
    void (*apply)(Signed&);
    const char* code;
  };
  const Change changes[] = {
      {"nothing", "secretsmanager", [](Signed&) {}, ""},
      {"an unsigned header", "secretsmanager", [](Signed& s) { s.head.headers.add("User-Agent", "x"); }, ""},
      {"method", "secretsmanager", [](Signed& s) { s.head.method = "PUT"; }, "SignatureDoesNotMatch"},
      {"path", "secretsmanager", [](Signed& s) { s.head.target = "/a/c?x=1&y=2"; }, "SignatureDoesNotMatch"},
      {"query", "secretsmanager", [](Signed& s) { s.head.target = "/a/b?x=1&y=3"; }, "SignatureDoesNotMatch"},
      {"order of the query", "secretsmanager", [](Signed& s) { s.head.target = "/a/b?y=2&x=1"; }, ""},
      {"host", "secretsmanager", [](Signed& s) { s.head.headers.set("Host", "other"); }, "SignatureDoesNotMatch"},
      {"a signed header", "secretsmanager", [](Signed& s) { s.head.headers.set("X-Amz-Target", "x.DeleteSecret"); },
       "SignatureDoesNotMatch"},
      {"a second value", "secretsmanager", [](Signed& s) { s.head.headers.add("X-Amz-Target", "x"); }, "SignatureDoesNotMatch"},
      {"a signed header taken away", "secretsmanager", [](Signed& s) { s.head.headers.remove("X-Amz-Target"); },
       "IncompleteSignature"},
      {"body", "secretsmanager", [](Signed& s) { s.body += ' '; }, "SignatureDoesNotMatch"},
      {"body of S3", "s3", [](Signed& s) { s.body += ' '; }, "XAmzContentSHA256Mismatch"},
      {"an unsigned x-amz header of S3", "s3", [](Signed& s) { s.head.headers.add("x-amz-acl", "public-read"); }, "AccessDenied"},
      {"key", "secretsmanager", [](Signed& s) { s.secret += "x"; }, "SignatureDoesNotMatch"},
      {"five minutes early", "secretsmanager", [](Signed& s) { s.now -= 5min; }, ""},
      {"five minutes late", "secretsmanager", [](Signed& s) { s.now += 5min; }, ""},
      {"too early", "secretsmanager", [](Signed& s) { s.now -= 5min + 1s; }, "InvalidSignatureException"},
      {"too late", "secretsmanager", [](Signed& s) { s.now += 5min + 1s; }, "InvalidSignatureException"},
  };
  Verifier verifier;
  for (const Change& c : changes) {
    SCOPED_TRACE(c.what);
    Signed call = signed_call(c.service);
    c.apply(call);
    Result<Claim> claim = read_claim(call.head);
    ASSERT_TRUE(claim.has_value());
    Result<void> verdict = verifier.verify(*claim, call.head, sha256_hex(call.body), call.secret, call.now);
    EXPECT_EQ(verdict ? "" : verdict.error().code, c.code);
  }
}

TEST(SigV4, the_message_for_a_stale_date_names_all_three_times) {
  Signed call = signed_call("secretsmanager");
  Verifier verifier;
  Result<void> verdict = verifier.verify(*read_claim(call.head), call.head, sha256_hex(call.body), call.secret, call.now + 10min);
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(verdict.error().message,
            "Signature expired: 20261123T190443Z is now earlier than 20261123T190943Z (20261123T191443Z - 5 min.)");
}

TEST(SigV4, a_claim_that_is_not_whole_is_refused_before_any_key_is_looked_up) {
  struct Bad {
    const char* authorization;
    const char* code;
    const char* part;
  };
  const Bad all[] = {
      {nullptr, "MissingAuthenticationToken", "missing Authentication Token"},
      {"Basic abc", "IncompleteSignature", "algorithm"},
      {"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00", "IncompleteSignature", "'Credential'"},
      {"AWS4-HMAC-SHA256 Credential=A/20261123/r/s/aws4_request, SignedHeaders=host", "IncompleteSignature", "'Signature'"},
      {"AWS4-HMAC-SHA256 Credential=A/20261123/r/s, SignedHeaders=host, Signature=00", "IncompleteSignature", "5 slash-delimited"},
      {"AWS4-HMAC-SHA256 Credential=A/20261123/r/s/aws3, SignedHeaders=host, Signature=00", "IncompleteSignature", "terminator"},
      {"AWS4-HMAC-SHA256 Credential=A/20261123/r/s/aws4_request, SignedHeaders=x-amz-date, Signature=00", "IncompleteSignature",
       "'Host'"},
      {"AWS4-HMAC-SHA256 Credential=A/20261122/r/s/aws4_request, SignedHeaders=host, Signature=00", "InvalidSignatureException",
       "does not match"},
  };
  for (const Bad& bad : all) {
    http::RequestHead head;
    head.method = "GET";
    head.target = "/";
    head.headers.add("Host", "h");
    head.headers.add("X-Amz-Date", "20261123T190443Z");
    if (bad.authorization) head.headers.add("Authorization", bad.authorization);
    Result<Claim> claim = read_claim(head);
    ASSERT_FALSE(claim.has_value()) << bad.authorization;
    EXPECT_TRUE(claim.error().code.starts_with(bad.code)) << claim.error().code;
    EXPECT_NE(claim.error().message.find(bad.part), std::string::npos) << claim.error().message;
  }
}

TEST(SigV4, paths_are_normalised_for_all_but_s3) {
  struct Path {
    const char *sent, *others, *s3;
  };
  for (Path p : {Path{"/", "/", "/"}, Path{"//a//b/", "/a/b/", "//a//b/"}, Path{"/a/./b/../c", "/a/c", "/a/./b/../c"},
                 Path{"/..", "/", "/.."}, Path{"/a%20b", "/a%2520b", "/a%20b"}, Path{"/a:b", "/a%3Ab", "/a%3Ab"},
                 Path{"/a+b", "/a%2Bb", "/a%2Bb"}}) {
    EXPECT_EQ(*canonical_path(p.sent, false), p.others) << p.sent;
    EXPECT_EQ(*canonical_path(p.sent, true), p.s3) << p.sent;
  }
}

}  // namespace
}  // namespace pds::aws
