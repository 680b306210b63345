#include "oci/manifest.h"

#include <fmt/core.h>

namespace pds::oci {

namespace media {
bool is_manifest(std::string_view type) { return type == manifest || type == docker_manifest; }
bool is_index(std::string_view type) { return type == index || type == docker_index; }
bool is_layer(std::string_view type) {
  return type == layer_tar || type == layer_gzip || type == layer_zstd || type == docker_layer;
}
}  // namespace media

namespace {

std::unexpected<Error> invalid(std::string_view what) {
  return fail("E_MANIFEST_INVALID", fmt::format("the document is not valid: {}", what));
}

// RFC 6838, loosely: type/subtype of visible characters. It ends up in headers, so nothing else may pass.
bool is_media_type(std::string_view text) {
  if (text.empty() || text.size() > media_type_bytes_max || text.find('/') == std::string_view::npos) return false;
  for (char c : text) {
    if (c <= ' ' || c >= 127 || c == '"' || c == ',') return false;
  }
  return true;
}

// A string member: absent is "", another type is an error.
Result<std::string> optional_string(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value || value->is_null()) return std::string();
  if (!value->is_string()) return invalid(fmt::format("'{}' is not a string", key));
  return get_string(object, key);
}

Result<std::string> optional_media_type(const json::object& object, std::string_view key) {
  TRY(std::string type, optional_string(object, key));
  if (!type.empty() && !is_media_type(type)) return invalid(fmt::format("'{}' is not a media type", key));
  return type;
}

Result<const json::object*> optional_object(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value || value->is_null()) return nullptr;
  if (!value->is_object()) return invalid(fmt::format("'{}' is not an object", key));
  return &value->get_object();
}

Result<const json::array*> optional_array(const json::object& object, std::string_view key, size_t count_max) {
  const json::value* value = object.if_contains(key);
  if (!value || value->is_null()) return nullptr;
  if (!value->is_array()) return invalid(fmt::format("'{}' is not an array", key));
  if (value->get_array().size() > count_max) return invalid(fmt::format("'{}' has more than {} entries", key, count_max));
  return &value->get_array();
}

Result<Annotations> string_map(const json::object& object, std::string_view key) {
  Annotations out;
  TRY(const json::object* map, optional_object(object, key));
  if (!map) return out;
  if (map->size() > annotations_max) return invalid(fmt::format("'{}' has more than {} entries", key, annotations_max));
  size_t bytes = 0;
  for (const auto& member : *map) {
    if (!member.value().is_string()) return invalid(fmt::format("a value of '{}' is not a string", key));
    std::string name(member.key().data(), member.key().size());
    std::string value = get_string(*map, name);
    bytes += name.size() + value.size();
    if (bytes > annotation_bytes_max) return invalid(fmt::format("'{}' is larger than {} bytes", key, annotation_bytes_max));
    out.emplace(std::move(name), std::move(value));
  }
  return out;
}

Result<std::vector<std::string>> string_list(const json::object& object, std::string_view key) {
  constexpr size_t list_max = 4096;
  std::vector<std::string> out;
  TRY(const json::array* list, optional_array(object, key, list_max));
  if (!list) return out;
  for (const json::value& value : *list) {
    if (!value.is_string()) return invalid(fmt::format("an entry of '{}' is not a string", key));
    out.emplace_back(value.get_string().data(), value.get_string().size());
  }
  return out;
}

Result<std::vector<Descriptor>> descriptors(const json::object& object, std::string_view key, size_t count_max) {
  std::vector<Descriptor> out;
  TRY(const json::array* list, optional_array(object, key, count_max));
  if (!list) return invalid(fmt::format("'{}' is missing", key));
  for (const json::value& value : *list) {
    TRY(Descriptor descriptor, parse_descriptor(value));
    out.push_back(std::move(descriptor));
  }
  return out;
}

Result<std::optional<Descriptor>> optional_subject(const json::object& object) {
  const json::value* value = object.if_contains("subject");
  if (!value || value->is_null()) return std::nullopt;
  TRY(Descriptor descriptor, parse_descriptor(*value));
  return descriptor;
}

