#include "proxy/classification.h"

namespace pds::proxy {
namespace {

struct Word {
  std::string_view reason, code;
};

constexpr Word words[] = {
    {"both Transfer-Encoding and Content-Length are given", "BothTeClPresent"},
    {"Content-Length is given twice", "MultipleContentLength"},
    {"Content-Length is not a number", "BadContentLength"},
    {"Transfer-Encoding is malformed", "BadTransferEncoding"},
    {"chunked is not the last transfer coding, once", "BadTransferEncoding"},
    {"HTTP/1.0 has no Transfer-Encoding", "UndefinedTransferEncodingSemantics"},
    {"no transfer coding but chunked is known here", "BadTransferEncoding"},
    {"a header field is folded over lines", "BadHeader"},
    {"a header line has no colon", "BadHeader"},
    {"a header name is not a token", "BadHeader"},
    {"a header line holds control characters", "BadHeader"},
    {"a line does not end in CR LF", "BadHeader"},
    {"Host is given twice", "BadHeader"},
    {"missing required Host header", "BadHeader"},
    {"Host is malformed", "BadHeader"},
    {"the method is not a token", "BadMethod"},
    {"the HTTP version is malformed", "BadVersion"},
    {"only HTTP/1.0 and HTTP/1.1 are spoken here", "BadVersion"},
    {"the request target holds characters that do not belong there", "BadUri"},
    {"the request target has no known form", "BadUri"},
    {"the authority of the request target is malformed", "BadUri"},
};

}  // namespace

Classification classify(int status, std::string_view reason) {
  if (status != 400 && status != 501 && status != 505) return {};
  for (const Word& word : words) {
    if (word.reason == reason) return {"Severe", word.code};
  }
  return {"Severe", ""};
}

}  // namespace pds::proxy
