#include "aws/codec_json.h"

#include <gtest/gtest.h>

#include <limits>

#include "aws/codec.h"
#include "aws/codec_sample.h"
#include "aws/unsupported.h"

namespace pds::aws {
namespace {

using sample::Leaf;
using sample::Node;

TEST(JsonCodec, a_record_with_every_kind_of_member_reads_back_as_it_was_written) {
  std::string text = to_json_text(sample::full_node());
  Result<Node> back = from_json_text<Node>(text);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  Node expected = sample::full_node();
  EXPECT_EQ(back->name, expected.name);
  EXPECT_EQ(back->small, expected.small);
  EXPECT_EQ(back->large, expected.large);
  EXPECT_EQ(back->ratio, expected.ratio);
  EXPECT_EQ(back->on, expected.on);
  EXPECT_EQ(back->at, expected.at);
  EXPECT_EQ(back->bytes->bytes, expected.bytes->bytes);
  EXPECT_EQ(back->policy->text, expected.policy->text);
  EXPECT_EQ(back->names, expected.names);
  EXPECT_EQ(back->numbers, expected.numbers);
  EXPECT_EQ(back->leaves, expected.leaves);
  EXPECT_EQ(back->labels, expected.labels);
  EXPECT_EQ(back->shelf, expected.shelf);
  EXPECT_EQ(back->leaf, expected.leaf);
  EXPECT_EQ(to_json_text(*back), text);
}

TEST(JsonCodec, what_is_absent_is_not_written_and_what_is_empty_is) {
  Node node;
  EXPECT_EQ(to_json_text(node), R"({"Name":""})");
  node.numbers.emplace();
  node.leaf = Leaf{};
  EXPECT_EQ(to_json_text(node), R"({"Name":"","Numbers":[],"Leaf":{"Key":""}})");
}

TEST(JsonCodec, numbers_that_json_does_not_have_are_strings) {
  Node node;
  node.ratio = std::numeric_limits<double>::infinity();
  std::string text = to_json_text(node);
  EXPECT_EQ(text, R"({"Name":"","Ratio":"Infinity"})");
  EXPECT_EQ(from_json_text<Node>(text)->ratio, node.ratio);
}

TEST(JsonCodec, bytes_that_are_not_utf8_never_break_the_document) {
  Node node;
  node.name = "a\xff\"";
  EXPECT_EQ(to_json_text(node), "{\"Name\":\"a\xEF\xBF\xBD\\\"\"}");
}

TEST(JsonCodec, unknown_members_are_ignored_and_null_means_absent) {
  Result<Node> node = from_json_text<Node>(R"({"Name":"n","Other":{"x":[1]},"Small":null,"Leaves":null})");
  ASSERT_TRUE(node.has_value());
  EXPECT_EQ(node->name, "n");
  EXPECT_FALSE(node->small);
}

TEST(JsonCodec, a_member_of_the_wrong_type_is_named) {
  struct Case {
    const char* text;
    const char* where;
  };
  for (Case c : {Case{R"({"Name":5})", "Name"}, Case{R"({"Small":"5"})", "Small"}, Case{R"({"Small":2147483648})", "Small"},
                 Case{R"({"Large":1e30})", "Large"}, Case{R"({"Large":9223372036854775808})", "Large"},
                 Case{R"({"On":"yes"})", "On"}, Case{R"({"At":"tomorrow"})", "At"}, Case{R"({"Bytes":"=="})", "Bytes"},
                 Case{R"({"Names":"x"})", "Names"}, Case{R"({"Names":[1]})", "Names"}, Case{R"({"Leaf":[]})", "Leaf"},
                 Case{R"({"Leaf":{"Key":[]}})", "Key"}, Case{R"({"Labels":[]})", "Labels"}, Case{R"({"Ratio":"high"})", "Ratio"}}) {
    Result<Node> node = from_json_text<Node>(c.text);
    ASSERT_FALSE(node.has_value()) << c.text;
    EXPECT_EQ(node.error().code, "SerializationException");
    EXPECT_NE(node.error().message.find(std::string("'") + c.where + "'"), std::string::npos) << node.error().message;
  }
}

struct Refuser {
  std::optional<Unsupported> fancy;
};
PDS_SHAPE(Refuser, FIELD(fancy, "Fancy"))

TEST(JsonCodec, a_member_we_do_not_do_is_seen_in_any_form) {
  for (const char* text : {R"({"Fancy":1})", R"({"Fancy":[]})", R"({"Fancy":"x"})", R"({"Fancy":{"a":1}})"}) {
    Result<Refuser> value = from_json_text<Refuser>(text);
    ASSERT_TRUE(value.has_value()) << text;
    EXPECT_TRUE(value->fancy.has_value()) << text;
  }
}

}  // namespace
}  // namespace pds::aws
