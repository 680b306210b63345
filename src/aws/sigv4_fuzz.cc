#include "aws/sigv4.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"

// Lines: method, target, then header lines "name:value". A claim made of anything is refused or read, and never believed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  http::RequestHead head;
  size_t number = 0;
  for (std::string_view line : split({reinterpret_cast<const char*>(data), size}, '\n')) {
    if (number == 0)
      head.method = line;
    else if (number == 1)
      head.target = line;
    else if (size_t colon = line.find(':'); colon != std::string_view::npos)
      head.headers.add(line.substr(0, colon), line.substr(colon + 1));
    if (++number > 64) break;
  }
  Result<aws::Claim> claim = aws::read_claim(head);
  if (!claim) return 0;
  static aws::Verifier verifier;
  ASSERT(!verifier.verify(*claim, head, sha256_hex(""), "a key that nobody has", claim->signed_at));
  return 0;
}
