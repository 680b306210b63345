#include "podinfo/shared_page.h"

#include <gtest/gtest.h>

#include "podinfo/data_request.h"

namespace pds::podinfo {
namespace {

TEST(SharedPage, ComesBackAsItWas) {
  DataPage page{{{"a", "hello \"\xc3\xa4\"\n", "2026-11-23T19:04:43.123Z"}, {"b", "x", ""}}, true, {0x16B374D848}};
  Timestamp loaded = from_epoch_seconds(1'800'000'000.25);
  auto back = parse_shared_text(to_shared_text(page, loaded));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->loaded, loaded);
  EXPECT_EQ(back->page.as_of, page.as_of);
  EXPECT_TRUE(back->page.more);
  ASSERT_EQ(back->page.items.size(), 2u);
  EXPECT_EQ(back->page.items[0].message, page.items[0].message);
  EXPECT_EQ(back->page.items[0].timestamp, page.items[0].timestamp);
}

TEST(SharedPage, AFullPageIsWithinTheBound) {
  DataPage page;
  for (size_t i = 0; i < data_limit_default; ++i)
    page.items.push_back({std::string(data_id_bytes_max, 'i'), std::string(data_message_bytes_max, '\x01'), "t"});
  EXPECT_TRUE(parse_shared_text(to_shared_text(page, {})));
}

TEST(SharedPage, ThatIsNotOursIsNone) {
  for (std::string text : {"", "x", "{}", "[]", R"({"as_of":"0000000000000000","loaded_us":1})", R"({"as_of":"0","loaded_us":1,"items":[]})",
                           R"({"as_of":"0000000000000000","loaded_us":-1,"items":[]})", R"({"as_of":"0000000000000000","loaded_us":1,"items":[7]})",
                           R"({"as_of":"0000000000000000","loaded_us":1,"items":[{"id":"a b","message":"x"}]})",
                           R"({"as_of":"0000000000000000","loaded_us":1,"items":[{"id":"a","message":""}]})"})
    EXPECT_FALSE(parse_shared_text(text)) << text;
  EXPECT_FALSE(parse_shared_text(std::string(shared_page_bytes_max + 1, ' ')));
}

}  // namespace
}  // namespace pds::podinfo