// schemaVersion 2, and one media type in the document, in the transport, and among those expected.
Result<std::string> checked_media_type(const json::object& object, std::string_view transport, bool (*expected)(std::string_view),
                                       std::string_view fallback) {
  if (get_int(object, "schemaVersion") != 2) return invalid("schemaVersion is not 2");
  TRY(std::string own, optional_media_type(object, "mediaType"));
  if (!own.empty() && !transport.empty() && own != transport) {
    return invalid(fmt::format("it says of itself '{}' but was sent as '{}'", own, transport));
  }
  std::string type = !own.empty() ? own : std::string(transport.empty() ? fallback : transport);
  if (!expected(type)) return invalid(fmt::format("the media type '{}' is not expected here", type));
  return type;
}

Result<json::value> parse_object(std::string_view bytes, size_t bytes_max) {
  if (bytes.size() > bytes_max) return invalid(fmt::format("it is larger than {} bytes", bytes_max));
  auto document = parse_json(bytes);
  if (!document) return invalid(document.error().message);
  if (!document->is_object()) return invalid("it is not a JSON object");
  return document;
}

Result<std::vector<std::string>> exposed_ports(const json::object& config) {
  std::vector<std::string> out;
  TRY(const json::object* ports, optional_object(config, "ExposedPorts"));
  if (!ports) return out;
  for (const auto& member : *ports) out.emplace_back(member.key().data(), member.key().size());
  return out;
}

Result<void> parse_run_config(const json::object& run, ImageConfig& out) {
  TRY(out.user, optional_string(run, "User"));
  TRY(out.working_directory, optional_string(run, "WorkingDir"));
  TRY(out.stop_signal, optional_string(run, "StopSignal"));
  TRY(out.environment, string_list(run, "Env"));
  TRY(out.entrypoint, string_list(run, "Entrypoint"));
  TRY(out.command, string_list(run, "Cmd"));
  TRY(out.labels, string_map(run, "Labels"));
  TRY(out.exposed_ports, exposed_ports(run));
  return {};
}

json::object to_object(const std::map<std::string, std::string>& map) {
  json::object out;
  for (const auto& [key, value] : map) out[key] = value;
  return out;
}

json::array to_array(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

}  // namespace

uint64_t Manifest::content_bytes() const {
  uint64_t total = config.size;
  for (const Descriptor& layer : layers) total += layer.size;
  return total;
}

Result<Descriptor> parse_descriptor(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return invalid("a descriptor is not an object");
  Descriptor out;
  TRY(out.media_type, optional_media_type(*object, "mediaType"));
  if (out.media_type.empty()) return invalid("a descriptor has no mediaType");
  auto digest = Digest::parse(get_string(*object, "digest"));
  if (!digest) return invalid(digest.error().message);
  out.digest = *std::move(digest);
  int64_t size = get_int(*object, "size", -1);
  // Bounded so that sums over a whole manifest cannot overflow.
  if (size < 0 || static_cast<uint64_t>(size) > blob_bytes_max)
    return invalid(fmt::format("the size of {} is not between 0 and {}", out.digest.text(), blob_bytes_max));
  out.size = static_cast<uint64_t>(size);
  TRY(out.artifact_type, optional_media_type(*object, "artifactType"));
  TRY(out.annotations, string_map(*object, "annotations"));
  return out;
}

Result<Manifest> parse_manifest(std::string_view bytes, std::string_view media_type) {
  TRY(json::value document, parse_object(bytes, manifest_bytes_max));
  const json::object& object = document.get_object();
  Manifest out;
  TRY(out.media_type, checked_media_type(object, media_type, media::is_manifest, media::manifest));
  if (object.contains("manifests")) return invalid("it has both the parts of a manifest and of an index");
  TRY(out.artifact_type, optional_media_type(object, "artifactType"));
  const json::value* config = object.if_contains("config");
  if (!config) return invalid("'config' is missing");
  TRY(out.config, parse_descriptor(*config));
  TRY(out.layers, descriptors(object, "layers", layers_max));
  TRY(out.subject, optional_subject(object));
  TRY(out.annotations, string_map(object, "annotations"));
  return out;
}

Result<Index> parse_index(std::string_view bytes, std::string_view media_type) {
  TRY(json::value document, parse_object(bytes, manifest_bytes_max));
  const json::object& object = document.get_object();
  Index out;
  TRY(out.media_type, checked_media_type(object, media_type, media::is_index, media::index));
  if (object.contains("layers") || object.contains("config")) return invalid("it has both the parts of a manifest and of an index");
  TRY(out.artifact_type, optional_media_type(object, "artifactType"));
  TRY(out.manifests, descriptors(object, "manifests", index_entries_max));
  TRY(out.subject, optional_subject(object));
  TRY(out.annotations, string_map(object, "annotations"));
  return out;
}

