#include "cloud/master_key.h"

#include <fmt/format.h>

#include "io/files.h"

namespace pds::cloud {

Result<MasterKey> MasterKey::load_or_create(const std::string& path, Random& random) {
  constexpr size_t key_bytes = 32;
  if (!io::exists(path)) {
    std::string bytes = random.bytes(key_bytes);
    CHECK(io::write_file_atomically(path, bytes, 0600));
    return MasterKey(std::move(bytes));
  }
  TRY(std::string bytes, io::read_file(path, 4096));
  if (bytes.size() != key_bytes)
    return fail("E_MASTER_KEY",
                fmt::format("{} is not a master key: {} bytes instead of {}. Restore it from a copy; without it, stored secrets "
                            "cannot be read.",
                            path, bytes.size(), key_bytes));
  return MasterKey(std::move(bytes));
}

}  // namespace pds::cloud
