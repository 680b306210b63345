#include "cloud/services/iam/rules.h"

#include <algorithm>

namespace pds::cloud::iam {

namespace {
bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("+=,.@_-").find(c) != std::string_view::npos;
}
}  // namespace

Result<void> check_name(std::string_view parameter, std::string_view name) {
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_name_character)) return {};
  return fail("ValidationError",
              fmt::format("The specified value for {} is invalid. It must contain only alphanumeric characters and/or the "
                          "following: +=,.@_-",
                          parameter));
}

Result<std::string> check_path(const std::optional<std::string>& path) {
  if (!path) return std::string("/");
  bool good = path->starts_with('/') && path->ends_with('/') && path->find("//") == std::string::npos &&
              std::all_of(path->begin(), path->end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!good)
    return fail("ValidationError",
                "The specified value for path is invalid. It must begin and end with / and contain only "
                "alphanumeric characters and/or / characters.");
  return *path;
}

Result<void> check_tags(const std::vector<aws::iam::Tag>& tags) {
  for (size_t i = 0; i < tags.size(); ++i) {
    if (tags[i].key.starts_with("aws:")) return fail("InvalidInput", "Tag keys starting with aws: are reserved for system use.");
    for (size_t j = 0; j < i; ++j) {
      if (iequals(tags[i].key, tags[j].key))
        return fail("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
  }
  if (tags.size() > tags_max)
    return fail("LimitExceeded", fmt::format("Cannot exceed quota for TagsPerResource: {}", tags_max), 409);
  return {};
}

Result<void> merge_tags(std::vector<aws::iam::Tag>& tags, const std::vector<aws::iam::Tag>& added) {
  CHECK(check_tags(added));
  std::vector<aws::iam::Tag> merged = tags;
  for (const aws::iam::Tag& tag : added) {
    auto same = std::find_if(merged.begin(), merged.end(), [&](const aws::iam::Tag& t) { return iequals(t.key, tag.key); });
    if (same == merged.end())
      merged.push_back(tag);
    else
      *same = tag;
  }
  CHECK(check_tags(merged));
  tags = std::move(merged);
  return {};
}

void remove_tags(std::vector<aws::iam::Tag>& tags, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) std::erase_if(tags, [&](const aws::iam::Tag& t) { return iequals(t.key, key); });
}

Result<void> check_policy_document(const std::string& text, PolicyKind kind) {
  // IAM's own limits, in characters without white space: 6144 for a managed policy, more for the sum of inline ones; one bound for
  // all.
  constexpr size_t document_bytes_max = 10'240;
  if (text.size() > document_bytes_max)
    return fail("LimitExceeded", fmt::format("Cannot exceed quota for PolicySize: {}", document_bytes_max), 409);
  TRY([[maybe_unused]] Policy policy, parse_policy(text, kind));
  return {};
}

}  // namespace pds::cloud::iam
