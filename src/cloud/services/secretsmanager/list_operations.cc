// What the wire asks of many secrets or many versions.
#include <fmt/format.h>

#include <algorithm>

#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/secretsmanager/service.h"

namespace pds::cloud::secretsmanager {

namespace wire = aws::secretsmanager;

namespace {

bool has_word_prefix(std::string_view text, std::string_view prefix) {
  std::string lower = to_lower(text), wanted = to_lower(prefix);
  for (size_t at = 0; at < lower.size(); ++at) {
    bool word_begins = at == 0 || std::string_view(" ,/_+=.@-").find(lower[at - 1]) != std::string_view::npos;
    if (word_begins && std::string_view(lower).substr(at).starts_with(wanted)) return true;
  }
  return false;
}

bool matches_value(const Secret& secret, const std::string& key, std::string_view value) {
  auto any_tag = [&](auto text_of) {
    return std::any_of(secret.tags.begin(), secret.tags.end(), [&](const wire::Tag& t) { return text_of(t).starts_with(value); });
  };
  if (key == "name") return secret.name.starts_with(value);
  if (key == "description") return has_word_prefix(secret.description, value);
  if (key == "tag-key") return any_tag([](const wire::Tag& t) { return t.key.value_or(""); });
  if (key == "tag-value") return any_tag([](const wire::Tag& t) { return t.value.value_or(""); });
  return has_word_prefix(secret.name, value) || has_word_prefix(secret.description, value) ||
         std::any_of(secret.tags.begin(), secret.tags.end(), [&](const wire::Tag& t) {
           return has_word_prefix(t.key.value_or(""), value) || has_word_prefix(t.value.value_or(""), value);
         });
}

// Values of one filter are alternatives, and "!" turns one around; filters must all hold.
bool matches(const Secret& secret, const std::vector<wire::Filter>& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](const wire::Filter& filter) {
    return std::any_of(filter.values.begin(), filter.values.end(), [&](std::string_view value) {
      bool negated = value.starts_with('!');
      return matches_value(secret, *filter.key, negated ? value.substr(1) : value) != negated;
    });
  });
}

Result<void> check_filters(std::string_view operation, const std::vector<wire::Filter>& filters) {
  for (const wire::Filter& filter : filters) {
    std::string key = filter.key.value_or("");
    if (key == "primary-region" || key == "owning-service")
      return fail(
          "NotImplemented",
          fmt::format("{}: the filter {} is not supported: there are no replicas and no service-owned secrets", operation, key),
          501);
    if (key != "name" && key != "description" && key != "tag-key" && key != "tag-value" && key != "all")
      return fail("ValidationException",
                  fmt::format("Value '{}' at 'filters.key' failed to satisfy constraint: Member must satisfy enum value set: "
                              "[all, description, name, owning-service, primary-region, tag-key, tag-value]",
                              key));
    if (filter.values.empty()) return fail("InvalidParameterException", "A filter needs at least one value.");
  }
  return {};
}

wire::SecretListEntry list_entry(const Secret& secret) {
  wire::SecretListEntry e;
  e.arn = secret.arn, e.name = secret.name, e.kms_key_id = secret.kms_key_id;
  if (!secret.description.empty()) e.description = secret.description;
  if (secret.rotation_enabled || secret.rotation_function) {
    e.rotation_enabled = secret.rotation_enabled, e.rotation_lambda_arn = secret.rotation_function,
    e.rotation_rules = secret.rotation_rules;
    if (secret.rotation_enabled) e.next_rotation_date = secret.next_rotation;
  }
  e.last_rotated_date = secret.rotated, e.last_changed_date = secret.changed, e.last_accessed_date = secret.accessed;
  e.deleted_date = secret.deleted, e.created_date = secret.created, e.tags = secret.tags;
  e.secret_versions_to_stages = stages_by_version(secret);
  return e;
}

}  // namespace

