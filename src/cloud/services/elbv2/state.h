// What the service remembers: one table per noun. Everything that traffic needs is made from these by the front (front.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shapes/elbv2.h"
#include "cloud/core.h"
#include "cloud/store.h"

namespace pds::cloud::elbv2 {

namespace wire = aws::elbv2;

using Attributes = std::map<std::string, std::string>;  // those that differ from the defaults
using Tags = std::map<std::string, std::string>;

struct LoadBalancerRecord {
  wire::LoadBalancer description;
  std::string id;  // "50dc6c495c0c9188"
  Attributes attributes;
  Tags tags;
};
PDS_SHAPE(LoadBalancerRecord, FIELD(description, "Description"), FIELD(id, "Id"), FIELD(attributes, "Attributes"),
          FIELD(tags, "Tags"))

struct TargetGroupRecord {
  wire::TargetGroup description;  // without LoadBalancerArns: those follow from listeners and rules
  std::string seed;               // of its cookies
  Attributes attributes;
  Tags tags;
};
PDS_SHAPE(TargetGroupRecord, FIELD(description, "Description"), FIELD(seed, "Seed"), FIELD(attributes, "Attributes"),
          FIELD(tags, "Tags"))

struct TargetRecord {
  std::string target_group_arn, id;
  int port = 0;  // 0 for functions
  std::string zone;
  bool zone_given = false;  // by the caller, so that it is said back
  std::string health;       // the last verdict: healthy, unhealthy, or initial
  std::optional<Timestamp> drain_until;
};
PDS_SHAPE(TargetRecord, FIELD(target_group_arn, "TargetGroupArn"), FIELD(id, "Id"), FIELD(port, "Port"), FIELD(zone, "Zone"),
          FIELD(zone_given, "ZoneGiven"), FIELD(health, "Health"), FIELD(drain_until, "DrainUntil"))

struct ListenerRecord {
  wire::Listener description;
  Tags tags;
  Attributes attributes;
  std::vector<std::string> further_certificates;  // beside the default one, which the description has
};
PDS_SHAPE(ListenerRecord, FIELD(description, "Description"), FIELD(tags, "Tags"), FIELD(attributes, "Attributes"),
          FIELD(further_certificates, "FurtherCertificates"))

struct RuleRecord {
  std::string arn, listener_arn;
  int priority = 0;
  std::vector<wire::RuleCondition> conditions;
  std::vector<wire::Action> actions;
  Tags tags;
};
PDS_SHAPE(RuleRecord, FIELD(arn, "Arn"), FIELD(listener_arn, "ListenerArn"), FIELD(priority, "Priority"),
          FIELD(conditions, "Conditions"), FIELD(actions, "Actions"), FIELD(tags, "Tags"))

struct State {
  explicit State(Core& core);

  // By ARN, but for targets: see target_key().
  Table<LoadBalancerRecord> load_balancers;
  Table<TargetGroupRecord> target_groups;
  Table<TargetRecord> targets;
  Table<ListenerRecord> listeners;
  Table<RuleRecord> rules;

  // AWS's error when there is none.
  Result<const LoadBalancerRecord*> load_balancer_at(const std::string& arn) const;
  Result<const TargetGroupRecord*> target_group_at(const std::string& arn) const;
  Result<const ListenerRecord*> listener_at(const std::string& arn) const;
  Result<const RuleRecord*> rule_at(const std::string& arn) const;

  // In order of port, and of priority.
  std::vector<const ListenerRecord*> listeners_of(std::string_view load_balancer_arn) const;
  std::vector<const RuleRecord*> rules_of(std::string_view listener_arn) const;
  std::vector<const TargetRecord*> targets_of(std::string_view target_group_arn) const;
  // Every target group that some action of the balancer's listeners names.
  std::vector<std::string> target_groups_of(std::string_view load_balancer_arn) const;
  // The balancer whose listeners forward to the group: one at most.
  std::optional<std::string> load_balancer_of(std::string_view target_group_arn) const;
};

std::string target_key(std::string_view target_group_arn, std::string_view id, int port);
// Target groups named by forward actions, each once.
std::vector<std::string> groups_in(const std::vector<wire::Action>& actions);

}  // namespace pds::cloud::elbv2