Result<ImageConfig> parse_config(std::string_view bytes) {
  TRY(json::value document, parse_object(bytes, config_bytes_max));
  const json::object& object = document.get_object();
  ImageConfig out;
  TRY(out.created, optional_string(object, "created"));
  TRY(out.architecture, optional_string(object, "architecture"));
  TRY(out.os, optional_string(object, "os"));
  TRY(const json::object* run, optional_object(object, "config"));
  if (run) CHECK(parse_run_config(*run, out));
  TRY(const json::object* rootfs, optional_object(object, "rootfs"));
  if (!rootfs || get_string(*rootfs, "type") != "layers") return invalid("rootfs is missing or not made of layers");
  TRY(std::vector<std::string> diff_ids, string_list(*rootfs, "diff_ids"));
  if (diff_ids.size() > layers_max) return invalid(fmt::format("more than {} layers", layers_max));
  for (const std::string& text : diff_ids) {
    auto digest = Digest::parse(text);
    if (!digest) return invalid(digest.error().message);
    out.diff_ids.push_back(*std::move(digest));
  }
  return out;
}

json::object to_json(const Descriptor& descriptor) {
  json::object out{{"mediaType", descriptor.media_type}, {"digest", descriptor.digest.text()}, {"size", descriptor.size}};
  if (!descriptor.artifact_type.empty()) out["artifactType"] = descriptor.artifact_type;
  if (!descriptor.annotations.empty()) out["annotations"] = to_object(descriptor.annotations);
  return out;
}

std::string serialise(const Manifest& manifest) {
  json::object out{{"schemaVersion", 2}, {"mediaType", manifest.media_type}, {"config", to_json(manifest.config)}};
  if (!manifest.artifact_type.empty()) out["artifactType"] = manifest.artifact_type;
  json::array layers;
  for (const Descriptor& layer : manifest.layers) layers.push_back(to_json(layer));
  out["layers"] = std::move(layers);
  if (manifest.subject) out["subject"] = to_json(*manifest.subject);
  if (!manifest.annotations.empty()) out["annotations"] = to_object(manifest.annotations);
  return to_canonical_text(out);
}

std::string serialise(const Index& index) {
  json::object out{{"schemaVersion", 2}, {"mediaType", index.media_type}};
  if (!index.artifact_type.empty()) out["artifactType"] = index.artifact_type;
  json::array manifests;
  for (const Descriptor& manifest : index.manifests) manifests.push_back(to_json(manifest));
  out["manifests"] = std::move(manifests);
  if (index.subject) out["subject"] = to_json(*index.subject);
  if (!index.annotations.empty()) out["annotations"] = to_object(index.annotations);
  return to_canonical_text(out);
}

std::string serialise(const ImageConfig& config) {
  json::object run;
  if (!config.user.empty()) run["User"] = config.user;
  if (!config.working_directory.empty()) run["WorkingDir"] = config.working_directory;
  if (!config.stop_signal.empty()) run["StopSignal"] = config.stop_signal;
  if (!config.environment.empty()) run["Env"] = to_array(config.environment);
  if (!config.entrypoint.empty()) run["Entrypoint"] = to_array(config.entrypoint);
  if (!config.command.empty()) run["Cmd"] = to_array(config.command);
  if (!config.labels.empty()) run["Labels"] = to_object(config.labels);
  json::object ports;
  for (const std::string& port : config.exposed_ports) ports[port] = json::object{};
  if (!ports.empty()) run["ExposedPorts"] = std::move(ports);

  json::array diff_ids;
  for (const Digest& digest : config.diff_ids) diff_ids.emplace_back(digest.text());
  json::object out{{"architecture", config.architecture},
                   {"os", config.os},
                   {"config", std::move(run)},
                   {"rootfs", {{"type", "layers"}, {"diff_ids", std::move(diff_ids)}}}};
  if (!config.created.empty()) out["created"] = config.created;
  return to_canonical_text(out);
}

Descriptor empty_descriptor() { return {.media_type = std::string(media::empty), .digest = Digest::of("{}"), .size = 2}; }

}  // namespace pds::oci
