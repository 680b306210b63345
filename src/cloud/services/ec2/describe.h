// Describe calls: ids, filters, pages. All of EC2's work alike, so they are told only how a record is completed and what its
// filters see.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aws/paging.h"
#include "aws/shapes/ec2/common.h"
#include "base/result.h"

namespace pds::cloud::ec2 {

inline constexpr size_t filters_max = 50;
inline constexpr size_t filter_values_max = 200;

using Filters = std::vector<aws::ec2::Filter>;
// The values a filter compares with; nothing when there is no filter of that name.
using FilterValues = std::optional<std::vector<std::string>>;

// Whether a record with these tags passes all filters. Values may hold the wildcards * and ?. A filter nobody knows:
// InvalidParameterValue, "The filter 'x' is invalid".
Result<bool> passes(const Filters& filters, const std::vector<aws::ec2::Tag>& tags,
                    const std::function<FilterValues(std::string_view name)>& values_of);

template <class Record>
struct Page {
  std::vector<Record> items;
  std::optional<std::string> next_token;
};

struct DescribeQuery {
  const std::vector<std::string>& ids;
  std::string_view not_found_code;  // "InvalidVpcID.NotFound"
  std::string_view noun;            // "vpc ID"
  const Filters& filters;
  std::optional<int> max_results;
  const std::optional<std::string>& next_token;
  int page_size_max = 1000;
};
Result<void> check_query(const DescribeQuery& query);
std::unexpected<Error> unknown_id(const DescribeQuery& query, std::string_view id);

// `records` in key order, complete with their tags.
template <class Record, class IdOf, class ValuesOf>
Result<Page<Record>> describe(std::vector<Record> records, const DescribeQuery& query, IdOf id_of, ValuesOf values_of) {
  CHECK(check_query(query));
  for (const std::string& id : query.ids) {
    bool known = false;
    for (const Record& record : records) known = known || id_of(record) == id;
    if (!known) return unknown_id(query, id);
  }
  Page<Record> page;
  for (Record& record : records) {
    bool asked = query.ids.empty();
    for (const std::string& id : query.ids) asked = asked || id == id_of(record);
    if (!asked) continue;
    TRY(bool passed, passes(query.filters, record.tags, [&](std::string_view name) { return values_of(record, name); }));
    if (passed) page.items.push_back(std::move(record));
  }
  TRY(page.next_token, aws::cut_page(page.items, query.next_token, query.max_results.value_or(0), query.page_size_max, id_of,
                                     "InvalidParameterValue"));
  return page;
}

inline FilterValues one_value(std::string value) { return std::vector<std::string>{std::move(value)}; }
inline FilterValues flag_value(bool value) { return one_value(value ? "true" : "false"); }

}  // namespace pds::cloud::ec2
