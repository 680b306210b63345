#include "cloud/services/ec2/describe.h"

#include <fmt/core.h>

#include "base/text.h"
#include "cloud/services/ec2/operation.h"

namespace pds::cloud::ec2 {

namespace {

bool any_matches(const std::vector<std::string>& patterns, const std::vector<std::string>& values) {
  for (const std::string& pattern : patterns)
    for (const std::string& value : values)
      if (wildcard_match(pattern, value)) return true;
  return false;
}

FilterValues tag_values(std::string_view name, const std::vector<aws::ec2::Tag>& tags) {
  std::vector<std::string> values;
  if (name == "tag-key") {
    for (const auto& tag : tags) values.push_back(tag.key);
    return values;
  }
  if (!name.starts_with("tag:")) return std::nullopt;
  for (const auto& tag : tags)
    if (tag.key == name.substr(4)) values.push_back(tag.value);
  return values;
}

}  // namespace

Result<bool> passes(const Filters& filters, const std::vector<aws::ec2::Tag>& tags,
                    const std::function<FilterValues(std::string_view name)>& values_of) {
  bool all = true;
  for (const aws::ec2::Filter& filter : filters) {
    FilterValues values = tag_values(filter.name, tags);
    if (!values) values = values_of(filter.name);
    if (!values) return invalid_parameter(fmt::format("The filter '{}' is invalid", filter.name));
    all = all && any_matches(filter.values, *values);
  }
  return all;
}

Result<void> check_query(const DescribeQuery& query) {
  if (query.filters.size() > filters_max)
    return fail("FilterLimitExceeded", fmt::format("The maximum number of filters on a call is {}", filters_max));
  for (const auto& filter : query.filters)
    if (filter.values.size() > filter_values_max)
      return fail("FilterLimitExceeded", fmt::format("The maximum number of filter values on a call is {}", filter_values_max));
  if (!query.ids.empty() && query.max_results)
    return fail("InvalidParameterCombination",
                fmt::format("The parameter {}s cannot be used with the parameter maxResults", query.noun));
  if (query.max_results && (*query.max_results < 5 || *query.max_results > query.page_size_max))
    return invalid_parameter(fmt::format("Value ( {} ) for parameter maxResults is invalid. Expecting a value between 5 and {}.",
                                         *query.max_results, query.page_size_max));
  return {};
}

std::unexpected<Error> unknown_id(const DescribeQuery& query, std::string_view id) {
  return no_such(query.not_found_code, query.noun, id);
}

}  // namespace pds::cloud::ec2
