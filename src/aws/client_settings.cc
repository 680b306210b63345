#include "aws/client_settings.h"

#include <fmt/core.h>

#include "aws/instance_metadata.h"
#include "base/text.h"

namespace pds::aws {
namespace {

// An instance that starts may not have its metadata yet; where there is no instance, few calls wait for that to be found out.
constexpr std::chrono::minutes ask_instance_pause{1};

// "Elastic Load Balancing v2" is elastic_load_balancing_v2 in a services section.
std::string snake_case(std::string_view service_id) {
  std::string name = to_lower(service_id);
  for (char& c : name) {
    if (c == ' ' || c == '-') c = '_';
  }
  return name;
}

}  // namespace

bool ignores_endpoint_urls(EnvironmentReader environment) { return iequals(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true"); }

std::string service_endpoint_url(const ServiceInfo& service, EnvironmentReader environment) {
  if (ignores_endpoint_urls(environment)) return "";
  std::string name = "AWS_ENDPOINT_URL_";
  for (char c : snake_case(service.id)) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return environment(name.c_str());
}

io::Task<Result<void>> ClientSettings::load() {
  if (!shared_) {
    CO_TRY(shared_, co_await load_shared_config(loop_, environment_));
  }
  co_return Result<void>();
}

io::Task<Result<std::string>> ClientSettings::region() {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string region = environment_(name); !region.empty()) co_return region;
  }
  CO_CHECK(co_await load());
  if (std::string region = shared_->value("region"); !region.empty()) co_return region;
  co_return co_await instance_region();
}

io::Task<std::string> ClientSettings::instance_region() {
  if (!instance_region_.empty()) co_return instance_region_;
  if (loop_.exact_now() < ask_instance_at_) co_return region_default;
  Result<std::optional<InstanceMetadata>> metadata = co_await InstanceMetadata::open(loop_, environment_);
  if (metadata && *metadata) {
    Result<http::Response> answer = co_await (*metadata)->get("/latest/meta-data/placement/region");
    if (answer && answer->head.status == 200) instance_region_ = trim(answer->body);
  }
  ask_instance_at_ = loop_.exact_now() + ask_instance_pause;
  co_return instance_region_.empty() ? region_default : instance_region_;
}

io::Task<Result<std::string>> ClientSettings::endpoint_url(const ServiceInfo& service) {
  if (ignores_endpoint_urls(environment_)) co_return "";
  CO_CHECK(co_await load());
  if (iequals(shared_->value("ignore_configured_endpoint_urls"), "true")) co_return "";
  if (std::string name = shared_->value("services"); !name.empty()) {
    auto section = shared_->services.find(name);
    if (section == shared_->services.end())
      co_return fail("E_PROFILE", fmt::format("the profile '{}' has services = {}, and there is no section [services {}]", shared_->profile_name, name, name));
    std::string url = value_of(section->second, snake_case(service.id) + ".endpoint_url");
    if (!url.empty()) co_return url;
  }
  co_return shared_->value("endpoint_url");
}

}  // namespace pds::aws
