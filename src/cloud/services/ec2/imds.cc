#include "cloud/services/ec2/imds.h"

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/place.h"

namespace pds::cloud::ec2 {

namespace {

http::Response text_reply(std::string body) { return http::Response::text(200, std::move(body), "text/plain"); }

http::Response refusal(int status) {
  std::string phrase(http::standard_reason(status));
  return http::Response::text(
      status,
      fmt::format("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>{} - {}</title></head><body>"
                  "<h1>{} - {}</h1></body></html>\n",
                  status, phrase, status, phrase),
      "text/html");
}

std::string token_signature(const InstanceRecord& record, std::string_view expiry) {
  return to_hex(hmac_sha256(record.metadata_key, record.instance.instance_id + " " + std::string(expiry)));
}

// A leaf's content, or the names in a folder, those of folders ending in "/".
http::Response look_up(const std::map<std::string, std::string>& tree, std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  if (auto it = tree.find(path); it != tree.end()) return text_reply(it->second);
  std::string folder = path.empty() ? "" : path + "/";
  std::string listing, last;
  for (auto it = tree.lower_bound(folder); it != tree.end() && it->first.starts_with(folder); ++it) {
    std::string name = it->first.substr(folder.size());
    if (size_t slash = name.find('/'); slash != std::string::npos) name.resize(slash + 1);
    if (name == last) continue;
    listing += listing.empty() ? name : "\n" + name;
    last = name;
  }
  return listing.empty() ? refusal(404) : text_reply(std::move(listing));
}

std::string lines(const std::vector<aws::ec2::GroupIdentifier>& groups, bool ids) {
  std::string text;
  for (const auto& group : groups) text += (text.empty() ? "" : "\n") + (ids ? group.group_id : group.group_name);
  return text;
}

}  // namespace

http::Response Imds::issue_token(const http::Request& request, const InstanceRecord& record, Timestamp now) const {
  if (request.head.headers.find("X-Forwarded-For")) return refusal(403);  // somebody else's request, passed on by a proxy inside
  auto ttl = parse_int(request.head.headers.get("X-aws-ec2-metadata-token-ttl-seconds"));
  if (!ttl || *ttl < 1 || *ttl > token_ttl_seconds_max) return refusal(400);
  std::string expiry = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() + *ttl);
  http::Response response = text_reply(expiry + "." + token_signature(record, expiry));
  response.head.headers.set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", std::to_string(*ttl));
  return response;
}

bool Imds::token_is_good(std::string_view token, const InstanceRecord& record, Timestamp now) const {
  size_t dot = token.find('.');
  if (dot == std::string_view::npos) return false;
  auto expiry = parse_int(token.substr(0, dot));
  if (!expiry || now >= from_epoch_seconds(static_cast<double>(*expiry))) return false;
  return constant_time_equal(token.substr(dot + 1), token_signature(record, token.substr(0, dot)));
}

Result<aws::Credentials> Imds::credentials(const std::string& role_arn, Timestamp now) {
  if (cached_role_ == role_arn && now + credentials_renewed_before < cached_until_) return cached_;
  TRY(cached_, roles_.issue(role_arn, instance_id_, "ec2.amazonaws.com", credentials_valid_for));
  cached_role_ = role_arn;
  cached_since_ = now;
  cached_until_ = cached_.expires.value_or(now + credentials_valid_for);
  return cached_;
}

void Imds::add_role(std::map<std::string, std::string>& tree, const InstanceRecord& record, Timestamp now) {
  if (!record.instance.iam_instance_profile) return;
  auto profile = roles_.find_instance_profile(record.instance.iam_instance_profile->arn);
  if (!profile || profile->role_arn.empty()) return;
  auto issued = credentials(profile->role_arn, now);
  json::object info, keys;
  info["Code"] = "Success";
  info["LastUpdated"] = to_iso8601(issued ? cached_since_ : now);
  info["InstanceProfileArn"] = profile->arn;
  info["InstanceProfileId"] = profile->id;
  keys["Code"] = issued ? "Success" : "AssumeRoleUnauthorizedAccess";
  keys["LastUpdated"] = info["LastUpdated"];
  if (issued) {
    keys["Type"] = "AWS-HMAC";
    keys["AccessKeyId"] = issued->access_key_id;
    keys["SecretAccessKey"] = issued->secret_access_key;
    keys["Token"] = issued->session_token;
    keys["Expiration"] = to_iso8601(cached_until_);
  } else {
    keys["Message"] = issued.error().message;
  }
  tree["iam/info"] = to_pretty_text(info);
  tree["iam/security-credentials/" + profile->role_name] = to_pretty_text(keys);
}