Result<wire::BatchGetSecretValueReply> SecretsManager::batch_get_secret_value(const Call& call,
                                                                              const wire::BatchGetSecretValueRequest& request) {
  if (request.secret_id_list.empty() == request.filters.empty())
    return fail("InvalidParameterException", "Give either Filters or SecretIdList, not both.");
  CHECK(check_filters("BatchGetSecretValue", request.filters));
  std::vector<std::string> ids = request.secret_id_list;
  if (ids.size() > 20) return fail("InvalidParameterException", "SecretIdList holds at most 20 secrets.");
  wire::BatchGetSecretValueReply reply;
  if (ids.empty()) {
    for (const auto& [name, secret] : secrets_.rows()) {
      if (!secret.deleted && matches(secret, request.filters)) ids.push_back(name);
    }
    TRY(reply.next_token, aws::cut_page(
                              ids, request.next_token, request.max_results.value_or(0), 20, [](const auto& id) { return id; },
                              "InvalidNextTokenException"));
  }
  for (const std::string& id : ids) {
    Result<wire::GetSecretValueReply> got = get_secret_value(call, {.secret_id = id});
    if (!got) {
      reply.errors.push_back({.secret_id = id, .error_code = got.error().code, .message = got.error().message});
      continue;
    }
    wire::SecretValueEntry entry;
    entry.arn = got->arn, entry.name = got->name, entry.version_id = got->version_id,
    entry.secret_string = std::move(got->secret_string);
    entry.secret_binary = std::move(got->secret_binary), entry.version_stages = got->version_stages,
    entry.created_date = got->created_date;
    reply.secret_values.push_back(std::move(entry));
  }
  return reply;
}

Result<wire::ListSecretsReply> SecretsManager::list_secrets(const Call&, const wire::ListSecretsRequest& request) {
  CHECK(check_filters("ListSecrets", request.filters));
  std::string order = request.sort_order.value_or("desc");
  if (order != "asc" && order != "desc")
    return fail("ValidationException",
                "Value at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [asc, desc]");
  Timestamp now = core_.clock.now();
  wire::ListSecretsReply reply;
  for (const auto& [name, secret] : secrets_.rows()) {
    if (secret.purge_at && *secret.purge_at <= now) continue;
    if (secret.deleted && !request.include_planned_deletion.value_or(false)) continue;
    if (matches(secret, request.filters)) reply.secret_list.push_back(list_entry(secret));
  }
  // By creation, newest first unless asked otherwise; the name settles ties, and the key grows in the order of the pages.
  auto key_of = [&](const wire::SecretListEntry& e) {
    int64_t micros = e.created_date->time_since_epoch().count();
    return fmt::format("{:020}/{}", order == "asc" ? micros : INT64_MAX - micros, *e.name);
  };
  std::sort(reply.secret_list.begin(), reply.secret_list.end(),
            [&](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
  TRY(reply.next_token, aws::cut_page(reply.secret_list, request.next_token, request.max_results.value_or(0), 100, key_of,
                                      "InvalidNextTokenException"));
  return reply;
}

Result<wire::ListSecretVersionIdsReply> SecretsManager::list_secret_version_ids(const Call&,
                                                                                const wire::ListSecretVersionIdsRequest& request) {
  TRY(const Secret* secret, at(request.secret_id));
  wire::ListSecretVersionIdsReply reply;
  reply.arn = secret->arn, reply.name = secret->name;
  for (const Version& version : secret->versions) {
    if (version.stages.empty() && !request.include_deprecated.value_or(false)) continue;
    wire::SecretVersionsListEntry entry;
    entry.version_id = version.version_id, entry.version_stages = version.stages, entry.created_date = version.created;
    entry.last_accessed_date = version.last_accessed;
    if (!version.kms_key_arn.empty()) entry.kms_key_ids = {secret->kms_key_id ? version.kms_key_arn : "DefaultEncryptionKey"};
    reply.versions.push_back(std::move(entry));
  }
  std::sort(reply.versions.begin(), reply.versions.end(),
            [](const auto& a, const auto& b) { return *a.version_id < *b.version_id; });
  TRY(reply.next_token, aws::cut_page(
                            reply.versions, request.next_token, request.max_results.value_or(0), 100,
                            [](const auto& v) { return *v.version_id; }, "InvalidNextTokenException"));
  return reply;
}

}  // namespace pds::cloud::secretsmanager
