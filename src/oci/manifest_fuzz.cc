// Documents from a registry: what is accepted must survive being written and read again, with the same digest.
#include <cstdint>
#include <cstdlib>

#include "oci/elf.h"
#include "oci/manifest.h"
#include "oci/registry_protocol.h"
#include "oci/store_index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds::oci;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto manifest = parse_manifest(bytes)) {
    std::string written = serialise(*manifest);
    auto again = parse_manifest(written);
    if (!again || serialise(*again) != written) std::abort();
  }
  if (auto index = parse_index(bytes)) {
    std::string written = serialise(*index);
    auto again = parse_index(written);
    if (!again || serialise(*again) != written) std::abort();
  }
  if (auto config = parse_config(bytes)) {
    auto again = parse_config(serialise(*config));
    if (!again || again->diff_ids != config->diff_ids) std::abort();
  }
  (void)StoreIndex::parse(bytes);
  std::vector<std::string> tags;
  (void)append_tags(bytes, tags);
  (void)parse_elf(bytes);
  (void)parse_library_cache(bytes);
  return 0;
}
