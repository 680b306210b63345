// How a balancer's traffic reaches instances. EC2 implements this; the balancer knows no more about it. (Functions: functions.h.)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/stream.h"

namespace pds::cloud {

enum class InstanceState : uint8_t { pending, running, stopping, stopped, shutting_down, terminated };

class InstanceReach {
 public:
  virtual ~InstanceReach() = default;

  struct Instance {
    std::string instance_id, vpc_id, subnet_id, availability_zone, private_ip;
    InstanceState state = InstanceState::pending;
  };
  // Nothing: there is no such instance, or it is terminated and forgotten.
  virtual std::optional<Instance> find_instance(std::string_view instance_id) const = 0;
  // The instance in that VPC that has this private address and is not terminated.
  virtual std::optional<Instance> find_instance_by_address(std::string_view vpc_id, std::string_view private_ip) const = 0;

  struct Subnet {
    std::string subnet_id, vpc_id, availability_zone, cidr_block;
  };
  virtual std::optional<Subnet> find_subnet(std::string_view subnet_id) const = 0;
  virtual bool has_vpc(std::string_view vpc_id) const = 0;
  // The VPC a security group belongs to; nothing when there is no such group.
  virtual std::optional<std::string> vpc_of_security_group(std::string_view group_id) const = 0;
  virtual std::optional<std::string> default_security_group(std::string_view vpc_id) const = 0;

  // Where a connection comes from: a member of these groups at this address (a balancer's node, or a client outside with no groups).
  struct Source {
    std::vector<std::string> security_groups;
    std::string address;
  };
  // Whether the security groups of the instance let TCP in from the source.
  virtual bool allows(std::string_view instance_id, uint16_t port, const Source& source) const = 0;
  // The same for anything that is a member of `security_groups`: the balancer's own front.
  virtual bool groups_allow(const std::vector<std::string>& security_groups, uint16_t port, const Source& source) const = 0;

  // Opens connections to 127.0.0.1:port inside the instance. It may outlive the instance: then, and while the instance is not running,
  // connect() fails with E_CONNECTION_REFUSED. Security groups are not asked here: see allows().
  virtual std::shared_ptr<io::Connector> connector(const std::string& instance_id, uint16_t port) = 0;
};

}  // namespace pds::cloud
