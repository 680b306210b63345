#include "cloud/services/ec2/cidr.h"

#include <fmt/core.h>

#include "base/text.h"

namespace pds::cloud::ec2 {

std::string ipv4_text(uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
}

Result<uint32_t> parse_ipv4(std::string_view text) {
  auto parts = split(text, '.');
  uint32_t address = 0;
  bool good = parts.size() == 4;
  for (std::string_view part : parts) {
    auto number = parse_int(part);
    good = good && number && *number >= 0 && *number <= 255 && part == std::to_string(*number);
    if (good) address = address << 8 | static_cast<uint32_t>(*number);
  }
  if (!good) return fail("InvalidParameterValue", fmt::format("Value ({}) is not a valid IPv4 address", text));
  return address;
}

std::string Cidr::text() const { return fmt::format("{}/{}", ipv4_text(base), prefix); }

Result<Cidr> parse_cidr(std::string_view text, std::string_view parameter) {
  size_t slash = text.find('/');
  auto refused = [&] {
    return fail("InvalidParameterValue",
                fmt::format("Value ({}) for parameter {} is invalid. This is not a valid CIDR block.", text, parameter));
  };
  if (slash == std::string_view::npos) return refused();
  auto address = parse_ipv4(text.substr(0, slash));
  auto prefix = parse_int(text.substr(slash + 1));
  if (!address || !prefix || *prefix < 0 || *prefix > 32) return refused();
  uint32_t mask = *prefix == 0 ? 0 : ~uint32_t{0} << (32 - *prefix);
  return Cidr{*address & mask, static_cast<int>(*prefix)};
}

}  // namespace pds::cloud::ec2
