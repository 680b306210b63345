#include <cstdint>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "podinfo/go_json.h"
#include "podinfo/jwt.h"

// The input as a token, and as what stands in one: a token's parts seldom come out as JSON by chance.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds::podinfo;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  pds::Timestamp now = pds::from_epoch_seconds(1'800'000'000);
  [[maybe_unused]] auto claims = verify_token(text, "key", now);
  std::string part = pds::to_base64url(text);
  [[maybe_unused]] auto of_header = verify_token(part + ".e30.x", "key", now);
  [[maybe_unused]] auto of_claims = verify_token("e30." + part + ".x", "key", now);
  auto whole = find_go_json(text, GoReader::whole), first = find_go_json(text, GoReader::first);
  if (whole) ASSERT(first && *first == *whole);
  if (!whole) ASSERT(pds::is_utf8(whole.error().message) && !pds::parse_json(text));
  return 0;
}
