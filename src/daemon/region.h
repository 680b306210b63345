// The services of one region, and those that all regions share. This is the one list of what the cloud consists of.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cloud/core.h"
#include "cloud/dispatcher.h"
#include "cloud/master_key.h"
#include "cloud/sandboxes.h"
#include "cloud/services/acm/service.h"
#include "cloud/services/autoscaling/service.h"
#include "cloud/services/cloudwatch/service.h"
#include "cloud/services/codedeploy/fleet_adapter.h"
#include "cloud/services/codedeploy/function_adapter.h"
#include "cloud/services/codedeploy/service.h"
#include "cloud/services/ec2/service.h"
#include "cloud/services/ecr/service.h"
#include "cloud/services/elbv2/service.h"
#include "cloud/services/iam/service.h"
#include "cloud/services/iam/sts.h"
#include "cloud/services/kms/service.h"
#include "cloud/services/lambda/service.h"
#include "cloud/services/logs/service.h"
#include "cloud/services/s3/service.h"
#include "cloud/services/secretsmanager/service.h"

namespace pds::daemon {

struct GlobalServices {
  GlobalServices(cloud::Core& core, const cloud::MasterKey& master_key, const Clock& real_time,
                 const std::string& root_access_key_id, cloud::Principal root);
  cloud::iam::Iam iam;
  cloud::iam::Sts sts;
};

class Region {
 public:
  Region(cloud::Core core, GlobalServices& global, const cloud::MasterKey& master_key, const Clock& real_time,
         cloud::FoundSandboxes& found, Duration slow_request);

  // The tables of operations of all services, the global ones among them.
  const std::vector<cloud::Api>& apis() const { return apis_; }
  cloud::s3::S3& s3() { return s3_; }
  // Requests that are not API calls: balancers and function URLs by their host names, the registry by its path.
  std::vector<cloud::Dispatcher::Door> doors();
  // This region's part of the Prometheus page.
  void expose(cloud::Exposition& page) const { elbv2_.expose(page); }

  void start(sandbox::SandboxHost* sandboxes);  // null: none on this machine
  io::Task<void> stop();                        // in the opposite order of start

 private:
  std::vector<cloud::CloudService*> services();  // in the order in which they start

  // Before it has looked at its targets, a balancer would refuse requests that it need not.
  class AfterStart final : public http::Service {
   public:
    AfterStart(io::Event& started, http::Service& inner) : started_(started), inner_(inner) {}
    io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
      co_await started_.wait();
      co_await inner_.serve(request, responder);
    }

   private:
    io::Event& started_;
    http::Service& inner_;
  };

  cloud::Core core_;
  io::Event started_;
  cloud::cloudwatch::CloudWatch cloudwatch_;
  cloud::logs::Logs logs_;
  cloud::kms::Kms kms_;
  cloud::acm::Acm acm_;
  cloud::s3::S3 s3_;
  cloud::ecr::Ecr ecr_;
  cloud::lambda::Lambda lambda_;
  cloud::secretsmanager::SecretsManager secretsmanager_;
  cloud::Ec2 ec2_;
  cloud::Elbv2 elbv2_;
  cloud::AutoScaling autoscaling_;
  cloud::codedeploy::FleetAdapter codedeploy_fleet_;
  cloud::codedeploy::FunctionAdapter codedeploy_functions_;
  cloud::CodeDeploy codedeploy_;
  cloud::CodeDeployCommands codedeploy_commands_;
  AfterStart balancers_;
  std::vector<cloud::Api> apis_;
};

}  // namespace pds::daemon
