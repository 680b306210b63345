#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/text.h"

namespace pds {
namespace {

// Of IPv4: ::ffff:0:0/96.
bool is_mapped(const IpAddress& address) {
  static constexpr std::array<uint8_t, 12> start{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(start.begin(), start.end(), address.bytes.begin());
}

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof(buffer)) return std::nullopt;
  buffer[text.copy(buffer, text.size())] = 0;
  IpAddress address;
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, buffer, address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  address.bytes[10] = address.bytes[11] = 0xff;
  if (inet_pton(AF_INET, buffer, address.bytes.data() + 12) != 1) return std::nullopt;
  return address;
}

std::string_view host_of_peer(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  size_t colon = peer.rfind(':');
  return colon == std::string_view::npos ? peer : peer.substr(0, colon);
}

std::string_view port_of_peer(std::string_view peer) {
  size_t colon = peer.rfind(':');
  if (colon == std::string_view::npos || peer.ends_with(']')) return {};
  return peer.substr(colon + 1);
}

bool IpRange::contains(const IpAddress& other) const {
  if (prefix_bits < 96 && is_mapped(other)) return false;  // "::/0" is all of IPv6, and nothing of IPv4
  int whole = prefix_bits / 8, rest = prefix_bits % 8;
  if (std::memcmp(address.bytes.data(), other.bytes.data(), static_cast<size_t>(whole)) != 0) return false;
  if (rest == 0) return true;
  auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  auto i = static_cast<size_t>(whole);
  return (address.bytes[i] & mask) == (other.bytes[i] & mask);
}

Result<IpRange> parse_range(std::string_view cidr) {
  size_t slash = cidr.find('/');
  std::string quoted = "'" + std::string(cidr) + "'";
  if (slash == std::string_view::npos)
    return fail("ValidationError", quoted + " is not an address range: a prefix length is missing");
  std::optional<IpAddress> address = parse_address(cidr.substr(0, slash));
  std::optional<int64_t> bits = parse_int(cidr.substr(slash + 1));
  bool v6 = cidr.find(':') != std::string_view::npos;
  if (!address || !bits || *bits < 0 || *bits > (v6 ? 128 : 32))
    return fail("ValidationError", quoted + " is not an address range");
  IpRange range{*address, static_cast<int>(*bits) + (v6 ? 0 : 96)};
  for (int bit = range.prefix_bits; bit < 128; ++bit) {
    if (range.address.bytes[static_cast<size_t>(bit / 8)] & (0x80 >> (bit % 8))) {
      return fail("ValidationError", quoted + " is not a valid CIDR block: bits beyond its prefix are set");
    }
  }
  return range;
}

}  // namespace pds
