#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace pds {
namespace {

TEST(IpRange, ContainsWhatItsPrefixCovers) {
  struct Row {
    const char *range, *address;
    bool inside;
  };
  for (const Row& row : {
           Row{"10.0.0.0/8", "10.255.1.2", true},
           Row{"10.0.0.0/8", "11.0.0.1", false},
           Row{"127.0.0.1/32", "127.0.0.1", true},
           Row{"127.0.0.1/32", "127.0.0.2", false},
           Row{"0.0.0.0/0", "203.0.113.9", true},
           Row{"0.0.0.0/0", "2001:db8::1", false},
           Row{"192.168.1.128/25", "192.168.1.127", false},
           Row{"192.168.1.128/25", "192.168.1.200", true},
           Row{"2001:db8::/32", "2001:db8:1::5", true},
           Row{"::/0", "10.0.0.1", false},  // nor the other way
           Row{"::/0", "2001:db8::1", true},
       }) {
    auto range = parse_range(row.range);
    auto address = parse_address(row.address);
    ASSERT_TRUE(range && address) << row.range;
    EXPECT_EQ(range->contains(*address), row.inside) << row.range << " " << row.address;
  }
}

TEST(IpRange, RefusesWhatIsNoRange) {
  for (const char* text :
       {"", "10.0.0.0", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "::1/129", "x/8", "10.0.0.0/-1", "10.0.0.0/8x"}) {
    EXPECT_FALSE(parse_range(text)) << text;
  }
}

TEST(Peer, IsTakenApart) {
  EXPECT_EQ(host_of_peer("127.0.0.1:51234"), "127.0.0.1");
  EXPECT_EQ(port_of_peer("127.0.0.1:51234"), "51234");
  EXPECT_EQ(host_of_peer("[::1]:80"), "::1");
  EXPECT_EQ(port_of_peer("[::1]:80"), "80");
  EXPECT_EQ(host_of_peer("unix"), "unix");
  EXPECT_EQ(port_of_peer("unix"), "");
}

}  // namespace
}  // namespace pds
