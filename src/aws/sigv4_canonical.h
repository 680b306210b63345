// The canonical request: what exactly a signature is over. Shared by the signer and the verifier.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace pds::aws {

inline constexpr size_t signed_headers_max = 64;
inline constexpr size_t query_pairs_max = 4096;

// S3 signs the path as it is meant, encoded once; all others normalise it and encode what was sent once more.
Result<std::string> canonical_path(std::string_view path, bool is_s3);
// Pairs decoded, encoded again and sorted; `X-Amz-Signature` is left out.
Result<std::string> canonical_query(std::string_view query);
// `signed_headers` are lower case and sorted. A header that is not there: an error.
Result<std::string> canonical_headers(const http::RequestHead& head, std::span<const std::string> signed_headers);

Result<std::string> canonical_request(const http::RequestHead& head, std::string_view query,
                                      std::span<const std::string> signed_headers, std::string_view payload_hash, bool is_s3);

std::string signing_key(std::string_view secret_access_key, std::string_view date, std::string_view region,
                        std::string_view service);
// 64 hexadecimal digits.
std::string signature_of(std::string_view key, std::string_view date_time, std::string_view date, std::string_view region,
                         std::string_view service, std::string_view canonical);

}  // namespace pds::aws
