#include "oci/reference.h"

#include <fmt/core.h>

#include "base/text.h"

namespace pds::oci {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_tag_start(char c) { return is_word(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_valid_component(std::string_view text) {
  if (text.empty() || !is_word(text.front()) || !is_word(text.back())) return false;
  for (size_t i = 0; i < text.size();) {
    if (is_word(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && text[end] == text[i]) ++end;
    size_t run = end - i;
    bool allowed = text[i] == '-' || (text[i] == '.' && run == 1) || (text[i] == '_' && run <= 2);
    if (!allowed || !is_word(text[end])) return false;
    i = end;
  }
  return true;
}

// host[:port] or [v6]:port; enough to be put into a Host header and a connector without surprises.
bool is_valid_registry(std::string_view text) {
  if (text.empty() || text.size() > registry_bytes_max) return false;
  std::string_view host = text, port;
  if (size_t colon = text.rfind(':'); colon != std::string_view::npos && !text.ends_with(']')) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    auto number = parse_int(port);
    if (!number || *number < 1 || *number > 65535) return false;
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return false;
    return host.size() > 2 &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  for (std::string_view label : split(host, '.')) {
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    for (char c : label) {
      if (!is_word(c) && !(c >= 'A' && c <= 'Z') && c != '-') return false;
    }
  }
  return true;
}

std::unexpected<Error> invalid(std::string_view text, std::string_view why) {
  return fail("E_REFERENCE_INVALID", fmt::format("'{}' is not an image reference: {}", text.substr(0, 300), why));
}

bool looks_like_registry(std::string_view component) {
  return component == "localhost" || component.find('.') != std::string_view::npos || component.find(':') != std::string_view::npos;
}

}  // namespace

bool is_valid_repository(std::string_view name) {
  if (name.empty() || name.size() > repository_bytes_max) return false;
  for (std::string_view component : split(name, '/')) {
    if (!is_valid_component(component)) return false;
  }
  return true;
}

bool is_valid_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > tag_bytes_max || !is_tag_start(tag.front())) return false;
  for (char c : tag) {
    if (!is_tag_start(c) && c != '.' && c != '-') return false;
  }
  return true;
}

Result<Reference> Reference::parse(std::string_view text) {
  Reference out;
  std::string_view rest = text;
  if (size_t at = rest.find('@'); at != std::string_view::npos) {
    auto digest = Digest::parse(rest.substr(at + 1));
    if (!digest) return invalid(text, digest.error().message);
    out.digest = *std::move(digest);
    rest = rest.substr(0, at);
  }
  if (size_t slash = rest.find('/'); slash != std::string_view::npos && looks_like_registry(rest.substr(0, slash))) {
    out.registry = rest.substr(0, slash);
    if (!is_valid_registry(out.registry)) return invalid(text, "the registry is not host or host:port");
    rest = rest.substr(slash + 1);
  }
  if (size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    std::string_view tag = rest.substr(colon + 1);
    if (!is_valid_tag(tag))
      return invalid(text, "a tag has at most 128 letters, digits, '_', '.' and '-', and does not begin with '.' or '-'");
    out.tag = std::string(tag);
    rest = rest.substr(0, colon);
  }
  if (!is_valid_repository(rest))
    return invalid(text, "a repository is made of lower-case letters and digits, joined by '.', '_', '__', '-' and '/'");
  out.repository = rest;
  return out;
}

std::string Reference::name() const { return registry.empty() ? repository : registry + "/" + repository; }

std::string Reference::text() const {
  std::string out = name();
  if (tag) out += ":" + *tag;
  if (digest) out += "@" + digest->text();
  return out;
}

Result<DigestReference> DigestReference::parse(std::string_view text) {
  TRY(Reference reference, Reference::parse(text));
  if (reference.tag) {
    return fail("E_REFERENCE_TAGGED", fmt::format("'{}' names a tag, which may move: name the image as {}@sha256:...",
                                                  text.substr(0, 300), reference.name()));
  }
  if (!reference.digest) return invalid(text, "a digest is needed: repository@sha256:...");
  if (reference.registry.empty()) return invalid(text, "a registry is needed: host/repository@sha256:...");
  return DigestReference{.registry = std::move(reference.registry),
                         .repository = std::move(reference.repository),
                         .digest = *std::move(reference.digest)};
}

std::string DigestReference::name() const { return registry + "/" + repository; }
std::string DigestReference::text() const { return name() + "@" + digest.text(); }

}  // namespace pds::oci
