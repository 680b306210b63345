#include "deploy/bundle.h"

#include <fmt/core.h>

#include <algorithm>

#include "oci/tar.h"

namespace pds::deploy {
namespace {

constexpr const char* app_spec =
    "version: 0.0\n"
    "os: linux\n"
    "files:\n"
    "  - source: /\n"
    "    destination: /opt/podinfo\n"
    "file_exists_behavior: OVERWRITE\n"
    "hooks:\n"
    "  ApplicationStop:\n"
    "    - location: scripts/stop\n"
    "      timeout: 120\n"
    "  ApplicationStart:\n"
    "    - location: scripts/start\n"
    "      timeout: 300\n"
    "  ValidateService:\n"
    "    - location: scripts/validate\n"
    "      timeout: 120\n";

constexpr const char* stop_script =
    "#!/bin/sh\n"
    "exec /usr/local/bin/pds agent stop-container --name podinfo\n";

std::string start_script(const BundleSpec& spec) {
  return fmt::format(
      "#!/bin/sh\n"
      "set -eu\n"
      "exec /usr/local/bin/pds agent run-container --name podinfo \\\n"
      "  --image \"$(cat /opt/podinfo/image)\" --trusted-key /opt/podinfo/trusted.pub \\\n"
      "  --port {} --env PODINFO_SECRET_ID={}\n",
      spec.port, spec.secret_name);
}

std::string validate_script(const BundleSpec& spec) {
  return fmt::format(
      "#!/bin/sh\n"
      "exec /usr/local/bin/pds agent wait-healthy --port {} --path /readyz --timeout 60s\n",
      spec.port);
}

struct File {
  std::string path, content;
  int mode;
};

}  // namespace

Result<std::string> make_bundle(const BundleSpec& spec) {
  std::vector<File> files = {{"appspec.yml", app_spec, 0644},
                             {"image", spec.image.text() + "\n", 0644},
                             {"scripts/start", start_script(spec), 0755},
                             {"scripts/stop", stop_script, 0755},
                             {"scripts/validate", validate_script(spec), 0755}};
  std::string keys;
  for (const std::string& pem : spec.trusted_keys) keys += pem.ends_with('\n') ? pem : pem + "\n";
  files.push_back({"trusted.pub", keys, 0644});
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  std::string archive;
  oci::TarWriter writer([&](std::string_view bytes) -> Result<void> {
    archive.append(bytes);
    return {};
  });
  for (const File& file : files) {
    oci::TarEntry entry;
    entry.path = file.path;
    entry.mode = file.mode;
    entry.size = file.content.size();
    CHECK(writer.begin(entry));
    CHECK(writer.write(file.content));
  }
  CHECK(writer.finish());
  return archive;
}

}  // namespace pds::deploy
