#include "aws/sigv4_canonical.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"

namespace pds::aws {
namespace {

// Dot segments and doubled slashes go; a slash at the end stays.
std::string normalise(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      kept.push_back(segment);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (kept.empty() || path.ends_with('/')) out += '/';
  return out;
}

// Trimmed, runs of spaces become one.
void append_value(std::string_view value, std::string& out) {
  value = trim(value);
  if (value.find("  ") == std::string_view::npos && value.find('\t') == std::string_view::npos) {
    out.append(value);
    return;
  }
  bool space = false;
  for (char c : value) {
    bool is_space = c == ' ' || c == '\t';
    if (is_space && space) continue;
    out += is_space ? ' ' : c;
    space = is_space;
  }
}

// Most texts need no encoding: then they are taken as they are.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
           c == '~' || c == '/';
  });
}

// Nothing in it for normalise() to do.
bool is_normal(std::string_view path) {
  return path.starts_with('/') && path.find("//") == std::string_view::npos && path.find("/.") == std::string_view::npos;
}

}  // namespace

Result<std::string> canonical_path(std::string_view path, bool is_s3) {
  if (!is_s3) {
    std::string normal = is_normal(path) ? std::string(path) : normalise(path);
    return is_plain(normal) ? normal : percent_encode(normal, true);
  }
  if (is_plain(path)) return std::string(path.empty() ? "/" : path);
  TRY(std::string decoded, percent_decode(path));
  return percent_encode(decoded, true);
}

Result<std::string> canonical_query(std::string_view query) {
  if (query.empty()) return std::string();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    if (pairs.size() >= query_pairs_max)
      return fail("IncompleteSignature", fmt::format("more than {} query parameters", query_pairs_max));
    size_t equals = std::min(part.find('='), part.size());
    TRY(std::string name, percent_decode(part.substr(0, equals)));
    if (name == "X-Amz-Signature") continue;
    TRY(std::string value, percent_decode(part.substr(std::min(equals + 1, part.size()))));
    pairs.emplace_back(percent_encode(name), percent_encode(value));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

Result<std::string> canonical_headers(const http::RequestHead& head, std::span<const std::string> signed_headers) {
  std::string out;
  out.reserve(512);
  for (const std::string& wanted : signed_headers) {
    out.append(wanted).append(":");
    bool found = false;
    for (auto [name, value] : head.headers) {
      if (name.size() != wanted.size() || !iequals(name, wanted)) continue;
      if (found) out += ',';
      append_value(value, out);
      found = true;
    }
    // The HTTP layer may have taken the host from an absolute target.
    if (!found && wanted == "host" && !head.host().empty()) {
      append_value(head.host(), out);
      found = true;
    }
    if (!found)
      return fail("IncompleteSignature", fmt::format("The signed header '{}' is not in the request.", wanted.substr(0, 100)));
    out += '\n';
  }
  return out;
}

Result<std::string> canonical_request(const http::RequestHead& head, std::string_view query,
                                      std::span<const std::string> signed_headers, std::string_view payload_hash, bool is_s3) {
  TRY(std::string path, canonical_path(head.path(), is_s3));
  TRY(std::string sorted_query, canonical_query(query));
  TRY(std::string headers, canonical_headers(head, signed_headers));
  std::string out;
  out.reserve(1024);
  out.append(head.method).append("\n").append(path).append("\n").append(sorted_query).append("\n").append(headers).append("\n");
  for (size_t i = 0; i < signed_headers.size(); ++i) out.append(i ? ";" : "").append(signed_headers[i]);
  out.append("\n").append(payload_hash);
  return out;
}

std::string signing_key(std::string_view secret_access_key, std::string_view date, std::string_view region,
                        std::string_view service) {
  std::string key = hmac_sha256(std::string("AWS4").append(secret_access_key), date);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, service);
  return hmac_sha256(key, "aws4_request");
}

std::string signature_of(std::string_view key, std::string_view date_time, std::string_view date, std::string_view region,
                         std::string_view service, std::string_view canonical) {
  std::string text;
  text.reserve(192);
  text.append("AWS4-HMAC-SHA256\n")
      .append(date_time)
      .append("\n")
      .append(date)
      .append("/")
      .append(region)
      .append("/")
      .append(service)
      .append("/aws4_request\n");
  text += sha256_hex(canonical);
  return to_hex(hmac_sha256(key, text));
}

}  // namespace pds::aws
