// Everything EC2 of one region knows, in one place: the tables, and what its nouns share. Each noun's class holds a reference to
// this, so that "is this subnet in use?" is a look into a table and not a conversation between classes.
#pragma once

#include "aws/shapes/ec2.h"
#include "cloud/core.h"
#include "cloud/store.h"

namespace pds::cloud::ec2 {

// The tags of one resource, by its id.
struct TagsRecord {
  std::string resource_type;
  std::map<std::string, std::string> tags;
};
PDS_SHAPE(TagsRecord, FIELD(resource_type, "ResourceType"), FIELD(tags, "Tags"))

// What a VPC has beyond the wire's Vpc.
struct VpcRecord {
  aws::ec2::Vpc vpc;
  bool dns_support = true;
  bool dns_hostnames = false;
  std::string network_acl_id;  // the default one; there are no others
};
PDS_SHAPE(VpcRecord, FIELD(vpc, "Vpc"), FIELD(dns_support, "DnsSupport"), FIELD(dns_hostnames, "DnsHostnames"),
          FIELD(network_acl_id, "NetworkAclId"))

struct LaunchTemplateRecord {
  aws::ec2::LaunchTemplate launch_template;
  std::map<std::string, aws::ec2::LaunchTemplateVersion> versions;  // by number
  std::string client_token;
};
PDS_SHAPE(LaunchTemplateRecord, FIELD(launch_template, "LaunchTemplate"), FIELD(versions, "Versions"),
          FIELD(client_token, "ClientToken"))

// An instance: what the wire shows, what it was told, and how far its machine is.
struct InstanceRecord {
  aws::ec2::Instance instance;  // tags live in the tag table
  std::string reservation_id;
  std::string user_data;        // base64, as given
  bool user_data_done = false;  // run once per instance, at its first boot
  bool disable_api_termination = false;
  std::string shutdown_behavior = "stop";
  std::string profile_association_id;
  Timestamp profile_associated_at;
  int boot = 1;             // counts starts; a reboot is one too
  bool force_stop = false;  // the next stop does not wait for its processes
  int booted = 0;           // the boot whose sandbox has been started
  int endpoint_port = 0;    // where it finds the API inside: that of the cloud it was booted by, whatever later ones use
  Timestamp state_since;
  std::string metadata_key;  // signs the tokens of its metadata service, so that they outlive the cloud
};
PDS_SHAPE(InstanceRecord, FIELD(instance, "Instance"), FIELD(reservation_id, "ReservationId"), FIELD(user_data, "UserData"),
          FIELD(user_data_done, "UserDataDone"), FIELD(disable_api_termination, "DisableApiTermination"),
          FIELD(shutdown_behavior, "ShutdownBehavior"), FIELD(profile_association_id, "ProfileAssociationId"),
          FIELD(profile_associated_at, "ProfileAssociatedAt"), FIELD(boot, "Boot"), FIELD(booted, "Booted"),
          FIELD(force_stop, "ForceStop"), FIELD(endpoint_port, "EndpointPort"), FIELD(state_since, "StateSince"),
          FIELD(metadata_key, "MetadataKey").sensitive())

// Remembers which instances a client token has made, for as long as those exist.
struct LaunchToken {
  std::string reservation_id;
  std::string parameters_digest;  // the same token with other parameters is refused
};
PDS_SHAPE(LaunchToken, FIELD(reservation_id, "ReservationId"), FIELD(parameters_digest, "ParametersDigest"))

struct State {
  explicit State(Core& c)
      : core(c),
        tags(c.store, c.table("ec2", "tags")),
        vpcs(c.store, c.table("ec2", "vpcs")),
        subnets(c.store, c.table("ec2", "subnets")),
        gateways(c.store, c.table("ec2", "internet-gateways")),
        route_tables(c.store, c.table("ec2", "route-tables")),
        security_groups(c.store, c.table("ec2", "security-groups")),
        rules(c.store, c.table("ec2", "security-group-rules")),
        launch_templates(c.store, c.table("ec2", "launch-templates")),
        instances(c.store, c.table("ec2", "instances")),
        launch_tokens(c.store, c.table("ec2", "launch-tokens")) {}

  Core& core;
  Table<TagsRecord> tags;
  Table<VpcRecord> vpcs;
  Table<aws::ec2::Subnet> subnets;  // available addresses are counted when described
  Table<aws::ec2::InternetGateway> gateways;
  Table<aws::ec2::RouteTable> route_tables;
  Table<aws::ec2::SecurityGroup> security_groups;  // without permissions: those are made of the rules
  Table<aws::ec2::SecurityGroupRule> rules;
  Table<LaunchTemplateRecord> launch_templates;
  Table<InstanceRecord> instances;
  Table<LaunchToken> launch_tokens;

  // "vpc-0f3a...": the prefix and 17 hexadecimal digits.
  std::string new_id(std::string_view prefix) { return std::string(prefix) + core.random.text(17, "0123456789abcdef"); }
  std::vector<aws::ec2::Tag> tags_of(std::string_view resource_id) const;
  void set_tags(const std::string& resource_id, std::string resource_type, const std::vector<aws::ec2::Tag>& added);
  void forget_tags(const std::string& resource_id) { tags.erase(resource_id); }
  // Anything that can be tagged.
  bool resource_exists(std::string_view resource_id) const;
};

}  // namespace pds::cloud::ec2
