// IP addresses and ranges of them, as text has them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace pds {

// IPv4 addresses are kept as ::ffff:a.b.c.d, so that one comparison does for both families.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};
};
std::optional<IpAddress> parse_address(std::string_view text);
// The address in "127.0.0.1:51234" or "[::1]:80", without port and brackets; the whole text when it has neither ("unix").
std::string_view host_of_peer(std::string_view peer);
// Its port, or "" when there is none.
std::string_view port_of_peer(std::string_view peer);

struct IpRange {
  IpAddress address;
  int prefix_bits = 128;
  bool contains(const IpAddress& other) const;
};
// "10.0.0.0/8", "2001:db8::/32". Bits beyond the prefix must be zero, as AWS demands.
Result<IpRange> parse_range(std::string_view cidr);

}  // namespace pds
