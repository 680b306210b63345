#include "aws/paging.h"

namespace pds::aws {
namespace {

// The first byte tells our tokens from other base64 text and leaves room for another form later.
constexpr char version = '1';
constexpr size_t token_bytes_max = 8192;

}  // namespace

std::string encode_page_token(std::string_view last_key) { return to_base64(version + std::string(last_key)); }

Result<std::string> decode_page_token(std::string_view token, std::string_view error_code) {
  Result<std::string> decoded = token.size() <= token_bytes_max ? from_base64(token) : fail("", "");
  if (!decoded || decoded->empty() || decoded->front() != version)
    return fail(std::string(error_code), "The token is not one that an earlier page returned.");
  return decoded->substr(1);
}

}  // namespace pds::aws
