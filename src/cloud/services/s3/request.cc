#include "cloud/services/s3/request.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace pds::cloud::s3 {
namespace {

constexpr size_t key_bytes_max = 1024;

struct Rule {
  std::string_view method;
  bool has_key;
  std::string_view marker;        // a query parameter that must be present; "" for none
  std::string_view operation;
};

// The first rule that fits decides; those with a marker stand before those without.
constexpr Rule rules[] = {
    {"GET", false, "location", "GetBucketLocation"},
    {"GET", false, "versioning", "GetBucketVersioning"},
    {"PUT", false, "versioning", "PutBucketVersioning"},
    {"GET", false, "versions", "ListObjectVersions"},
    {"GET", false, "policy", "GetBucketPolicy"},
    {"PUT", false, "policy", "PutBucketPolicy"},
    {"DELETE", false, "policy", "DeleteBucketPolicy"},
    {"GET", false, "uploads", "ListMultipartUploads"},
    {"GET", false, "list-type", "ListObjectsV2"},
    {"POST", false, "delete", "DeleteObjects"},
    {"PUT", false, "", "CreateBucket"},
    {"HEAD", false, "", "HeadBucket"},
    {"DELETE", false, "", "DeleteBucket"},
    {"GET", false, "", "ListObjects"},
    {"POST", true, "uploads", "CreateMultipartUpload"},
    {"PUT", true, "uploadId", "UploadPart"},
    {"POST", true, "uploadId", "CompleteMultipartUpload"},
    {"DELETE", true, "uploadId", "AbortMultipartUpload"},
    {"GET", true, "uploadId", "ListParts"},
    {"PUT", true, "", "PutObject"},
    {"GET", true, "", "GetObject"},
    {"HEAD", true, "", "HeadObject"},
    {"DELETE", true, "", "DeleteObject"},
};

Query read_query(std::string_view query) {
  Query out;
  for (std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string name = percent_decode(pair.substr(0, equals), true).value_or("");
    out[name] = equals == std::string_view::npos ? "" : percent_decode(pair.substr(equals + 1), true).value_or("");
  }
  return out;
}

// "bucket" of bucket.s3.us-east-1.localhost:4566, bucket.s3.amazonaws.com; empty for path style.
std::string bucket_of_host(std::string_view host) {
  host = host.substr(0, host.rfind(':'));
  size_t at = host.find(".s3.");
  if (at == std::string_view::npos) at = host.find(".s3-");
  return at == std::string_view::npos ? "" : std::string(host.substr(0, at));
}

}  // namespace

bool valid_bucket_name(std::string_view name) {
  auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  auto edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return name.size() >= 3 && name.size() <= 63 && edge(name.front()) && edge(name.back()) && std::all_of(name.begin(), name.end(), inner) &&
         name.find("..") == std::string_view::npos;
}

Result<Request> read_request(const http::RequestHead& head) {
  Request request;
  request.query = read_query(head.query());
  Result<std::string> path = percent_decode(head.path());
  if (!path || path->empty() || path->front() != '/') return fail("InvalidURI", "Couldn't parse the specified URI.");
  std::string rest = path->substr(1);
  request.bucket = bucket_of_host(head.host());
  if (request.bucket.empty()) {
    size_t slash = rest.find('/');
    request.bucket = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
  }
  request.key = rest;
  if (request.key.size() > key_bytes_max) return fail("KeyTooLongError", "Your key is too long");
  // 0x01 separates the parts of our own table keys.
  if (request.key.find('\x01') != std::string::npos || request.key.find('\0') != std::string::npos || !is_utf8(request.key))
    return fail("InvalidURI", "Couldn't parse the specified URI.");
  if (request.bucket.empty()) {
    if (head.method == "GET" && request.key.empty()) request.operation = "ListBuckets";
    return request;
  }
  if (!valid_bucket_name(request.bucket)) return fail("InvalidBucketName", "The specified bucket is not valid.");
  if (std::optional<std::string> refused = refused_operation(head.method, request)) {
    request.operation = *refused;
    return request;
  }
  for (const Rule& rule : rules) {
    if (rule.method != head.method || rule.has_key == request.key.empty()) continue;
    if (!rule.marker.empty() && !request.query.contains(rule.marker)) continue;
    request.operation = rule.operation;
    if (request.operation == "PutObject" && head.headers.find("x-amz-copy-source")) request.operation = "CopyObject";
    break;
  }
  return request;
}

Result<std::optional<ByteRange>> read_range(std::optional<std::string_view> header, uint64_t size) {
  if (!header || !header->starts_with("bytes=")) return std::nullopt;
  std::string_view spec = header->substr(6);
  size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return std::nullopt;
  auto first = parse_int(spec.substr(0, dash)), last = parse_int(spec.substr(dash + 1));
  auto outside = [] { return fail("InvalidRange", "The requested range is not satisfiable", 416); };
  if (dash == 0) {
    if (!last || *last < 0) return std::nullopt;
    if (*last == 0 || size == 0) return outside();
    uint64_t count = std::min<uint64_t>(static_cast<uint64_t>(*last), size);
    return ByteRange{size - count, size - 1};
  }
  if (!first || *first < 0 || (dash + 1 < spec.size() && (!last || *last < *first))) return std::nullopt;
  if (static_cast<uint64_t>(*first) >= size) return outside();
  return ByteRange{static_cast<uint64_t>(*first), last ? std::min<uint64_t>(static_cast<uint64_t>(*last), size - 1) : size - 1};
}

}  // namespace pds::cloud::s3
