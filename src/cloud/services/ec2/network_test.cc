#include "cloud/services/ec2/cidr.h"
#include "cloud/services/ec2/test_world.h"

namespace pds::cloud::ec2 {
namespace {

using testing::World;

TEST(Cidr, ReadsBlocksAndRefusesOthers) {
  auto block = parse_cidr("10.0.1.77/24");
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(block->text(), "10.0.1.0/24");
  EXPECT_EQ(block->size(), 256u);
  EXPECT_TRUE(block->contains(*parse_ipv4("10.0.1.255")));
  EXPECT_FALSE(block->contains(*parse_ipv4("10.0.2.0")));
  EXPECT_TRUE(parse_cidr("0.0.0.0/0")->contains(*block));
  for (const char* bad :
       {"", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.256/8", "010.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/8 ", "a/8"})
    EXPECT_FALSE(parse_cidr(bad).has_value()) << bad;
}

TEST(Network, AnAccountBeginsWithADefaultVpcAndASubnetPerZone) {
  World world;
  auto vpcs = world.ec2->vpcs().describe_vpcs(world.call(), {});
  ASSERT_EQ(vpcs->vpcs.size(), 1u);
  EXPECT_TRUE(vpcs->vpcs[0].is_default);
  EXPECT_EQ(vpcs->vpcs[0].cidr_block, "172.31.0.0/16");
  auto subnets = world.ec2->subnets().describe_subnets(world.call(), {});
  ASSERT_EQ(subnets->subnets.size(), 3u);
  EXPECT_EQ(subnets->subnets[0].available_ip_address_count, 4091);
  world.restart();
  EXPECT_EQ(world.ec2->vpcs().describe_vpcs(world.call(), {})->vpcs[0].vpc_id, vpcs->vpcs[0].vpc_id);
}

struct Network {
  explicit Network(World& world) : w(world) {
    aws::ec2::CreateVpcRequest vpc;
    vpc.cidr_block = "10.0.0.0/16";
    vpc_id = w.ec2->vpcs().create_vpc(w.call(), vpc)->vpc.vpc_id;
  }
  Result<aws::ec2::CreateSubnetReply> subnet(std::string block, std::string zone = "us-east-1a") {
    aws::ec2::CreateSubnetRequest request;
    request.vpc_id = vpc_id, request.cidr_block = block, request.availability_zone = zone;
    return w.ec2->subnets().create_subnet(w.call(), request);
  }
  World& w;
  std::string vpc_id;
};

TEST(Network, SubnetsLieInTheirVpcAndDoNotOverlap) {
  World world;
  Network net(world);
  ASSERT_TRUE(net.subnet("10.0.1.0/24").has_value());
  EXPECT_EQ(net.subnet("10.0.1.128/25").error().code, "InvalidSubnet.Conflict");
  EXPECT_EQ(net.subnet("10.1.0.0/24").error().code, "InvalidSubnet.Range");
  EXPECT_EQ(net.subnet("10.0.2.0/29").error().code, "InvalidSubnet.Range");
  EXPECT_EQ(net.subnet("10.0.2.0/24", "us-east-1z").error().code, "InvalidParameterValue");
  EXPECT_EQ(net.subnet("nonsense").error().code, "InvalidParameterValue");
}

TEST(Network, NothingInUseIsDeleted) {
  World world;
  Network net(world);
  std::string subnet = net.subnet("10.0.1.0/24")->subnet.subnet_id;
  auto launch = world.launch_request();
  launch.subnet_id = subnet;
  auto run = world.ec2->instances().run_instances(world.call(), launch);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->instances[0].private_ip_address, "10.0.1.4");
  EXPECT_EQ(run->instances[0].private_dns_name, "ip-10-0-1-4.ec2.internal");
  aws::ec2::DeleteSubnetRequest delete_subnet;
  delete_subnet.subnet_id = subnet;
  EXPECT_EQ(world.ec2->subnets().delete_subnet(world.call(), delete_subnet).error().code, "DependencyViolation");
  aws::ec2::DeleteVpcRequest delete_vpc;
  delete_vpc.vpc_id = net.vpc_id;
  EXPECT_EQ(world.ec2->vpcs().delete_vpc(world.call(), delete_vpc).error().code, "DependencyViolation");
}

TEST(Network, ARouteThroughADetachedGatewayIsABlackHole) {
  World world;
  Network net(world);
  std::string gateway =
      world.ec2->internet_gateways().create_internet_gateway(world.call(), {})->internet_gateway.internet_gateway_id;
  aws::ec2::CreateRouteTableRequest create;
  create.vpc_id = net.vpc_id;
  std::string table = world.ec2->route_tables().create_route_table(world.call(), create)->route_table.route_table_id;
  aws::ec2::CreateRouteRequest route;
  route.route_table_id = table, route.destination_cidr_block = "0.0.0.0/0", route.gateway_id = gateway;
  EXPECT_EQ(world.ec2->route_tables().create_route(world.call(), route).error().code, "InvalidParameterValue");
  aws::ec2::AttachInternetGatewayRequest attach;
  attach.internet_gateway_id = gateway, attach.vpc_id = net.vpc_id;
  ASSERT_TRUE(world.ec2->internet_gateways().attach_internet_gateway(world.call(), attach).has_value());
  ASSERT_TRUE(world.ec2->route_tables().create_route(world.call(), route).has_value());
  aws::ec2::DescribeRouteTablesRequest describe;
  describe.route_table_ids = {table};
  EXPECT_EQ(world.ec2->route_tables().describe_route_tables(world.call(), describe)->route_tables[0].routes[1].state, "active");
  aws::ec2::DetachInternetGatewayRequest detach;
  detach.internet_gateway_id = gateway, detach.vpc_id = net.vpc_id;
  ASSERT_TRUE(world.ec2->internet_gateways().detach_internet_gateway(world.call(), detach).has_value());
  EXPECT_EQ(world.ec2->route_tables().describe_route_tables(world.call(), describe)->route_tables[0].routes[1].state, "blackhole");
}

TEST(Network, GroupsDecideAboutInstances) {
  World world;
  Network net(world);
  auto make_group = [&](const char* name) {
    aws::ec2::CreateSecurityGroupRequest request;
    request.group_name = name, request.description = name, request.vpc_id = net.vpc_id;
    return world.ec2->security_groups().create_security_group(world.call(), request)->group_id;
  };
  std::string balancer = make_group("balancer"), app = make_group("app");
  auto launch = world.launch_request();
  launch.subnet_id = net.subnet("10.0.1.0/24")->subnet.subnet_id;
  launch.security_group_ids = {app};
  std::string id = world.ec2->instances().run_instances(world.call(), launch)->instances[0].instance_id;
  EXPECT_FALSE(world.ec2->allows(id, 9898, {.security_groups = {balancer}, .address = "10.0.1.9"}));
  aws::ec2::AuthorizeSecurityGroupIngressRequest request;
  request.group_id = app;
  auto& permission = request.ip_permissions.emplace_back();
  permission.ip_protocol = "tcp", permission.from_port = permission.to_port = 9898;
  permission.user_id_group_pairs.emplace_back().group_id = balancer;
  ASSERT_TRUE(world.ec2->security_groups().authorize_security_group_ingress(world.call(), request).has_value());
  EXPECT_EQ(world.ec2->security_groups().authorize_security_group_ingress(world.call(), request).error().code,
            "InvalidPermission.Duplicate");
  EXPECT_TRUE(world.ec2->allows(id, 9898, {.security_groups = {balancer}, .address = "10.0.1.9"}));
  EXPECT_FALSE(world.ec2->allows(id, 9899, {.security_groups = {balancer}, .address = "10.0.1.9"}));
  EXPECT_FALSE(world.ec2->allows(id, 9898, {.security_groups = {}, .address = "10.0.1.9"}));
  aws::ec2::DeleteSecurityGroupRequest remove;
  remove.group_id = balancer;
  EXPECT_EQ(world.ec2->security_groups().delete_security_group(world.call(), remove).error().code, "DependencyViolation");
  aws::ec2::RevokeSecurityGroupIngressRequest revoke;
  revoke.group_id = app, revoke.ip_permissions = request.ip_permissions;
  ASSERT_TRUE(world.ec2->security_groups().revoke_security_group_ingress(world.call(), revoke).has_value());
  EXPECT_TRUE(world.ec2->security_groups().delete_security_group(world.call(), remove).has_value());
  EXPECT_EQ(world.ec2->security_groups().revoke_security_group_ingress(world.call(), revoke).error().code,
            "InvalidPermission.NotFound");
}

TEST(Describe, FiltersByValueTagAndWildcardAndRefusesUnknownOnes) {
  World world;
  Network net(world);
  aws::ec2::CreateTagsRequest tag;
  tag.resources = {net.vpc_id}, tag.tags = {{.key = "Name", .value = "podinfo"}};
  ASSERT_TRUE(world.ec2->tags().create_tags(world.call(), tag).has_value());
  auto count = [&](std::string name, std::string value) {
    aws::ec2::DescribeVpcsRequest request;
    request.filters = {{.name = name, .values = {value}}};
    auto reply = world.ec2->vpcs().describe_vpcs(world.call(), request);
    return reply ? static_cast<int>(reply->vpcs.size()) : -1;
  };
  EXPECT_EQ(count("tag:Name", "podinfo"), 1);
  EXPECT_EQ(count("tag:Name", "pod*"), 1);
  EXPECT_EQ(count("tag:Name", "other"), 0);
  EXPECT_EQ(count("tag-key", "Name"), 1);
  EXPECT_EQ(count("is-default", "true"), 1);
  EXPECT_EQ(count("cidr", "10.0.0.0/16"), 1);
  EXPECT_EQ(count("colour", "red"), -1);
}

TEST(Tags, AwsKeysAreTheCloudsOwnAndThereAreBounds) {
  World world;
  Network net(world);
  aws::ec2::CreateTagsRequest request;
  request.resources = {net.vpc_id};
  auto code_of = [&](std::vector<aws::ec2::Tag> tags) {
    request.tags = std::move(tags);
    auto reply = world.ec2->tags().create_tags(world.call(), request);
    return reply ? std::string() : reply.error().code;
  };
  EXPECT_EQ(code_of({{.key = "aws:mine", .value = "x"}}), "InvalidParameterValue");
  EXPECT_EQ(code_of({{.key = "a", .value = "1"}, {.key = "a", .value = "2"}}), "InvalidParameterValue");
  std::vector<aws::ec2::Tag> many;
  for (int i = 0; i < 50; ++i) many.push_back({.key = "k" + std::to_string(i), .value = ""});
  EXPECT_EQ(code_of(many), "");
  EXPECT_EQ(code_of({{.key = "one more", .value = ""}}), "TagLimitExceeded");
  request.resources = {"vpc-00000000000000000"};
  EXPECT_EQ(code_of({{.key = "a", .value = ""}}), "InvalidVpcID.NotFound");
}

}  // namespace
}  // namespace pds::cloud::ec2
