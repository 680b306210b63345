// What Lambda remembers, one table each. Keys are given beside each record; names cannot contain ':'.
#pragma once

#include "aws/shapes/lambda.h"

namespace pds::cloud::lambda {

inline constexpr std::string_view latest = "$LATEST";

// "functions", by name.
struct FunctionRecord {
  std::string name;
  Timestamp created{};
  int64_t last_version = 0;        // numbers are never used twice, even after a version was deleted
  std::string published_revision;  // configuration_id of $LATEST when last_version was made from it
  std::map<std::string, std::string> tags;
};
PDS_SHAPE(FunctionRecord, FIELD(name, "name"), FIELD(created, "created"), FIELD(last_version, "last_version"),
          FIELD(published_revision, "published_revision"), FIELD(tags, "tags"))

// "versions", by version_key(). $LATEST is one of them; the others never change but for their state.
struct VersionRecord {
  std::string function, version;
  std::string configuration_id;  // what runs: a new one with every change of code or configuration
  std::string role, description, image_uri, image_repository, image_digest;
  int timeout = 3, memory_size = 128, ephemeral_storage = 512;
  std::optional<aws::lambda::Environment> environment;
  std::optional<aws::lambda::ImageConfig> image_config;
  std::string tracing_mode = "PassThrough", log_group, architecture = "x86_64";
  Timestamp last_modified{};
  std::string revision_id;
  std::string state = "Pending", state_reason, state_reason_code;
  std::string last_update_status, last_update_status_reason, last_update_status_reason_code;
};
PDS_SHAPE(VersionRecord, FIELD(function, "function"), FIELD(version, "version"), FIELD(configuration_id, "configuration_id"),
          FIELD(role, "role"), FIELD(description, "description"), FIELD(image_uri, "image_uri"),
          FIELD(image_repository, "image_repository"), FIELD(image_digest, "image_digest"), FIELD(timeout, "timeout"),
          FIELD(memory_size, "memory_size"), FIELD(ephemeral_storage, "ephemeral_storage"), FIELD(environment, "environment"),
          FIELD(image_config, "image_config"), FIELD(tracing_mode, "tracing_mode"), FIELD(log_group, "log_group"),
          FIELD(architecture, "architecture"), FIELD(last_modified, "last_modified"), FIELD(revision_id, "revision_id"),
          FIELD(state, "state"), FIELD(state_reason, "state_reason"), FIELD(state_reason_code, "state_reason_code"),
          FIELD(last_update_status, "last_update_status"), FIELD(last_update_status_reason, "last_update_status_reason"),
          FIELD(last_update_status_reason_code, "last_update_status_reason_code"))

// "aliases", by "<function>:<name>".
struct AliasRecord {
  std::string function, name, version, description, revision_id;
  std::map<std::string, double> weights;  // at most one other version
};
PDS_SHAPE(AliasRecord, FIELD(function, "function"), FIELD(name, "name"), FIELD(version, "version"),
          FIELD(description, "description"), FIELD(revision_id, "revision_id"), FIELD(weights, "weights"))

struct StatementRecord {
  std::string id, action, principal;
  std::optional<std::string> source_arn, source_account, event_source_token, url_auth_type;
  std::optional<bool> invoked_via_url;
};
PDS_SHAPE(StatementRecord, FIELD(id, "id"), FIELD(action, "action"), FIELD(principal, "principal"), FIELD(source_arn, "source_arn"),
          FIELD(source_account, "source_account"), FIELD(event_source_token, "event_source_token"),
          FIELD(url_auth_type, "url_auth_type"), FIELD(invoked_via_url, "invoked_via_url"))

// "policies", by "<function>:<qualifier>", qualifier empty for the function itself.
struct PolicyRecord {
  std::string function, qualifier, revision_id;
  std::vector<StatementRecord> statements;
};
PDS_SHAPE(PolicyRecord, FIELD(function, "function"), FIELD(qualifier, "qualifier"), FIELD(revision_id, "revision_id"),
          FIELD(statements, "statements"))

// "urls", by url_id: the first label of the host name.
struct UrlRecord {
  std::string url_id, function, qualifier, auth_type;
  std::optional<aws::lambda::Cors> cors;
  Timestamp created{}, modified{};
  bool streams = false;  // InvokeMode RESPONSE_STREAM
};
PDS_SHAPE(UrlRecord, FIELD(url_id, "url_id"), FIELD(function, "function"), FIELD(qualifier, "qualifier"),
          FIELD(auth_type, "auth_type"), FIELD(cors, "cors"), FIELD(created, "created"), FIELD(modified, "modified"),
          FIELD(streams, "streams"))

// "event_configs", by "<function>:<qualifier>".
struct EventConfigRecord {
  std::string function, qualifier;
  Timestamp modified{};
  std::optional<int> retries_max, age_seconds_max;
};
PDS_SHAPE(EventConfigRecord, FIELD(function, "function"), FIELD(qualifier, "qualifier"), FIELD(modified, "modified"),
          FIELD(retries_max, "retries_max"), FIELD(age_seconds_max, "age_seconds_max"))

// "events", by id: asynchronous invocations not yet done with.
struct EventRecord {
  std::string id, function, qualifier, client_context;
  aws::Blob payload;
  Timestamp received{}, due{};
  int failures = 0;  // the function ran and failed
  int refusals = 0;  // throttled, or the cloud could not run it
};
PDS_SHAPE(EventRecord, FIELD(id, "id"), FIELD(function, "function"), FIELD(qualifier, "qualifier"),
          FIELD(client_context, "client_context"), FIELD(payload, "payload"), FIELD(received, "received"), FIELD(due, "due"),
          FIELD(failures, "failures"), FIELD(refusals, "refusals"))

// "environments", by sandbox id: so that a cloud that starts knows whose the running sandboxes are.
struct EnvironmentRecord {
  std::string id, function, version, configuration_id, log_stream;
  int64_t log_position = 0;  // what has been handed to the log sink, up to a second ago
};
PDS_SHAPE(EnvironmentRecord, FIELD(id, "id"), FIELD(function, "function"), FIELD(version, "version"),
          FIELD(configuration_id, "configuration_id"), FIELD(log_stream, "log_stream"), FIELD(log_position, "log_position"))

}  // namespace pds::cloud::lambda
