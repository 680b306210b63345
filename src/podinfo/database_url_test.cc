#include "podinfo/database_url.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

struct DatabaseUrlTest : testing::Test {
  const Libpq* pq = load_libpq().value_or(nullptr);
  void SetUp() override { ASSERT_TRUE(pq); }
};

TEST_F(DatabaseUrlTest, ReadsBothForms) {
  auto url = parse_database_url(*pq, "postgresql://anna:open%3Asesame%40cave@db.example:6543/shop?sslmode=require");
  ASSERT_TRUE(url);
  ASSERT_EQ(url->hosts.size(), 1u);
  EXPECT_EQ(url->hosts[0].host, "db.example");
  EXPECT_EQ(url->hosts[0].port, "6543");
  EXPECT_EQ(url->password(), "open:sesame@cave");
  EXPECT_EQ(url->parameters.at("user"), "anna");
  EXPECT_EQ(url->parameters.at("sslmode"), "require");
  EXPECT_EQ(url->parameters.at("gssencmode"), "disable");
  EXPECT_FALSE(url->parameters.contains("host"));
  EXPECT_EQ(url->place(), "db.example:6543/shop");
  auto words = parse_database_url(*pq, "host=/run/postgresql dbname=shop password='a b'");
  ASSERT_TRUE(words);
  EXPECT_TRUE(words->hosts[0].is_socket());
  EXPECT_EQ(words->hosts[0].port, "5432");
  EXPECT_EQ(words->password(), "a b");
}

TEST_F(DatabaseUrlTest, NamesSeveralHostsOfOneCluster) {
  auto url = parse_database_url(*pq, "postgres://u@a:1,[::1]:2,c/d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->place(), "a:1,::1:2,c:5432/d");
  auto none = parse_database_url(*pq, "postgres://");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->place(), "localhost:5432");
}

TEST_F(DatabaseUrlTest, RefusesWithoutRepeatingThePassword) {
  using namespace std::string_literals;
  for (const std::string& text : {"mysql://u:hidden@h/d"s, "postgres://u:hidden@h:x/d"s, "postgres://u:hidden@h:0/d"s,
                                  "postgres://u:hidden@h/d?nope=hidden"s, "password=hidden host"s, "postgres://u:hid%zzden@h"s, "postgres://hidden\0x"s,
                                  "postgres://h/" + std::string(database_url_bytes_max, 'h') + "hidden"}) {
    auto url = parse_database_url(*pq, text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, "E_ADDRESS");
    EXPECT_EQ(url.error().message.find("hid"), std::string::npos) << url.error().message;
  }
}

TEST(PairHosts, WantsListsThatBelongTogether) {
  struct {
    const char *hosts, *addresses, *ports;
    bool good;
  } cases[] = {
      {"", "", "", true},
      {"a,b", "", "", true},
      {"a,b", "", "1", true},
      {"a,b", "", "1,2", true},
      {"a,b", "1.1.1.1,2.2.2.2", "", true},
      {"", "1.1.1.1", "", true},
      {"a,b,c,d,e,f,g,h", "", "", true},
      {"a,b", "1.1.1.1", "", false},
      {"a", "", "1,2", false},
      {"a,b,c", "", "1,2", false},
      {"a", "", "65536", false},
      {"a", "", "-1", false},
      {"a", "", "5432x", false},
      {"a,b,c,d,e,f,g,h,i", "", "", false},
  };
  for (auto& c : cases) EXPECT_EQ(pair_hosts(c.hosts, c.addresses, c.ports).has_value(), c.good) << c.hosts << " " << c.addresses << " " << c.ports;
  EXPECT_EQ((*pair_hosts("", "1.1.1.1", ""))[0].host, "1.1.1.1");
}

}  // namespace
}  // namespace pds::podinfo
