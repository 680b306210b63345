// S3's operations that are not done here: what their requests carry in the query, so that each is refused by its name and never
// taken for one that is done. PUT of a key with ?renameObject must not store an object.
#include "cloud/services/s3/request.h"

namespace pds::cloud::s3 {
namespace {

struct Rule {
  std::string_view marker;  // a query parameter that must be present
  bool has_key;
  std::string_view method, operation;
  std::string_view also = "";  // another one
};

// The first that fits decides.
constexpr Rule rules[] = {
    {"abac", false, "GET", "GetBucketAbac"},
    {"abac", false, "PUT", "PutBucketAbac"},
    {"accelerate", false, "GET", "GetBucketAccelerateConfiguration"},
    {"accelerate", false, "PUT", "PutBucketAccelerateConfiguration"},
    {"acl", false, "GET", "GetBucketAcl"},
    {"acl", false, "PUT", "PutBucketAcl"},
    {"acl", true, "GET", "GetObjectAcl"},
    {"acl", true, "PUT", "PutObjectAcl"},
    {"analytics", false, "DELETE", "DeleteBucketAnalyticsConfiguration"},
    {"analytics", false, "GET", "GetBucketAnalyticsConfiguration", "id"},
    {"analytics", false, "GET", "ListBucketAnalyticsConfigurations"},
    {"analytics", false, "PUT", "PutBucketAnalyticsConfiguration"},
    {"attributes", true, "GET", "GetObjectAttributes"},
    {"cors", false, "DELETE", "DeleteBucketCors"},
    {"cors", false, "GET", "GetBucketCors"},
    {"cors", false, "PUT", "PutBucketCors"},
    {"encryption", false, "DELETE", "DeleteBucketEncryption"},
    {"encryption", false, "GET", "GetBucketEncryption"},
    {"encryption", false, "PUT", "PutBucketEncryption"},
    {"encryption", true, "PUT", "UpdateObjectEncryption"},
    {"intelligent-tiering", false, "DELETE", "DeleteBucketIntelligentTieringConfiguration"},
    {"intelligent-tiering", false, "GET", "GetBucketIntelligentTieringConfiguration", "id"},
    {"intelligent-tiering", false, "GET", "ListBucketIntelligentTieringConfigurations"},
    {"intelligent-tiering", false, "PUT", "PutBucketIntelligentTieringConfiguration"},
    {"inventory", false, "DELETE", "DeleteBucketInventoryConfiguration"},
    {"inventory", false, "GET", "GetBucketInventoryConfiguration", "id"},
    {"inventory", false, "GET", "ListBucketInventoryConfigurations"},
    {"inventory", false, "PUT", "PutBucketInventoryConfiguration"},
    {"legal-hold", true, "GET", "GetObjectLegalHold"},
    {"legal-hold", true, "PUT", "PutObjectLegalHold"},
    {"lifecycle", false, "DELETE", "DeleteBucketLifecycle"},
    {"lifecycle", false, "GET", "GetBucketLifecycleConfiguration"},
    {"lifecycle", false, "PUT", "PutBucketLifecycleConfiguration"},
    {"logging", false, "GET", "GetBucketLogging"},
    {"logging", false, "PUT", "PutBucketLogging"},
    {"metadataConfiguration", false, "DELETE", "DeleteBucketMetadataConfiguration"},
    {"metadataConfiguration", false, "GET", "GetBucketMetadataConfiguration"},
    {"metadataConfiguration", false, "POST", "CreateBucketMetadataConfiguration"},
    {"metadataInventoryTable", false, "PUT", "UpdateBucketMetadataInventoryTableConfiguration"},
    {"metadataJournalTable", false, "PUT", "UpdateBucketMetadataJournalTableConfiguration"},
    {"metadataTable", false, "DELETE", "DeleteBucketMetadataTableConfiguration"},
    {"metadataTable", false, "GET", "GetBucketMetadataTableConfiguration"},
    {"metadataTable", false, "POST", "CreateBucketMetadataTableConfiguration"},
    {"metrics", false, "DELETE", "DeleteBucketMetricsConfiguration"},
    {"metrics", false, "GET", "GetBucketMetricsConfiguration", "id"},
    {"metrics", false, "GET", "ListBucketMetricsConfigurations"},
    {"metrics", false, "PUT", "PutBucketMetricsConfiguration"},
    {"notification", false, "GET", "GetBucketNotificationConfiguration"},
    {"notification", false, "PUT", "PutBucketNotificationConfiguration"},
    {"object-lock", false, "GET", "GetObjectLockConfiguration"},
    {"object-lock", false, "PUT", "PutObjectLockConfiguration"},
    {"ownershipControls", false, "DELETE", "DeleteBucketOwnershipControls"},
    {"ownershipControls", false, "GET", "GetBucketOwnershipControls"},
    {"ownershipControls", false, "PUT", "PutBucketOwnershipControls"},
    {"policyStatus", false, "GET", "GetBucketPolicyStatus"},
    {"publicAccessBlock", false, "DELETE", "DeletePublicAccessBlock"},
    {"publicAccessBlock", false, "GET", "GetPublicAccessBlock"},
    {"publicAccessBlock", false, "PUT", "PutPublicAccessBlock"},
    {"renameObject", true, "PUT", "RenameObject"},
    {"replication", false, "DELETE", "DeleteBucketReplication"},
    {"replication", false, "GET", "GetBucketReplication"},
    {"replication", false, "PUT", "PutBucketReplication"},
    {"requestPayment", false, "GET", "GetBucketRequestPayment"},
    {"requestPayment", false, "PUT", "PutBucketRequestPayment"},
    {"restore", true, "POST", "RestoreObject"},
    {"retention", true, "GET", "GetObjectRetention"},
    {"retention", true, "PUT", "PutObjectRetention"},
    {"select", true, "POST", "SelectObjectContent"},
    {"session", false, "GET", "CreateSession"},
    {"tagging", false, "DELETE", "DeleteBucketTagging"},
    {"tagging", false, "GET", "GetBucketTagging"},
    {"tagging", false, "PUT", "PutBucketTagging"},
    {"tagging", true, "DELETE", "DeleteObjectTagging"},
    {"tagging", true, "GET", "GetObjectTagging"},
    {"tagging", true, "PUT", "PutObjectTagging"},
    {"torrent", true, "GET", "GetObjectTorrent"},
    {"website", false, "DELETE", "DeleteBucketWebsite"},
    {"website", false, "GET", "GetBucketWebsite"},
    {"website", false, "PUT", "PutBucketWebsite"},
};

}  // namespace

std::optional<std::string> refused_operation(std::string_view method, const Request& request) {
  bool foreign = false;
  for (const Rule& rule : rules) {
    if (!request.query.contains(rule.marker)) continue;
    foreign = true;
    bool also = rule.also.empty() || request.query.contains(rule.also);
    if (rule.method == method && rule.has_key != request.key.empty() && also) return std::string(rule.operation);
  }
  if (foreign) return "";
  return std::nullopt;
}

}  // namespace pds::cloud::s3
