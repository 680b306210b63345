#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

http::Response status(App&, const Call& call) {
  std::optional<int64_t> code = parse_int(call.argument);
  if (!code) return error_document(400, "strconv.Atoi: parsing \"" + call.argument + "\": value out of range");
  if (*code < 200 || *code > 999) return error_document(400, "a final status lies between 200 and 999");
  http::Response response = document(static_cast<int>(*code), json::object{{"status", *code}});
  if (http::standard_reason(static_cast<int>(*code)).empty()) response.head.reason = "status code " + std::to_string(*code);
  return response;
}

}  // namespace pds::podinfo
