// From HTTP/1.1 to HTTP/2 within a connection: "Upgrade: h2c" (RFC 7540 3.2; RFC 9113 has dropped it, clients have not).
#pragma once

#include <optional>
#include <string>

#include "http/message.h"

namespace pds::http {

struct H2Upgrade {
  RequestHead head;      // of the request that asked, without what was about the connection; it is stream 1
  std::string settings;  // the payload of the client's first SETTINGS
};

// The settings of a request that asks for HTTP/2 as it should; nothing where it does not, or says it wrongly: then it is a request of
// HTTP/1.1 like any other.
std::optional<std::string> h2_settings_of(const RequestHead& head);
H2Upgrade make_h2_upgrade(RequestHead head, std::string settings);

}  // namespace pds::http
