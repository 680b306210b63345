// A URL that was accepted gives a target and a Host that a strict server accepts.
#include <cstdint>
#include <cstdlib>

#include "http/client.h"

using namespace pds::http;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pds::Result<Url> url = parse_url({reinterpret_cast<const char*>(data), size});
  if (!url) return 0;
  if (url->host.empty() || url->port == 0 || !url->target.starts_with('/')) abort();
  if (url->target.find_first_of(" \t\r\n#") != std::string::npos || url->host.find_first_of(" \t\r\n/@?#") != std::string::npos)
    abort();
  return 0;
}
