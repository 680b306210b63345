#include "http/h2_upgrade.h"

#include "base/text.h"

namespace pds::http {
namespace {

constexpr size_t setting_bytes = 6, settings_max = 32;

}  // namespace

std::optional<std::string> h2_settings_of(const RequestHead& head) {
  const Headers& headers = head.headers;
  bool asks = head.version_major == 1 && head.version_minor == 1 && headers.has_token("upgrade", "h2c") &&
              headers.has_token("connection", "upgrade") && headers.has_token("connection", "http2-settings");
  if (!asks) return std::nullopt;
  std::optional<std::string_view> field;
  for (auto [name, value] : headers) {
    if (!iequals(name, "http2-settings")) continue;
    if (field) return std::nullopt;
    field = value;
  }
  if (!field || field->size() > settings_max * setting_bytes * 2) return std::nullopt;
  Result<std::string> settings = from_base64url(*field);
  if (!settings || settings->size() % setting_bytes != 0 || settings->size() > settings_max * setting_bytes) return std::nullopt;
  return *std::move(settings);
}

H2Upgrade make_h2_upgrade(RequestHead head, std::string settings) {
  for (const char* name : {"connection", "upgrade", "http2-settings"}) head.headers.remove(name);
  head.version_major = 2;
  head.version_minor = 0;
  return {std::move(head), std::move(settings)};
}

}  // namespace pds::http
