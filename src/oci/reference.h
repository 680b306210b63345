// Names of images. A Reference is what a person types; a DigestReference is what a deployment accepts: it has no tag field, so a
// label that moves can never decide what runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace pds::oci {

inline constexpr size_t repository_bytes_max = 255;   // the distribution specification's bound on a name, host included
inline constexpr size_t registry_bytes_max = 255;
inline constexpr size_t tag_bytes_max = 128;

bool is_valid_repository(std::string_view name);   // "team/podinfo": lower case, components of [a-z0-9] joined by . _ __ or dashes
bool is_valid_tag(std::string_view tag);

// [registry/]repository[:tag][@digest]. The first component is a registry when it has a '.', a ':' or is "localhost".
struct Reference {
  std::string registry;                // "000000000000.dkr.ecr.us-east-1.localhost:4566"; empty: the local store
  std::string repository;              // "podinfo"
  std::optional<std::string> tag;
  std::optional<Digest> digest;

  static Result<Reference> parse(std::string_view text);   // E_REFERENCE_INVALID
  std::string text() const;
  std::string name() const;            // without tag and digest
  bool operator==(const Reference&) const = default;
};

// registry/repository@sha256:...
struct DigestReference {
  std::string registry;
  std::string repository;
  Digest digest;

  // E_REFERENCE_TAGGED when a tag is present, even beside a digest; E_REFERENCE_INVALID otherwise.
  static Result<DigestReference> parse(std::string_view text);
  std::string text() const;
  std::string name() const;            // registry/repository
  bool operator==(const DigestReference&) const = default;
};

}  // namespace pds::oci
