// What both SBOM formats say in the same words: who made the document, and names that follow from a digest.
#pragma once

#include <string>
#include <string_view>

#include "trust/sbom.h"

namespace pds::trust {

inline constexpr std::string_view tool_name = "pds";
inline constexpr std::string_view tool_version = "0.1.0";

// RFC 4122 version 5 over the digest and a purpose: the same image always has the same names, two formats never share one.
std::string digest_uuid(const Digest& digest, std::string_view purpose);
// "pkg:oci/podinfo@sha256%3A...?arch=amd64&repository_url=..."
std::string image_url(const Inventory& inventory);
// Whether a Debian maintainer is a team rather than a person.
bool is_organization(std::string_view maintainer);

}  // namespace pds::trust
