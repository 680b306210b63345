#include "cloud/services/ec2/internet_gateway.h"

#include <fmt/core.h>

#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

FilterValues gateway_filter(const aws::ec2::InternetGateway& gateway, std::string_view name) {
  if (name == "internet-gateway-id") return one_value(gateway.internet_gateway_id);
  if (name == "owner-id") return one_value(gateway.owner_id);
  if (name != "attachment.vpc-id" && name != "attachment.state") return std::nullopt;
  std::vector<std::string> values;
  for (const auto& attachment : gateway.attachments)
    values.push_back(name == "attachment.vpc-id" ? attachment.vpc_id : attachment.state);
  return values;
}

}  // namespace

Result<const aws::ec2::InternetGateway*> InternetGateways::at(const std::string& gateway_id) const {
  const aws::ec2::InternetGateway* gateway = state_.gateways.find(gateway_id);
  if (!gateway) return no_such("InvalidInternetGatewayID.NotFound", "internetGateway ID", gateway_id);
  return gateway;
}

Result<aws::ec2::CreateInternetGatewayReply> InternetGateways::create_internet_gateway(
    const Call& call, const aws::ec2::CreateInternetGatewayRequest& request) {
  CHECK(begin("CreateInternetGateway", request));
  TRY(auto tags, tags_for(request.tag_specifications, "internet-gateway", call));
  std::string id = state_.new_id("igw-");
  aws::ec2::InternetGateway gateway{.attachments = {}, .internet_gateway_id = id, .owner_id = state_.core.account, .tags = {}};
  state_.gateways.put(id, gateway);
  state_.set_tags(id, "internet-gateway", tags);
  gateway.tags = state_.tags_of(id);
  return aws::ec2::CreateInternetGatewayReply{.internet_gateway = std::move(gateway)};
}

Result<aws::ec2::AttachInternetGatewayReply> InternetGateways::attach_internet_gateway(
    const Call&, const aws::ec2::AttachInternetGatewayRequest& request) {
  CHECK(begin("AttachInternetGateway", request));
  TRY(const auto* gateway, at(request.internet_gateway_id));
  if (!state_.vpcs.contains(request.vpc_id)) return no_such("InvalidVpcID.NotFound", "vpc ID", request.vpc_id);
  if (!gateway->attachments.empty())
    return fail("Resource.AlreadyAssociated", fmt::format("resource {} is already attached to network {}",
                                                          request.internet_gateway_id, gateway->attachments.front().vpc_id));
  for (const auto& [id, other] : state_.gateways.rows())
    for (const auto& attachment : other.attachments)
      if (attachment.vpc_id == request.vpc_id)
        return fail("InvalidParameterValue", fmt::format("Network {} already has an internet gateway attached", request.vpc_id));
  state_.gateways.update(request.internet_gateway_id,
                         [&](auto& changed) { changed.attachments = {{.state = "available", .vpc_id = request.vpc_id}}; });
  return aws::Empty{};
}

Result<aws::ec2::DetachInternetGatewayReply> InternetGateways::detach_internet_gateway(
    const Call&, const aws::ec2::DetachInternetGatewayRequest& request) {
  CHECK(begin("DetachInternetGateway", request));
  TRY(const auto* gateway, at(request.internet_gateway_id));
  bool attached = !gateway->attachments.empty() && gateway->attachments.front().vpc_id == request.vpc_id;
  if (!attached)
    return fail("Gateway.NotAttached",
                fmt::format("resource {} is not attached to network {}", request.internet_gateway_id, request.vpc_id));
  state_.gateways.update(request.internet_gateway_id, [](auto& changed) { changed.attachments.clear(); });
  return aws::Empty{};
}

Result<aws::ec2::DeleteInternetGatewayReply> InternetGateways::delete_internet_gateway(
    const Call&, const aws::ec2::DeleteInternetGatewayRequest& request) {
  CHECK(begin("DeleteInternetGateway", request));
  TRY(const auto* gateway, at(request.internet_gateway_id));
  if (!gateway->attachments.empty()) return dependency_violation("internetGateway", request.internet_gateway_id);
  state_.gateways.erase(request.internet_gateway_id);
  state_.forget_tags(request.internet_gateway_id);
  return aws::Empty{};
}

Result<aws::ec2::DescribeInternetGatewaysReply> InternetGateways::describe_internet_gateways(
    const Call&, const aws::ec2::DescribeInternetGatewaysRequest& request) {
  CHECK(begin("DescribeInternetGateways", request));
  std::vector<aws::ec2::InternetGateway> gateways;
  for (const auto& [id, gateway] : state_.gateways.rows()) {
    gateways.push_back(gateway);
    gateways.back().tags = state_.tags_of(id);
  }
  TRY(auto page, describe(
                     std::move(gateways),
                     {.ids = request.internet_gateway_ids,
                      .not_found_code = "InvalidInternetGatewayID.NotFound",
                      .noun = "internetGateway ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& gateway) { return gateway.internet_gateway_id; }, gateway_filter));
  return aws::ec2::DescribeInternetGatewaysReply{.internet_gateways = std::move(page.items), .next_token = page.next_token};
}

}  // namespace pds::cloud::ec2
