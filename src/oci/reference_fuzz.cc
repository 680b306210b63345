// Names from the command line, and paths, ranges and links from the network: what is accepted has one spelling and stays on its
// host.
#include <cstdint>
#include <cstdlib>

#include "oci/reference.h"
#include "oci/registry_protocol.h"
#include "oci/registry_routes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds::oci;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto reference = Reference::parse(text)) {
    if (reference->text() != text) std::abort();
    if (reference->repository.find("..") != std::string::npos) std::abort();
  }
  if (auto reference = DigestReference::parse(text)) {
    if (reference->text() != text) std::abort();
  }
  (void)parse_route(text);
  for (uint64_t content : {uint64_t{0}, uint64_t{1}, uint64_t{1000}}) {
    auto range = parse_range(text, content);
    if (range && range->satisfiable && (range->first > range->last || range->last >= content)) std::abort();
  }
  for (const auto& target : {local_target(text, "host:1"), next_page(text, "host:1")}) {
    if (target && !target->empty() && (*target)[0] != '/') std::abort();
    if (target && target->find_first_of("\r\n ") != std::string::npos) std::abort();
  }
  return 0;
}
