// IPv4 addresses and blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::cloud::ec2 {

std::string ipv4_text(uint32_t address);             // 0x0a000105: "10.0.1.5"
Result<uint32_t> parse_ipv4(std::string_view text);  // InvalidParameterValue

struct Cidr {
  uint32_t base = 0;
  int prefix = 32;

  uint64_t size() const { return uint64_t{1} << (32 - prefix); }
  uint32_t last() const { return static_cast<uint32_t>(base + size() - 1); }
  bool contains(uint32_t address) const { return address >= base && address <= last(); }
  bool contains(const Cidr& other) const { return prefix <= other.prefix && contains(other.base); }
  bool overlaps(const Cidr& other) const { return contains(other) || other.contains(*this); }
  std::string text() const;
  bool operator==(const Cidr&) const = default;
};

// "10.0.0.0/16". Bits below the prefix are cleared, as EC2 does. InvalidParameterValue when it is no block.
Result<Cidr> parse_cidr(std::string_view text, std::string_view parameter = "cidrBlock");

// EC2 keeps five addresses of each subnet: the first four and the last.
inline constexpr uint32_t subnet_reserved_addresses = 5;
inline constexpr uint32_t subnet_first_free = 4;

}  // namespace pds::cloud::ec2
