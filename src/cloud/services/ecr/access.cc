// Who may push and pull. The password of `docker login` carries what it stands for, sealed: region, key and principal, and when it
// expires. It is checked without a table, so it survives a restart; rights are those the principal has when it is used, not when it
// was made.
#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "cloud/services/ecr/service.h"

namespace pds::cloud::ecr {

namespace {

constexpr size_t password_bytes_max = 8192;

std::unexpected<Error> not_logged_in(std::string message) { return fail("E_UNAUTHORIZED", std::move(message), 401); }

std::string_view action_of(oci::RegistryAction action) {
  switch (action) {
    case oci::RegistryAction::push:
      return "ecr:PutImage";
    case oci::RegistryAction::remove:
      return "ecr:BatchDeleteImage";
    default:
      return "ecr:BatchGetImage";
  }
}

// "000000000000.dkr.ecr.us-east-1.localhost:4566" -> "us-east-1"; empty for other hosts.
std::string_view region_of_host(std::string_view host) {
  size_t at = host.find(".dkr.ecr.");
  if (at == std::string_view::npos) return {};
  std::string_view rest = host.substr(at + 9);
  return rest.substr(0, rest.find('.'));
}

}  // namespace

bool Ecr::claims(const http::ServerRequest& request) const {
  std::string_view path = request.head.path();
  if (path != "/v2" && !path.starts_with("/v2/")) return false;
  std::string_view region = region_of_host(request.head.host());
  return region.empty() ? core_.region == "us-east-1" : region == core_.region;
}

std::string Ecr::make_password(const Call& call, Timestamp expires) const {
  json::object claims{{"region", core_.region},
                      {"key", call.access_key_id},
                      {"principal", call.principal_arn},
                      {"expires", to_epoch_seconds(expires)}};
  return to_base64(pds::seal(token_key_, core_.random.bytes(12), to_text(claims), "ecr"));
}

Result<void> Ecr::check_password(std::string_view password, const oci::RegistryAccess& access) const {
  Result<std::string> sealed = from_base64(password);
  Result<std::string> text = sealed ? open_sealed(token_key_, *sealed, "ecr") : std::move(sealed);
  Result<json::value> document = text ? parse_json(*text) : std::unexpected(text.error());
  if (!document) return not_logged_in("Your authorization token is invalid. Get another by GetAuthorizationToken.");
  const json::object& claims = document->as_object();
  if (from_epoch_seconds(get_double(claims, "expires")) <= real_time_.now())
    return not_logged_in("Your authorization token has expired. Reauthenticate and try again.");
  if (get_string(claims, "region") != core_.region)
    return not_logged_in(fmt::format("The authorization token is for the region {}.", get_string(claims, "region")));
  std::string arn = get_string(claims, "principal");
  if (arn == "arn:aws:iam::" + core_.account + ":root") return {};
  std::optional<Principal> principal = authority_.find_principal(get_string(claims, "key"));
  if (!principal || principal->arn != arn)
    return not_logged_in("The key that the authorization token was made with is no longer valid.");
  if (access.action == oci::RegistryAction::ping) return {};
  Call call = core_.internal_call();
  call.internal = false, call.principal_arn = arn;
  Result<void> allowed = authority_.authorize(*principal, call, std::string(action_of(access.action)),
                                              core_.arn("ecr", "repository/" + access.repository));
  if (!allowed) return fail("E_DENIED", allowed.error().message, 403);
  return {};
}

Result<oci::Registry*> Ecr::authorize(const oci::RegistryAccess& access) {
  constexpr std::string_view scheme = "Basic ";
  if (!access.authorization.starts_with(scheme)) return not_logged_in("no basic auth credentials");
  if (access.authorization.size() > password_bytes_max) return not_logged_in("The credentials are too long.");
  Result<std::string> pair = from_base64(std::string_view(access.authorization).substr(scheme.size()));
  if (!pair || !pair->starts_with("AWS:")) return not_logged_in("The user name must be AWS, the password an authorization token.");
  CHECK(check_password(std::string_view(*pair).substr(4), access));
  if (access.action != oci::RegistryAction::ping && !repositories_.contains(access.repository))
    return fail(
        "E_NAME_UNKNOWN",
        fmt::format("The repository with name '{}' does not exist in the registry with id '{}'", access.repository, core_.account),
        404);
  return registry_.get();
}

Result<void> Ecr::check_tag(const std::string& repository, const std::string& tag, const Digest& digest) {
  const RepositoryRecord* record = repositories_.find(repository);
  if (!record || !record->immutable_tags) return {};
  TRY(Store store, registry_->repository(repository));
  std::optional<oci::ManifestRecord> present = store->find_tag(tag);
  if (!present || present->digest == digest) return {};
  return fail("E_TAG_IMMUTABLE",
              fmt::format("The image tag '{}' already exists in the '{}' repository and cannot be overwritten because the tag "
                          "is immutable.",
                          tag, repository));
}

}  // namespace pds::cloud::ecr
