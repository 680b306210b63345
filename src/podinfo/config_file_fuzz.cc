#include <cstdint>

#include "podinfo/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* extension : {"yaml", "toml", "json", "env"}) {
    [[maybe_unused]] auto values = pds::podinfo::parse_config(extension, text);
  }
  return 0;
}
