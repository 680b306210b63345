#include "oci/unpack.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

#include "base/text.h"
#include "oci/elf.h"

namespace pds::oci {
namespace {

Result<void> unpack_into(const Store& store, const Manifest& manifest, const ImageConfig& config, const std::string& root,
                         const UnpackLimits& limits) {
  CHECK(io::make_directories(root, 0755));
  UnpackUsage usage;
  for (size_t i = 0; i < manifest.layers.size(); ++i) {
    CHECK(apply_layer(store, manifest.layers[i], config.diff_ids[i], root, limits, usage));
  }
  return {};
}

constexpr std::string_view unfinished_prefix = ".unfinished-";

// What a process left that died while it unpacked. The name has its number, so that one at work is left alone.
void remove_leftovers(const std::string& cache_directory) {
  auto names = io::list_directory(cache_directory);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(unfinished_prefix)) continue;
    auto pid = parse_int(std::string_view(name).substr(unfinished_prefix.size(), name.rfind('-') - unfinished_prefix.size()));
    bool alive = pid && *pid > 0 && (::kill(static_cast<pid_t>(*pid), 0) == 0 || errno == EPERM);
    if (!alive) (void)io::remove_tree(cache_directory + "/" + name);
  }
}

Result<void> check_supported(const Store& store, const Digest& digest) {
  auto record = store.find_manifest(digest);
  if (!record) return fail("E_MANIFEST_UNKNOWN", fmt::format("there is no manifest {} here", digest.text()), 404);
  if (media::is_index(record->media_type)) {
    return fail("E_IMAGE_UNSUPPORTED", fmt::format("{} is an image index: name the manifest of one platform", digest.text()));
  }
  return {};
}

}  // namespace

Result<RootFilesystem> unpack_image(const Store& store, const Digest& digest, const std::string& cache_directory,
                                    const UnpackLimits& limits) {
  CHECK(check_supported(store, digest));
  TRY(std::string bytes, store.read_manifest(digest));
  TRY(Manifest manifest, parse_manifest(bytes));
  TRY(std::string config_bytes, store.read_blob(manifest.config.digest, config_bytes_max));
  TRY(ImageConfig config, parse_config(config_bytes));
  if (config.os != "linux") return fail("E_IMAGE_UNSUPPORTED", fmt::format("the image is for '{}', not for linux", config.os));
  if (config.architecture != host_architecture()) {
    return fail("E_IMAGE_UNSUPPORTED",
                fmt::format("the image is for {}, this machine is {}", config.architecture, host_architecture()));
  }
  if (config.diff_ids.size() != manifest.layers.size()) {
    return fail("E_MANIFEST_INVALID",
                fmt::format("the config names {} layers, the manifest {}", config.diff_ids.size(), manifest.layers.size()));
  }
  std::string home = fmt::format("{}/{}", cache_directory, digest.hex());
  RootFilesystem out{.root = home + "/rootfs", .digest = digest, .config = std::move(config)};
  if (io::exists(home)) return out;

  static std::atomic<uint64_t> counter{0};
  CHECK(io::make_directories(cache_directory));
  remove_leftovers(cache_directory);
  std::string unfinished = fmt::format("{}/{}{}-{}", cache_directory, unfinished_prefix, ::getpid(), counter.fetch_add(1));
  CHECK(io::remove_tree(unfinished));
  auto unpacked = unpack_into(store, manifest, out.config, unfinished + "/rootfs", limits);
  if (unpacked && ::rename(unfinished.c_str(), home.c_str()) != 0) {
    // Somebody else was faster with the same image: theirs is as good.
    if (errno != ENOTEMPTY && errno != EEXIST) unpacked = fail_errno(home, errno);
  }
  (void)io::remove_tree(unfinished);
  if (!unpacked) return std::unexpected(std::move(unpacked).error());
  return out;
}

}  // namespace pds::oci
