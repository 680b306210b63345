#include "trust/identity.h"

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/text.h"

namespace pds::trust {

std::string digest_uuid(const Digest& digest, std::string_view purpose) {
  // The URL name space of RFC 4122, appendix C.
  static const std::string url_namespace = *from_hex("6ba7b8119dad11d180b400c04fd430c8");
  std::string hash = sha1(url_namespace + fmt::format("{}#{}", digest.text(), purpose)).substr(0, 16);
  hash[6] = static_cast<char>((hash[6] & 0x0f) | 0x50);
  hash[8] = static_cast<char>((hash[8] & 0x3f) | 0x80);
  std::string hex = to_hex(hash);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

std::string image_url(const Inventory& inventory) {
  std::string url = fmt::format("pkg:oci/{}@{}?arch={}", percent_encode(to_lower(inventory.name)),
                                percent_encode(inventory.digest.text()), percent_encode(inventory.architecture));
  if (!inventory.repository.empty()) url += "&repository_url=" + percent_encode(inventory.repository);
  return url;
}

bool is_organization(std::string_view maintainer) {
  for (std::string_view word : {"Team", "Maintainers", "Group", "Packagers", "Developers", "Project"}) {
    if (maintainer.find(word) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace pds::trust
