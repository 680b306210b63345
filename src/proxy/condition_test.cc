#include "proxy/condition.h"

#include <gtest/gtest.h>

namespace pds::proxy {
namespace {

TEST(Pattern, MatchesAsListenerRulesDo) {
  struct Row {
    const char *pattern, *text;
    Case letters;
    bool matches;
  };
  for (const Row& row : {
           Row{"/img/*", "/img/a.png", Case::sensitive, true},
           Row{"/img/*", "/img/", Case::sensitive, true},
           Row{"/img/*", "/img", Case::sensitive, false},
           Row{"/img/*", "/IMG/a", Case::sensitive, false},
           Row{"*.Example.com", "www.example.COM", Case::insensitive, true},
           Row{"*.example.com", "example.com", Case::insensitive, false},
           Row{"/a?c", "/abc", Case::sensitive, true},
           Row{"/a?c", "/ac", Case::sensitive, false},
           Row{"*", "", Case::sensitive, true},
           Row{"", "", Case::sensitive, true},
           Row{"", "a", Case::sensitive, false},
           Row{"/a\\*b", "/a*b", Case::sensitive, true},
           Row{"/a\\*b", "/axb", Case::sensitive, false},
           Row{"/a\\?", "/a?", Case::sensitive, true},
           Row{"*a*b*c", "xxaxxbxxc", Case::sensitive, true},
           Row{"*a*b*c", "xxaxxcxxb", Case::sensitive, false},
           Row{"**", "anything", Case::sensitive, true},
           Row{"a\\", "a\\", Case::sensitive, true},
       }) {
    EXPECT_EQ(Pattern(row.pattern, row.letters).matches(row.text), row.matches) << row.pattern << " on " << row.text;
  }
}

TEST(Pattern, ManyStarsStayCheap) {
  std::string pattern, text(4000, 'a');
  for (int i = 0; i < 60; ++i) pattern += "*a";
  EXPECT_FALSE(Pattern(pattern + "b", Case::sensitive).matches(text));
}

class Conditions : public ::testing::Test {
 protected:
  bool holds(const Condition& condition) { return condition.holds(view_of(head_, "10.0.1.9")); }
  Condition with_patterns(Condition::Field field, const char* pattern, Case letters) {
    Condition condition;
    condition.field = field;
    condition.patterns.emplace_back(pattern, letters);
    return condition;
  }
  void SetUp() override {
    head_.method = "GET";
    head_.target = "/shop/cart?color=Red&x&size=";
    head_.headers.add("Host", "Shop.example.com:8080");
    head_.headers.add("User-Agent", "curl/8.0");
    head_.headers.add("X-Tag", "one");
    head_.headers.add("x-tag", "two");
  }
  http::RequestHead head_;
};

TEST_F(Conditions, HostIgnoresCaseAndPort) {
  EXPECT_TRUE(holds(with_patterns(Condition::Field::host, "shop.EXAMPLE.com", Case::insensitive)));
  EXPECT_FALSE(holds(with_patterns(Condition::Field::host, "shop.example.com:8080", Case::insensitive)));
}

TEST_F(Conditions, PathLeavesTheQueryOut) {
  EXPECT_TRUE(holds(with_patterns(Condition::Field::path, "/shop/cart", Case::sensitive)));
  EXPECT_FALSE(holds(with_patterns(Condition::Field::path, "/shop/cart?*", Case::sensitive)) &&
               holds(with_patterns(Condition::Field::path, "*color*", Case::sensitive)));
}

TEST_F(Conditions, AnyFieldOfAHeaderCounts) {
  Condition condition = with_patterns(Condition::Field::header, "TWO", Case::insensitive);
  condition.header_name = "X-Tag";
  EXPECT_TRUE(holds(condition));
  condition.header_name = "X-Other";
  EXPECT_FALSE(holds(condition));
}

TEST_F(Conditions, MethodsCompareExactly) {
  Condition condition;
  condition.field = Condition::Field::method;
  condition.methods = {"get"};
  EXPECT_FALSE(holds(condition));
  condition.methods = {"POST", "GET"};
  EXPECT_TRUE(holds(condition));
}

TEST_F(Conditions, QueryPairsMatchByKeyOrByAnyKey) {
  auto query = [&](const char* key, const char* value) {
    Condition condition;
    condition.field = Condition::Field::query;
    std::optional<Pattern> key_pattern;
    if (key) key_pattern.emplace(key, Case::insensitive);
    condition.query_values.push_back({std::move(key_pattern), Pattern(value, Case::insensitive)});
    return holds(condition);
  };
  EXPECT_TRUE(query("Color", "red"));
  EXPECT_TRUE(query(nullptr, "RED"));
  EXPECT_FALSE(query("size", "red"));
  EXPECT_TRUE(query("size", ""));
  EXPECT_TRUE(query("x", ""));
  EXPECT_FALSE(query("y", "*"));
}

TEST_F(Conditions, SourceIsTheClientsAddress) {
  Condition condition;
  condition.field = Condition::Field::source;
  condition.ranges = {*parse_range("10.0.1.0/24")};
  EXPECT_TRUE(holds(condition));
  condition.ranges = {*parse_range("10.0.2.0/24")};
  EXPECT_FALSE(holds(condition));
}

}  // namespace
}  // namespace pds::proxy
