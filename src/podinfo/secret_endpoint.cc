#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

// Which secret is loaded, and never what it says.
http::Response secret(App& app, const Call& call) {
  const AppParts& parts = app.parts();
  const SecretHolder* holder = parts.secrets;
  std::shared_ptr<const SecretHolder::Loaded> loaded = holder ? holder->current() : nullptr;
  json::object out{{"configured", holder != nullptr},
                   {"loaded", loaded != nullptr},
                   {"message", !holder ? "no secret is set" : loaded ? "the secret is loaded" : "the secret is not loaded"},
                   {"timestamp", to_iso8601_millis(parts.clock.now())},
                   {"correlation_id", call.correlation_id},
                   {"environment", parts.options.environment}};
  json::object fields = loaded ? secret_fields(loaded->secret.value) : json::object();
  auto has = [&fields](std::string_view field) { return !get_string(fields, field).empty(); };
  out["secret_status"] = json::object{{"super_secret_token_loaded", has("SUPER_SECRET_TOKEN")},
                                      {"database_url_loaded", has("DATABASE_URL")},
                                      {"api_key_loaded", has("API_KEY")}};
  if (loaded) {
    out["name"] = loaded->secret.name;
    out["arn"] = loaded->secret.arn;
    out["version_id"] = loaded->secret.version_id;
    out["loaded_at"] = to_iso8601_millis(loaded->at);
  }
  if (!holder) return document(200, std::move(out));
  out["secret_id"] = holder->secret_id();
  if (!holder->last_error().empty()) out["last_error"] = holder->last_error();
  return document(200, std::move(out));
}

}  // namespace pds::podinfo
