// What a profile of the shared files says of keys, in this order: a role to assume, keys, a program that prints them. A role's source is
// another profile, for which the same is asked (its keys before its role), or a place.
#include <fmt/core.h>

#include <algorithm>

#include "aws/assume_role.h"
#include "aws/credential_process.h"
#include "aws/credentials_source.h"
#include "aws/shared_config.h"
#include "base/text.h"

namespace pds::aws {
namespace {

std::unexpected<Error> broken(const std::string& profile, std::string_view what) {
  return fail("E_CREDENTIALS", fmt::format("the profile '{}' {}", profile, what));
}

class Resolver {
 public:
  Resolver(io::Loop& loop, EnvironmentReader environment, SharedConfig config)
      : loop_(loop), environment_(environment), config_(std::move(config)) {}

  io::Task<Sourced> resolve(std::string name) {
    const Properties* profile = find(name);
    if (!profile) co_return std::nullopt;
    visited_.push_back(name);
    bool is_source = visited_.size() > 1;
    if (profile->contains("role_arn") && !(is_source && has_keys(*profile))) co_return co_await assume(name, *profile);
    if (has_keys(*profile)) co_return keys_of(name, *profile);
    if (std::string command = value_of(*profile, "credential_process"); !command.empty()) {
      CO_TRY(Credentials credentials, co_await from_process(loop_, std::move(command)));
      co_return credentials;
    }
    if (profile->contains("sso_session") || profile->contains("sso_start_url"))
      co_return broken(name, "signs in with IAM Identity Center, which is not done here: use a credential_process");
    co_return std::nullopt;
  }

 private:
  const Properties* find(const std::string& name) const {
    auto it = config_.profiles.find(name);
    return it == config_.profiles.end() ? nullptr : &it->second;
  }

  static bool has_keys(const Properties& profile) {
    return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
  }

  static Sourced keys_of(const std::string& name, const Properties& profile) {
    Credentials keys{value_of(profile, "aws_access_key_id"), value_of(profile, "aws_secret_access_key"), value_of(profile, "aws_session_token"), {}};
    if (keys.access_key_id.empty() || keys.secret_access_key.empty())
      return broken(name, "has one of aws_access_key_id and aws_secret_access_key, and needs both");
    return keys;
  }

  io::Task<Sourced> assume(std::string name, const Properties& profile) {
    CO_TRY(Role role, role_of(name, profile));
    if (std::string token_file = value_of(profile, "web_identity_token_file"); !token_file.empty()) {
      CO_TRY(Credentials credentials, co_await assume_role_with_web_identity(loop_, environment_, std::move(role), std::move(token_file)));
      co_return credentials;
    }
    CO_TRY(Credentials source, co_await source_of(name, profile));
    CO_TRY(Credentials credentials, co_await assume_role(loop_, environment_, std::move(role), std::move(source)));
    co_return credentials;
  }

  static Result<Role> role_of(const std::string& name, const Properties& profile) {
    if (profile.contains("mfa_serial")) return broken(name, "wants a code of an MFA device, and nobody is here to be asked");
    Role role{value_of(profile, "role_arn"), value_of(profile, "role_session_name"), value_of(profile, "external_id"), {}};
    if (std::string text = value_of(profile, "duration_seconds"); !text.empty()) {
      std::optional<int64_t> seconds = parse_int(text);
      if (!seconds || *seconds < 900 || *seconds > 43200) return broken(name, "has a duration_seconds that is not from 900 to 43200");
      role.duration_seconds = static_cast<int>(*seconds);
    }
    return role;
  }

  io::Task<Result<Credentials>> source_of(std::string name, const Properties& profile) {
    std::string source = value_of(profile, "source_profile"), place = value_of(profile, "credential_source");
    if (source.empty() == place.empty()) co_return broken(name, "has a role_arn and needs one of source_profile and credential_source");
    if (!place.empty()) co_return co_await from_place(name, place);
    const Properties* next = find(source);
    if (!next) co_return broken(name, fmt::format("has the source_profile '{}', which is not there", source));
    // A profile may be its own source, for its keys.
    if (source == name && has_keys(*next)) co_return given(name, keys_of(source, *next));
    if (std::ranges::find(visited_, source) != visited_.end())
      co_return broken(name, fmt::format("closes a circle of source_profiles: {} -> {}", join(visited_, " -> "), source));
    co_return given(source, co_await resolve(source));
  }

  io::Task<Result<Credentials>> from_place(std::string name, std::string place) {
    if (place == "Environment") co_return given(name, from_environment(environment_));
    if (place == "EcsContainer") co_return given(name, co_await from_container(loop_, environment_));
    if (place == "Ec2InstanceMetadata") co_return given(name, co_await from_instance(loop_, environment_));
    co_return broken(name, "has a credential_source that is none of Environment, EcsContainer and Ec2InstanceMetadata");
  }

  static Result<Credentials> given(const std::string& name, Sourced found) {
    if (!found) return std::unexpected(std::move(found).error());
    if (!*found) return broken(name, "has a role_arn or is the source of one, and there are no keys to assume it with");
    return **std::move(found);
  }

  io::Loop& loop_;
  EnvironmentReader environment_;
  SharedConfig config_;
  std::vector<std::string> visited_;
};

}  // namespace

io::Task<Sourced> from_shared_files(io::Loop& loop, EnvironmentReader environment) {
  CO_TRY(SharedConfig config, co_await load_shared_config(loop, environment));
  std::string name = config.profile_name;
  Resolver resolver(loop, environment, std::move(config));
  co_return co_await resolver.resolve(std::move(name));
}

}  // namespace pds::aws
