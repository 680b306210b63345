// Rules that roles, users, policies and profiles share: names, paths, tags, pages.
#pragma once

#include <fmt/format.h>

#include "aws/paging.h"
#include "base/result.h"
#include "base/text.h"
#include "cloud/services/iam/service.h"

namespace pds::cloud::iam {

inline std::unexpected<Error> no_such(std::string message) { return fail("NoSuchEntity", std::move(message), 404); }

// Letters, digits and +=,.@_-
Result<void> check_name(std::string_view parameter, std::string_view name);
// "/" or "/a/b/"; absent is "/".
Result<std::string> check_path(const std::optional<std::string>& path);
Result<void> check_tags(const std::vector<aws::iam::Tag>& tags);
// Adds or replaces; InvalidInput over tags_max.
Result<void> merge_tags(std::vector<aws::iam::Tag>& tags, const std::vector<aws::iam::Tag>& added);
void remove_tags(std::vector<aws::iam::Tag>& tags, const std::vector<std::string>& keys);
Result<void> check_policy_document(const std::string& text, PolicyKind kind);

// Fills a list reply's page: IsTruncated and Marker.
template <class Reply, class Request, class T, class KeyOf>
Result<std::vector<T>> page(std::vector<T> items, const Request& request, Reply& reply, KeyOf key_of) {
  TRY(std::optional<std::string> next,
      aws::cut_page(items, request.marker, request.max_items.value_or(0), 100, key_of, "ValidationError"));
  reply.is_truncated = next.has_value();
  reply.marker = std::move(next);
  return items;
}

}  // namespace pds::cloud::iam
