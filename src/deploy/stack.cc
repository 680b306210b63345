#include "deploy/stack.h"

#include <fmt/core.h>

#include "aws/shapes/sts.h"
#include "base/text.h"

namespace pds::deploy {

StackNames::StackNames(const Config& config, const std::string& account) {
  const std::string& stack = config.stack();
  vpc = stack + "-vpc";
  balancer_group = stack + "-balancer";
  instance_group = stack + "-instance";
  gateway = stack + "-gateway";
  route_table = stack + "-routes";
  instance_role = stack + "-instance";
  function_role = stack + "-function";
  deploy_role = stack + "-deploy";
  rotation_role = stack + "-rotation";
  bucket = fmt::format("{}-releases-{}-{}", stack, account, config.region());
  launch_template = stack + "-fleet";
  target_group = stack + "-fleet";
  balancer = stack;
  fleet_group = stack + "-fleet";
  function = stack;
  // CodeDeploy's managed role may invoke functions of this prefix only.
  hook_function = "CodeDeployHook_" + stack;
  rotation_function = stack + "-rotation";
  fleet_application = stack + "-fleet";
  fleet_deployment_group = stack + "-fleet";
  function_application = stack + "-function";
  function_deployment_group = stack + "-function";
}

StackWalk::StackWalk(io::Loop& loop, aws::Client& client, const Config& config, std::string bootstrap_image, OnChange on_change)
    : loop_(loop), client_(client), config_(config), bootstrap_image_(std::move(bootstrap_image)), on_change_(std::move(on_change)) {}

bool StackWalk::make(ChangeAction action, std::string kind, std::string name, std::string why) {
  changes_.push_back({action, std::move(kind), std::move(name), std::move(why)});
  on_change_(changes_.back());
  return mode_ == Mode::apply;
}

std::vector<aws::ec2::TagSpecification> StackWalk::tags_for(const std::string& resource_type, const std::string& name) const {
  return {{.resource_type = resource_type, .tags = {{"Name", name}, {"pds:stack", config_.stack()}}}};
}

std::vector<aws::ec2::Filter> StackWalk::by_name(const std::string& name) const {
  return {{"tag:Name", {name}}, {"tag:pds:stack", {config_.stack()}}};
}

io::Task<Result<std::vector<Change>>> StackWalk::run(Mode mode) {
  mode_ = mode;
  changes_.clear();
  CO_TRY(auto identity, co_await client_.call<aws::sts::GetCallerIdentity>({}));
  facts_ = {};
  facts_.account = identity.account;
  names_.emplace(config_, identity.account);
  CO_CHECK(co_await ensure_vpc());
  CO_CHECK(co_await ensure_subnets());
  CO_CHECK(co_await ensure_gateway());
  CO_CHECK(co_await ensure_security_groups());
  CO_CHECK(co_await ensure_roles());
  CO_CHECK(co_await ensure_secret());
  CO_CHECK(co_await ensure_bucket());
  CO_CHECK(co_await find_released());
  CO_CHECK(co_await ensure_target_group());
  CO_CHECK(co_await ensure_balancer());
  CO_CHECK(co_await ensure_listener());
  CO_CHECK(co_await ensure_template());
  CO_CHECK(co_await ensure_fleet());
  CO_CHECK(co_await ensure_functions());
  CO_CHECK(co_await ensure_alias_and_url());
  CO_CHECK(co_await ensure_rotation());
  CO_CHECK(co_await ensure_delivery());
  co_return changes_;
}

std::string subnet_cidr(const std::string& network, size_t zone) {
  std::vector<std::string_view> octets = split(std::string_view(network).substr(0, network.find('/')), '.');
  return fmt::format("{}.{}.{}.0/24", octets[0], octets[1], zone + 1);
}

}  // namespace pds::deploy
