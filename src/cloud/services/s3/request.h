// What an S3 request asks for: bucket, key and operation, from method, host, path and query. Path style (/bucket/key) and virtual-host
// style (bucket.s3.<region>.localhost) are told apart by the host.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace pds::cloud::s3 {

using Query = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string operation;                        // "PutObject", done here or not; empty: nothing that S3 knows
  std::string bucket, key;                      // decoded; empty when the request names none
  Query query;                                  // decoded
};

// Errors: InvalidURI, KeyTooLongError, InvalidBucketName.
Result<Request> read_request(const http::RequestHead& head);

// The operation that is not done here which the query asks for; empty when it is none that S3 knows either. Nothing: none of these.
std::optional<std::string> refused_operation(std::string_view method, const Request& request);

// 3 to 63 of a-z, 0-9, '.' and '-', as AWS has it.
bool valid_bucket_name(std::string_view name);

// "bytes=0-99", "bytes=-10", "bytes=5-" of an object of `size` bytes; nothing when there is no range or it is malformed (then it is
// ignored, as RFC 9110 says). E_RANGE (InvalidRange, 416) when it lies outside.
struct ByteRange {
  uint64_t first = 0, last = 0;                 // inclusive
};
Result<std::optional<ByteRange>> read_range(std::optional<std::string_view> header, uint64_t size);

}  // namespace pds::cloud::s3
