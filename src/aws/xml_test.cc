#include "aws/xml.h"

#include <gtest/gtest.h>

namespace pds::aws {
namespace {

TEST(Xml, what_is_written_reads_back) {
  std::string text, hard = "a<b>&\"'\r\n\té";
  XmlWriter xml(text);
  xml.declaration();
  xml.open("Root", "http://x/");
  xml.open("Inner");
  xml.attribute("xsi:type", hard.substr(0, 6));
  xml.text(hard);
  xml.close("Inner");
  xml.close("Root");
  Result<XmlElement> root = parse_xml(text);
  ASSERT_TRUE(root.has_value()) << root.error().message << text;
  EXPECT_EQ(root->name, "Root");
  ASSERT_EQ(root->attributes.size(), 1u);
  EXPECT_EQ(root->text_of("Inner"), hard);
  EXPECT_EQ(root->find("Inner")->attributes[0].second, hard.substr(0, 6));
}

TEST(Xml, characters_that_xml_does_not_have_are_replaced) {
  std::string text;
  XmlWriter(text).element("A", std::string("x\x01y\xff", 4));
  EXPECT_EQ(text, "<A>x\xEF\xBF\xBDy\xEF\xBF\xBD</A>");
}

TEST(Xml, reads_what_others_write) {
  Result<XmlElement> root = parse_xml(
      "\xEF\xBB\xBF<?xml version='1.0'?><!-- hi --> <s3:A xmlns:s3='x'>1<!-- c --><![CDATA[<2>]]>&#51;&#x34;<b/><b>t</b "
      "></s3:A>\n<!-- end -->");
  ASSERT_TRUE(root.has_value()) << root.error().message;
  EXPECT_EQ(root->name, "A");
  EXPECT_EQ(root->text, "1<2>34");
  EXPECT_EQ(root->children.size(), 2u);
}

TEST(Xml, refuses_what_is_not_well_formed) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  const std::string all[] = {"",
                             "text",
                             "<a>",
                             "<a></b>",
                             "<a><b></a></b>",
                             "<a/><b/>",
                             "<a b></a>",
                             "<a b=c></a>",
                             "<a b='1' b='2'/>",
                             "<a b='<'/>",
                             "<a>&nbsp;</a>",
                             "<a>&#0;</a>",
                             "<a>&#xD800;</a>",
                             "<a>&#99999999;</a>",
                             "<a>& b</a>",
                             "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
                             "<a><!DOCTYPE b></a>",
                             "<a><!-- </a>",
                             "<a\x01/>",
                             "<a>\x01</a>",
                             "<a>\xff</a>",
                             "<1/>",
                             deep};
  for (const std::string& text : all) {
    Result<XmlElement> root = parse_xml(text);
    ASSERT_FALSE(root.has_value()) << text;
    EXPECT_EQ(root.error().code, "MalformedXML");
  }
}

}  // namespace
}  // namespace pds::aws
