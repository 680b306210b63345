// An image made from a binary, without a container engine: the program, the modules it loads from beside itself, the shared libraries
// they need and their loader, CA certificates, a user, a few directories to mount on, and nothing else: no shell, no package manager.
// Building twice gives the same digest.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "oci/layer.h"
#include "oci/store.h"

namespace pds::oci {

struct ImageSpec {
  std::string binary;                          // an ELF program on this machine; which architecture it is for makes the image's
  std::string sysroot;                         // where its libraries are; "": this machine's own
  bool with_optional = true;                   // what the program can do without, but says it may load (base/dlopen_note.h)
  std::string install_path;                    // "/usr/local/bin/podinfo"; default: /usr/local/bin/<file name>
  std::optional<std::vector<std::string>> entrypoint;   // default: {install_path}
  std::vector<std::string> command;
  std::vector<std::string> environment;        // "NAME=value"
  std::vector<std::string> exposed_ports;      // "9898/tcp"
  std::string working_directory = "/";
  std::string user = "nonroot";
  uint32_t uid = 65532, gid = 65532;           // "nonroot" by custom
  std::vector<LayerEntry> extra_files;         // for example /etc/podinfo/release.json
  std::map<std::string, std::string> labels;
  Annotations annotations;                     // title, version and licenses (org.opencontainers.image.*) end up in the SBOM
  Timestamp created{};                         // SOURCE_DATE_EPOCH; the epoch by default
  std::string ca_certificates = "/etc/ssl/certs/ca-certificates.crt";   // "": none
};

struct BuiltImage {
  Descriptor manifest;
  Descriptor config;
  std::vector<Layer> layers;
  std::vector<std::string> libraries;          // paths in the image, sorted; modules among them
};

// One single-platform manifest (never an index: Lambda refuses those) in the store, tagged when a tag is given. Blocking.
// Errors: E_NOT_FOUND (a file), E_ELF_INVALID, E_LIBRARY_NOT_FOUND naming the library and who needs it, E_DISK_FULL.
Result<BuiltImage> build_image(Store& store, const ImageSpec& spec, const std::optional<std::string>& tag = {});

// SOURCE_DATE_EPOCH as a point in time; the epoch when `text` is empty. E_VALUE for anything but whole seconds since 1970.
Result<Timestamp> parse_source_date_epoch(std::string_view text);

}  // namespace pds::oci