void Imds::add_network(std::map<std::string, std::string>& tree, const InstanceRecord& record) const {
  const aws::ec2::Instance& instance = record.instance;
  if (instance.network_interfaces.empty()) return;
  const auto& interface = instance.network_interfaces.front();
  const aws::ec2::Subnet* subnet = state_.subnets.find(instance.subnet_id);
  const VpcRecord* vpc = state_.vpcs.find(instance.vpc_id);
  std::string folder = "network/interfaces/macs/" + interface.mac_address + "/";
  tree["mac"] = tree[folder + "mac"] = interface.mac_address;
  tree[folder + "device-number"] = "0";
  tree[folder + "interface-id"] = interface.network_interface_id;
  tree[folder + "local-hostname"] = instance.private_dns_name;
  tree[folder + "local-ipv4s"] = instance.private_ip_address;
  tree[folder + "owner-id"] = interface.owner_id;
  tree[folder + "security-group-ids"] = lines(interface.groups, true);
  tree[folder + "security-groups"] = lines(interface.groups, false);
  tree[folder + "subnet-id"] = instance.subnet_id;
  tree[folder + "vpc-id"] = instance.vpc_id;
  if (subnet) tree[folder + "subnet-ipv4-cidr-block"] = subnet->cidr_block;
  if (vpc) tree[folder + "vpc-ipv4-cidr-block"] = tree[folder + "vpc-ipv4-cidr-blocks"] = vpc->vpc.cidr_block;
}

std::map<std::string, std::string> Imds::metadata(const InstanceRecord& record, Timestamp now) {
  const aws::ec2::Instance& instance = record.instance;
  std::map<std::string, std::string> tree;
  tree["ami-id"] = instance.image_id;
  tree["ami-launch-index"] = std::to_string(instance.ami_launch_index);
  tree["hostname"] = tree["local-hostname"] = instance.private_dns_name;
  tree["instance-action"] = "none";
  tree["instance-id"] = instance.instance_id;
  tree["instance-life-cycle"] = "on-demand";
  tree["instance-type"] = instance.instance_type;
  tree["local-ipv4"] = instance.private_ip_address;
  tree["placement/availability-zone"] = instance.placement.availability_zone;
  tree["placement/availability-zone-id"] = zone_id(instance.placement.availability_zone);
  tree["placement/region"] = state_.core.region;
  tree["profile"] = "default-hvm";
  tree["reservation-id"] = record.reservation_id;
  tree["security-groups"] = lines(instance.security_groups, false);
  tree["services/domain"] = "amazonaws.com";
  tree["services/partition"] = "aws";
  add_network(tree, record);
  add_role(tree, record, now);
  if (instance.metadata_options.instance_metadata_tags == "enabled")
    for (const auto& tag : state_.tags_of(instance.instance_id)) tree["tags/instance/" + tag.key] = tag.value;
  return tree;
}

std::string Imds::identity_document(const InstanceRecord& record) const {
  const aws::ec2::Instance& instance = record.instance;
  json::object document;
  document["accountId"] = state_.core.account;
  document["architecture"] = instance.architecture;
  document["availabilityZone"] = instance.placement.availability_zone;
  for (const char* absent : {"billingProducts", "devpayProductCodes", "marketplaceProductCodes", "kernelId", "ramdiskId"})
    document[absent] = nullptr;
  document["imageId"] = instance.image_id;
  document["instanceId"] = instance.instance_id;
  document["instanceType"] = instance.instance_type;
  document["pendingTime"] = to_iso8601(instance.launch_time);
  document["privateIp"] = instance.private_ip_address;
  document["region"] = state_.core.region;
  document["version"] = "2017-09-30";
  return to_pretty_text(document);
}

http::Response Imds::answer(const http::Request& request, Timestamp now) {
  const InstanceRecord* record = state_.instances.find(instance_id_);
  if (!record) return refusal(404);
  const auto& options = record->instance.metadata_options;
  if (options.http_endpoint != "enabled") return refusal(403);
  std::string path = percent_decode(request.head.path()).value_or("");
  if (request.head.method == "PUT") return path == "/latest/api/token" ? issue_token(request, *record, now) : refusal(404);
  if (request.head.method != "GET" && request.head.method != "HEAD") return refusal(405);
  auto token = request.head.headers.find("X-aws-ec2-metadata-token");
  bool admitted = token ? token_is_good(*token, *record, now) : options.http_tokens == "optional";
  if (!admitted) return refusal(401);
  if (path == "/") return text_reply("latest");
  if (path == "/latest" || path == "/latest/")
    return text_reply(record->user_data.empty() ? "dynamic\nmeta-data" : "dynamic\nmeta-data\nuser-data");
  constexpr std::string_view metadata_root = "/latest/meta-data";
  if (path == metadata_root || path.starts_with(std::string(metadata_root) + "/"))
    return look_up(metadata(*record, now), path.size() > metadata_root.size() ? path.substr(metadata_root.size() + 1) : "");
  if (path == "/latest/user-data" && !record->user_data.empty())
    return http::Response::text(200, from_base64(record->user_data).value_or(""), "application/octet-stream");
  if (path == "/latest/dynamic/instance-identity/document") return text_reply(identity_document(*record));
  if (path == "/latest/dynamic" || path == "/latest/dynamic/") return text_reply("instance-identity/");
  if (path == "/latest/dynamic/instance-identity" || path == "/latest/dynamic/instance-identity/") return text_reply("document");
  return refusal(404);
}

}  // namespace pds::cloud::ec2
