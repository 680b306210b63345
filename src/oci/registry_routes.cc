#include "oci/registry_routes.h"

#include <fmt/core.h>

#include "base/json.h"
#include "base/text.h"

namespace pds::oci {
namespace {

struct Code {
  std::string_view ours, theirs;
  int status;  // 0: as the error says
};

constexpr Code codes[] = {
    {"E_BLOB_UNKNOWN", "BLOB_UNKNOWN", 404},
    {"E_MANIFEST_UNKNOWN", "MANIFEST_UNKNOWN", 404},
    {"E_MANIFEST_BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN", 404},
    {"E_MANIFEST_INVALID", "MANIFEST_INVALID", 400},
    {"E_DIGEST_INVALID", "DIGEST_INVALID", 400},
    {"E_DIGEST_MISMATCH", "DIGEST_INVALID", 0},
    {"E_NAME_INVALID", "NAME_INVALID", 400},
    {"E_NAME_UNKNOWN", "NAME_UNKNOWN", 404},
    {"E_REFERENCE_INVALID", "MANIFEST_INVALID", 400},
    {"E_TOO_LARGE", "SIZE_INVALID", 413},
    {"E_SIZE_MISMATCH", "SIZE_INVALID", 400},
    {"E_UPLOAD_UNKNOWN", "BLOB_UPLOAD_UNKNOWN", 404},
    {"E_UPLOAD_INVALID", "BLOB_UPLOAD_INVALID", 0},
    {"E_TAG_IMMUTABLE", "TAG_INVALID", 400},  // as ECR says it
    {"E_TOO_MANY_UPLOADS", "TOOMANYREQUESTS", 429},
    {"E_TOO_MANY_MANIFESTS", "TOOMANYREQUESTS", 429},
    {"E_TOO_MANY_TAGS", "TOOMANYREQUESTS", 429},
    {"E_UNSUPPORTED", "UNSUPPORTED", 0},
    {"E_DENIED", "DENIED", 0},
    {"E_TAG_IMMUTABLE", "TAG_INVALID", 400},
};

// By the status alone, for errors that the owner of the registry made.
std::string_view code_of_status(int status) {
  switch (status) {
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "DENIED";
    case 404:
      return "NAME_UNKNOWN";
    case 429:
      return "TOOMANYREQUESTS";
    case 400:
      return "DENIED";
    default:
      return "UNKNOWN";
  }
}

bool take_suffix(std::string_view& path, std::string_view suffix) {
  if (!path.ends_with(suffix)) return false;
  path.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::optional<Route> parse_route(std::string_view path) {
  auto decoded = percent_decode(path);
  if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
  std::string_view rest = *decoded;
  if (rest == "/v2" || rest == "/v2/") return Route{};
  if (!rest.starts_with("/v2/")) return std::nullopt;
  rest.remove_prefix(4);
  auto made = [&](Route::Kind kind, std::string name = "") { return Route{kind, std::string(rest), std::move(name)}; };
  if (take_suffix(rest, "/blobs/uploads/") || take_suffix(rest, "/blobs/uploads")) return made(Route::Kind::upload_start);
  if (take_suffix(rest, "/tags/list")) return made(Route::Kind::tags);
  size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string name(rest.substr(slash + 1));
  rest = rest.substr(0, slash);
  if (take_suffix(rest, "/blobs/uploads")) return made(Route::Kind::upload, std::move(name));
  if (take_suffix(rest, "/blobs")) return made(Route::Kind::blob, std::move(name));
  if (take_suffix(rest, "/manifests")) return made(Route::Kind::manifest, std::move(name));
  if (take_suffix(rest, "/referrers")) return made(Route::Kind::referrers, std::move(name));
  return std::nullopt;
}

http::Response error_response(const Error& error) {
  int status = error.http_status;
  std::string_view code;
  for (const Code& known : codes) {
    if (known.ours != error.code) continue;
    code = known.theirs;
    if (known.status) status = known.status;
  }
  if (status < 400 || status > 599) status = 500;
  if (code.empty()) code = code_of_status(status);
  json::object one{{"code", code}, {"message", error.message}};
  return http::Response::json(status, to_text(json::object{{"errors", json::array{std::move(one)}}}));
}

std::optional<ByteRange> parse_range(std::string_view header, uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return std::nullopt;
  header.remove_prefix(unit.size());
  size_t dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return std::nullopt;
  std::string_view from = header.substr(0, dash), to = header.substr(dash + 1);
  auto first = parse_int(from), last = parse_int(to);
  if (from.empty()) {
    if (!last || *last < 0) return std::nullopt;
    uint64_t count = std::min<uint64_t>(static_cast<uint64_t>(*last), size);
    return ByteRange{size - count, size - 1, count > 0};
  }
  if (!first || *first < 0 || (!to.empty() && (!last || *last < *first))) return std::nullopt;
  ByteRange range{static_cast<uint64_t>(*first), to.empty() ? UINT64_MAX : static_cast<uint64_t>(*last)};
  range.satisfiable = range.first < size;
  range.last = std::min(range.last, size - 1);
  return range;
}

}  // namespace pds::oci
