// Bucket policies. Here they say which services may deliver into a bucket; what users may do is IAM's to decide. A statement about
// anybody else is refused by name, so that none is stored that would not be heeded.
#pragma once

#include <string_view>

#include "cloud/objects.h"
#include "cloud/policy.h"

namespace pds::cloud::s3 {

inline constexpr size_t bucket_policy_bytes_max = 20 * 1024;

// Errors: MalformedPolicy; NotImplemented (501) for principals that are neither services nor other accounts.
Result<Policy> parse_bucket_policy(std::string_view text, std::string_view bucket, std::string_view own_account);
// Whether the service, by its own name or that of its account, may put the object. An explicit Deny of either wins.
bool allows_delivery(const Policy& policy, const Delivery& delivery, const std::string& own_account);

}  // namespace pds::cloud::s3
