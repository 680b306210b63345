// What trust makes and reads: documents, ready to be pushed or as they were fetched. Where they come from is for others to know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace pds::trust {

inline constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view simple_signing_type = "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view in_toto_type = "application/vnd.in-toto+json";
inline constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";

namespace predicate {
inline constexpr std::string_view signature = "https://sigstore.dev/cosign/sign/v1";
inline constexpr std::string_view spdx = "https://spdx.dev/Document";
inline constexpr std::string_view cyclonedx = "https://cyclonedx.org/bom";
}  // namespace predicate

struct Blob {
  Digest digest;
  std::string bytes;
};

// The image that is spoken about: its manifest.
struct Subject {
  std::string repository;      // registry/repository without a tag; the docker-reference of simple signing
  std::string media_type;
  Digest digest;
  uint64_t size = 0;
};

// A manifest and the blobs it names. Tagged (cosign's .sig), or found as a referrer of its subject.
struct Artifact {
  std::string manifest;
  std::string media_type = std::string(manifest_type);
  Digest digest;               // of `manifest`
  std::vector<Blob> blobs;
  std::string tag;             // "" for a referrer
};

}  // namespace pds::trust
