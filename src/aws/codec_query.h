// The parameters of the query protocol and of EC2's dialect of it: "Tags.member.1.Key=a", "TagSpecification.1.Tag.1.Key=a".
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace pds::aws {

inline constexpr size_t query_parameters_max = 20'000;

enum class QueryDialect : uint8_t { query, ec2 };

// Parameters as the tree that their dots describe.
struct QueryNode {
  std::optional<std::string> text;
  std::map<std::string, QueryNode, std::less<>> children;
  const QueryNode* find(std::string_view name) const;
};
// MalformedQueryString for escapes that are none, InvalidParameterCombination for a parameter given twice.
Result<QueryNode> parse_query(std::string_view form);

Result<void> read_query(const QueryNode& root, const Shape& shape, void* value, QueryDialect dialect);
// "&Name=value..." for each member. The request is a checked shape.
void write_query(const Shape& shape, const void* value, QueryDialect dialect, std::string& form);

}  // namespace pds::aws
