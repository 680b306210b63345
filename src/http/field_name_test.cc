#include "http/field_name.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/text.h"

namespace pds::http {
namespace {

const std::map<std::string, FieldName> known = {
    {"connection", FieldName::connection},
    {"content-length", FieldName::content_length},
    {"content-type", FieldName::content_type},
    {"cookie", FieldName::cookie},
    {"date", FieldName::date},
    {"expect", FieldName::expect},
    {"host", FieldName::host},
    {"keep-alive", FieldName::keep_alive},
    {"proxy-connection", FieldName::proxy_connection},
    {"server", FieldName::server},
    {"set-cookie", FieldName::set_cookie},
    {"te", FieldName::te},
    {"trailer", FieldName::trailer},
    {"transfer-encoding", FieldName::transfer_encoding},
    {"upgrade", FieldName::upgrade},
    {"user-agent", FieldName::user_agent},
    {"x-amzn-tls-cipher-suite", FieldName::x_amzn_tls_cipher_suite},
    {"x-amzn-tls-version", FieldName::x_amzn_tls_version},
    {"x-amzn-trace-id", FieldName::x_amzn_trace_id},
    {"x-forwarded-for", FieldName::x_forwarded_for},
    {"x-forwarded-port", FieldName::x_forwarded_port},
    {"x-forwarded-proto", FieldName::x_forwarded_proto},
};

TEST(FieldName, IsToldInAnyCase) {
  for (const auto& [name, number] : known) {
    EXPECT_EQ(field_name(name), number) << name;
    std::string capitals = name;
    for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    EXPECT_EQ(field_name(capitals), number) << capitals;
  }
}

TEST(FieldName, NothingThatDiffersInOneCharacterIsTaken) {
  constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyz0123456789-_.~!#$%&'*+^`|";
  for (const auto& [name, number] : known) {
    for (size_t i = 0; i < name.size(); ++i) {
      for (char other : others) {
        std::string changed = name;
        changed[i] = other;
        auto expected = known.find(changed);
        ASSERT_EQ(field_name(changed), expected == known.end() ? FieldName::other : expected->second) << changed;
      }
    }
    EXPECT_EQ(field_name(name + "s"), FieldName::other);
    EXPECT_EQ(field_name(name.substr(1)), FieldName::other);
  }
  EXPECT_EQ(field_name(""), FieldName::other);
}

}  // namespace
}  // namespace pds::http
