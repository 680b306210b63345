// The OCI documents: descriptor, image manifest, image index, image config. Reading is strict about types and sizes, and leaves members
// it does not know alone, as the specification asks. Writing is canonical: one document, one sequence of bytes, one digest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/json.h"

namespace pds::oci {

namespace media {
inline constexpr std::string_view manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view config = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view layer_tar = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view layer_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view layer_zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view empty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view docker_index = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view docker_config = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view docker_layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
bool is_manifest(std::string_view type);   // OCI or Docker image manifest
bool is_index(std::string_view type);      // OCI index or Docker manifest list
bool is_layer(std::string_view type);      // one that unpack understands
}  // namespace media

inline constexpr size_t manifest_bytes_max = 4u << 20;      // what registries must accept at least, and we at most
inline constexpr size_t config_bytes_max = 4u << 20;
inline constexpr size_t layers_max = 127;                   // what container engines stack at most
inline constexpr size_t index_entries_max = 1000;
inline constexpr size_t annotations_max = 256;
inline constexpr size_t annotation_bytes_max = 64u << 10;   // all keys and values of one document
inline constexpr size_t media_type_bytes_max = 255;
inline constexpr uint64_t blob_bytes_max = 10ull << 30;     // Lambda's bound on an image

using Annotations = std::map<std::string, std::string>;

struct Descriptor {
  std::string media_type;
  Digest digest;
  uint64_t size = 0;
  std::string artifact_type;           // "" when absent
  Annotations annotations;
  bool operator==(const Descriptor&) const = default;
};

struct Manifest {
  std::string media_type = std::string(media::manifest);
  std::string artifact_type;           // "" when absent
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  Annotations annotations;

  // artifactType, or else the media type of the config: what the referrers API filters by.
  std::string effective_artifact_type() const { return artifact_type.empty() ? config.media_type : artifact_type; }
  uint64_t content_bytes() const;      // config and layers, as stored
};

struct Index {
  std::string media_type = std::string(media::index);
  std::string artifact_type;
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> subject;
  Annotations annotations;
};

struct ImageConfig {
  std::string created;                 // RFC 3339; "" when absent
  std::string architecture = "amd64";
  std::string os = "linux";
  std::string user;                    // "65532:65532"
  std::vector<std::string> exposed_ports;   // "9898/tcp"
  std::vector<std::string> environment;     // "NAME=value"
  std::vector<std::string> entrypoint, command;
  std::string working_directory;
  std::string stop_signal;
  std::map<std::string, std::string> labels;
  std::vector<Digest> diff_ids;
};

// `media_type`, when given, is what the transport said; a document that says otherwise of itself is refused. E_MANIFEST_INVALID.
Result<Manifest> parse_manifest(std::string_view bytes, std::string_view media_type = "");
Result<Index> parse_index(std::string_view bytes, std::string_view media_type = "");
Result<ImageConfig> parse_config(std::string_view bytes);
Result<Descriptor> parse_descriptor(const json::value& value);

std::string serialise(const Manifest& manifest);
std::string serialise(const Index& index);
std::string serialise(const ImageConfig& config);
json::object to_json(const Descriptor& descriptor);

// {} and its well-known digest.
Descriptor empty_descriptor();

}  // namespace pds::oci
