// The paths of the distribution API, and its errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace pds::oci {

struct Route {
  enum class Kind { ping, upload_start, upload, blob, manifest, tags, referrers };
  Kind kind = Kind::ping;
  std::string repository;
  std::string name;        // digest, tag or upload, whichever the kind has
};

// Percent-encoding is undone. Nothing for paths that the API does not have. A repository name may itself contain "blobs" or "tags", so
// paths are read from their end.
std::optional<Route> parse_route(std::string_view path);

// {"errors":[{"code","message"}]} with the specification's code for one of ours.
http::Response error_response(const Error& error);

// "bytes=2-5", "bytes=2-", "bytes=-3" of a content of `size` bytes; nothing for several ranges and malformed ones, which are ignored.
struct ByteRange {
  uint64_t first = 0, last = 0;
  bool satisfiable = true;
};
std::optional<ByteRange> parse_range(std::string_view header, uint64_t size);

}  // namespace pds::oci
