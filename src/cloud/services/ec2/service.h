// EC2: networks as decisions, and instances as sandboxes that really boot.
//
// The nouns are classes of their own; other services call their operations in process, with core.internal_call():
//
//   TRY(auto reply, ec2.instances().run_instances(call, request));
#pragma once

#include <functional>
#include <memory>

#include "cloud/core.h"
#include "cloud/reach.h"
#include "cloud/roles.h"
#include "cloud/sandboxes.h"
#include "cloud/services/ec2/absent.h"
#include "cloud/services/ec2/image.h"
#include "cloud/services/ec2/instances.h"
#include "cloud/services/ec2/internet_gateway.h"
#include "cloud/services/ec2/launch_template.h"
#include "cloud/services/ec2/machine.h"
#include "cloud/services/ec2/place.h"
#include "cloud/services/ec2/route_table.h"
#include "cloud/services/ec2/security_group.h"
#include "cloud/services/ec2/state.h"
#include "cloud/services/ec2/subnet.h"
#include "cloud/services/ec2/tag.h"
#include "cloud/services/ec2/vpc.h"
#include "cloud/telemetry.h"

namespace pds::cloud {

class Ec2 final : public CloudService, public InstanceReach {
 public:
  // All references outlive this. `found` holds the sandboxes of an earlier life of the cloud; ours are taken in start().
  Ec2(Core& core, RoleSource& roles, MetricSink& metrics, FoundSandboxes& found);
  ~Ec2() override;

  Api api() override;
  void start() override;
  io::Task<void> stop() override;

  ec2::Vpcs& vpcs() { return vpcs_; }
  ec2::Subnets& subnets() { return subnets_; }
  ec2::InternetGateways& internet_gateways() { return internet_gateways_; }
  ec2::RouteTables& route_tables() { return route_tables_; }
  ec2::SecurityGroups& security_groups() { return security_groups_; }
  ec2::LaunchTemplates& launch_templates() { return launch_templates_; }
  ec2::Images& images() { return images_; }
  ec2::Instances& instances() { return instances_; }
  ec2::Tags& tags() { return tags_; }
  const ec2::State& state() const { return state_; }

  // The roles that instances of this profile, or of this launch template, get: whoever starts them must be allowed to pass these.
  // None where there is no such profile or template: the operation itself says so.
  std::vector<PassedRole> roles_of(const std::optional<aws::ec2::IamInstanceProfileSpecification>& profile) const;
  std::vector<PassedRole> roles_of(const ec2::TemplateChoice& choice) const;

  // The full record; InstanceReach::find_instance is the short one. Null: unknown. Valid until the next change.
  const ec2::InstanceRecord* instance_record(std::string_view instance_id) const { return state_.instances.find(instance_id); }
  // Called after each change of an instance's state, in the same turn of the loop; must not call back into EC2 (kick something).
  using Observer = std::function<void(const std::string& instance_id, InstanceState state)>;
  void observe(Observer observer);

  // InstanceReach
  std::optional<Instance> find_instance(std::string_view instance_id) const override;
  std::optional<Instance> find_instance_by_address(std::string_view vpc_id, std::string_view private_ip) const override;
  std::optional<Subnet> find_subnet(std::string_view subnet_id) const override;
  bool has_vpc(std::string_view vpc_id) const override;
  std::optional<std::string> vpc_of_security_group(std::string_view group_id) const override;
  std::optional<std::string> default_security_group(std::string_view vpc_id) const override;
  bool allows(std::string_view instance_id, uint16_t port, const Source& source) const override;
  bool groups_allow(const std::vector<std::string>& security_groups, uint16_t port, const Source& source) const override;
  std::shared_ptr<io::Connector> connector(const std::string& instance_id, uint16_t port) override;

 private:
  void add_network_operations(Api& api);
  void add_instance_operations(Api& api);

  RoleSource& roles_;
  ec2::State state_;
  ec2::Tags tags_;
  ec2::Places places_;
  ec2::SecurityGroups security_groups_;
  ec2::Vpcs vpcs_;
  ec2::Subnets subnets_;
  ec2::InternetGateways internet_gateways_;
  ec2::RouteTables route_tables_;
  ec2::Images images_;
  ec2::LaunchTemplates launch_templates_;
  ec2::Machines machines_;
  ec2::Instances instances_;
  ec2::Absent absent_;
};

}  // namespace pds::cloud
