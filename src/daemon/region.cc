#include "daemon/region.h"

#include <algorithm>

namespace pds::daemon {

GlobalServices::GlobalServices(cloud::Core& core, const cloud::MasterKey& master_key, const Clock& real_time,
                               const std::string& root_access_key_id, cloud::Principal root)
    : iam(core, master_key, real_time, root_access_key_id, std::move(root)), sts(core, iam) {}

Region::Region(cloud::Core core, GlobalServices& global, const cloud::MasterKey& master_key, const Clock& real_time,
               cloud::FoundSandboxes& found, Duration slow_request)
    : core_(core),
      cloudwatch_(core_),
      logs_(core_),
      kms_(core_, master_key),
      acm_(core_, master_key, real_time),
      s3_(core_, global.iam),
      ecr_(core_, master_key, global.iam, real_time),
      lambda_(
          core_,
          {.images = ecr_, .roles = global.iam, .authority = global.iam, .metrics = cloudwatch_, .logs = logs_, .found = &found}),
      secretsmanager_(core_, kms_, lambda_),
      ec2_(core_, global.iam, cloudwatch_, found),
      elbv2_(core_, ec2_, &lambda_, cloudwatch_, &acm_, {.objects = &s3_, .slow_request = slow_request}),
      autoscaling_(core_, ec2_, elbv2_, cloudwatch_),
      codedeploy_fleet_(core_, autoscaling_, elbv2_),
      codedeploy_functions_(core_, lambda_),
      codedeploy_(core_, {.fleet = codedeploy_fleet_,
                          .functions = codedeploy_functions_,
                          .roles = &global.iam,
                          .find_bundle = [this](const std::string& bucket, const std::string& key,
                                                const std::string& version) -> Result<std::string> {
                            TRY(auto found, s3_.find_object(bucket, key, version));
                            return found.etag;
                          }}),
      codedeploy_commands_(core_, codedeploy_),
      balancers_(started_, elbv2_.door()) {
  codedeploy_functions_.set_delivered(
      [this](const std::string& deployment, const std::string& execution, const Result<void>& sent) {
        codedeploy_.hook_delivered(deployment, execution, sent);
      });
  apis_.push_back(global.iam.api());
  apis_.push_back(global.sts.api());
  for (cloud::CloudService* service : services()) apis_.push_back(service->api());
}

std::vector<cloud::CloudService*> Region::services() {
  return {&cloudwatch_, &logs_, &kms_, &acm_, &s3_, &ecr_, &lambda_, &secretsmanager_, &ec2_, &elbv2_, &autoscaling_, &codedeploy_,
          &codedeploy_commands_};
}

std::vector<cloud::Dispatcher::Door> Region::doors() {
  return {{[this](const http::ServerRequest& request) { return elbv2_.claims(request); }, &balancers_},
          {[this](const http::ServerRequest& request) { return lambda_.url_door().claims(request); }, &lambda_.url_door()},
          {[this](const http::ServerRequest& request) { return ecr_.claims(request); }, &ecr_.registry()}};
}

void Region::start(sandbox::SandboxHost* sandboxes) {
  core_.sandboxes = sandboxes;
  for (cloud::CloudService* service : services()) service->start();
  started_.set();
}

io::Task<void> Region::stop() {
  std::vector<cloud::CloudService*> order = services();
  std::reverse(order.begin(), order.end());
  for (cloud::CloudService* service : order) co_await service->stop();
}

}  // namespace pds::daemon
