#include "oci/registry_protocol.h"

#include <fmt/core.h>

#include "base/text.h"
#include "oci/reference.h"

namespace pds::oci {

bool is_retryable_status(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

std::unexpected<Error> registry_error(std::string_view what, const http::Response& response) {
  struct Code {
    std::string_view theirs, ours;
  };
  constexpr Code codes[] = {{"MANIFEST_UNKNOWN", "E_MANIFEST_UNKNOWN"},
                            {"BLOB_UNKNOWN", "E_BLOB_UNKNOWN"},
                            {"NAME_UNKNOWN", "E_NAME_UNKNOWN"},
                            {"UNAUTHORIZED", "E_UNAUTHORIZED"},
                            {"DENIED", "E_DENIED"},
                            {"DIGEST_INVALID", "E_DIGEST_MISMATCH"},
                            {"SIZE_INVALID", "E_TOO_LARGE"},
                            {"MANIFEST_INVALID", "E_MANIFEST_INVALID"},
                            {"MANIFEST_BLOB_UNKNOWN", "E_MANIFEST_BLOB_UNKNOWN"}};
  constexpr size_t message_bytes_max = 500;
  int status = response.head.status;
  std::string code = status == 401 ? "E_UNAUTHORIZED" : status == 403 ? "E_DENIED" : status == 507 ? "E_DISK_FULL" : "E_REGISTRY";
  std::string said;
  auto document = parse_json(response.body);
  const json::array* errors = document && document->is_object() ? get_array(document->get_object(), "errors") : nullptr;
  if (errors && !errors->empty() && errors->front().is_object()) {
    const json::object& error = errors->front().get_object();
    std::string theirs = get_string(error, "code");
    said = fmt::format(": {}: {}", theirs.substr(0, 64), get_string(error, "message").substr(0, message_bytes_max));
    for (const Code& known : codes) {
      if (known.theirs == theirs) code = known.ours;
    }
  }
  Error error{code, fmt::format("{}: the registry answered {}{}", what, status, said), status, is_retryable_status(status)};
  return std::unexpected(std::move(error));
}

Result<std::string> local_target(std::string_view location, std::string_view host) {
  std::string_view rest = location;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!rest.starts_with(scheme)) continue;
    rest.remove_prefix(scheme.size());
    size_t slash = std::min(rest.find('/'), rest.size());
    if (!iequals(rest.substr(0, slash), host)) {
      return fail("E_REGISTRY", fmt::format("{} sends us on to another host ({}), where our credentials do not belong", host,
                                            rest.substr(0, std::min<size_t>(slash, 100))));
    }
    rest.remove_prefix(slash);
    break;
  }
  bool usable = rest.starts_with('/') && rest.size() <= 8192;
  for (char c : rest) usable = usable && c > ' ' && c < 127;
  if (!usable) return fail("E_REGISTRY", fmt::format("{} gave no usable Location", host));
  return std::string(rest);
}

Result<std::string> next_page(std::string_view link_header, std::string_view host) {
  size_t open = link_header.find('<'), close = link_header.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::string();
  if (link_header.substr(close).find("next") == std::string_view::npos) return std::string();
  return local_target(link_header.substr(open + 1, close - open - 1), host);
}

std::string fallback_tag(const Digest& subject) { return fmt::format("sha256-{}", subject.hex()); }

Result<std::optional<Digest>> subject_of(std::string_view bytes, std::string_view media_type) {
  std::optional<Descriptor> subject;
  if (media::is_index(media_type)) {
    TRY(Index index, parse_index(bytes, media_type));
    subject = std::move(index.subject);
  } else {
    TRY(Manifest manifest, parse_manifest(bytes, media_type));
    subject = std::move(manifest.subject);
  }
  return subject ? std::optional(subject->digest) : std::nullopt;
}

Result<Descriptor> referrer_descriptor(std::string_view bytes, std::string_view media_type) {
  Descriptor out{.media_type = std::string(media_type), .digest = Digest::of(bytes), .size = bytes.size()};
  if (media::is_index(media_type)) {
    TRY(Index index, parse_index(bytes, media_type));
    out.artifact_type = index.artifact_type;
    out.annotations = std::move(index.annotations);
  } else {
    TRY(Manifest manifest, parse_manifest(bytes, media_type));
    out.artifact_type = manifest.effective_artifact_type();
    out.annotations = std::move(manifest.annotations);
  }
  return out;
}

Result<ImageParts> parts_of(std::string_view bytes, std::string_view media_type) {
  ImageParts out;
  if (media::is_index(media_type)) {
    TRY(Index index, parse_index(bytes, media_type));
    out.media_type = index.media_type;
    out.manifests = std::move(index.manifests);
    return out;
  }
  TRY(Manifest manifest, parse_manifest(bytes, media_type));
  out.media_type = manifest.media_type;
  out.blobs.push_back(manifest.config);
  for (Descriptor& layer : manifest.layers) out.blobs.push_back(std::move(layer));
  return out;
}

Result<void> append_tags(std::string_view body, std::vector<std::string>& tags) {
  TRY(json::value document, parse_json(body));
  if (!document.is_object()) return fail("E_REGISTRY", "a tag list is not a JSON object");
  const json::array* list = get_array(document.get_object(), "tags");
  for (const json::value& value : list ? *list : json::array{}) {
    std::string tag = value.is_string() ? std::string(value.get_string()) : "";
    if (!is_valid_tag(tag)) return fail("E_REGISTRY", "a tag list has an entry that is not a tag");
    if (tags.size() >= tags_listed_max)
      return fail("E_TOO_LARGE", fmt::format("the repository has more than {} tags", tags_listed_max));
    tags.push_back(std::move(tag));
  }
  return {};
}

}  // namespace pds::oci
