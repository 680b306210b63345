// Heads into bytes.
#pragma once

#include <string>

#include "http/message.h"
#include "io/loop.h"

namespace pds::http {

// "Date: ...\r\n", made anew once per second.
class DateLine {
 public:
  std::string_view at(MonoTime now);

 private:
  std::string line_;
  MonoTime valid_until_{};
};

// How the body of an outgoing message is framed.
struct OutgoingFraming {
  enum Kind : uint8_t { none, sized, chunked, until_close } kind = none;  // none: no framing field at all
  uint64_t length = 0;
};

// The fields that the implementation decides about (Connection, Content-Length, Transfer-Encoding, Keep-Alive) are left out of what
// the caller gave and written from the arguments. `date` is used where the head has none.
enum class StatusLineVersion : uint8_t { http_1_1, http_1_0 };
void append_response_head(std::string& out, const ResponseHead& head, const OutgoingFraming& framing, std::string_view connection,
                          std::string_view date, StatusLineVersion version = StatusLineVersion::http_1_1);
void append_request_head(std::string& out, const RequestHead& head, const OutgoingFraming& framing);
void append_fields(std::string& out, const Headers& headers);
void append_chunk_size(std::string& out, size_t size);  // hex digits, CR LF
inline bool can_be_sent(const Headers& headers) { return headers.can_be_sent(); }

}  // namespace pds::http
