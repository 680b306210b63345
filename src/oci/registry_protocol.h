// What a registry's answers mean: pure functions that the client is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "oci/manifest.h"

namespace pds::oci {

inline constexpr size_t tags_listed_max = 100'000;

// 429 and the failures of gateways; not 500 and 507, which the same request would meet again.
bool is_retryable_status(int status);
// The registry's error envelope in our codes: E_MANIFEST_UNKNOWN, E_BLOB_UNKNOWN, E_NAME_UNKNOWN, E_UNAUTHORIZED, E_DENIED, E_DISK_FULL, ...;
// E_REGISTRY for what has no name.
std::unexpected<Error> registry_error(std::string_view what, const http::Response& response);

// A Location or Link target as path and query on `host`; elsewhere is refused, since our credentials must not follow. E_REGISTRY.
Result<std::string> local_target(std::string_view location, std::string_view host);
// The target of rel="next"; "" when there is none.
Result<std::string> next_page(std::string_view link_header, std::string_view host);

std::string fallback_tag(const Digest& subject);   // "sha256-<hex>"
// The subject of a manifest or index, if it has one.
Result<std::optional<Digest>> subject_of(std::string_view bytes, std::string_view media_type);
// How a referrers index lists this manifest: with its effective artifact type and its annotations.
Result<Descriptor> referrer_descriptor(std::string_view bytes, std::string_view media_type);

struct ImageParts {
  std::string media_type;
  std::vector<Descriptor> blobs;       // of a manifest: config, then layers
  std::vector<Descriptor> manifests;   // of an index
};
Result<ImageParts> parts_of(std::string_view bytes, std::string_view media_type);

// {"name":...,"tags":[...]}; at most tags_listed_max altogether.
Result<void> append_tags(std::string_view body, std::vector<std::string>& tags);

}  // namespace pds::oci
