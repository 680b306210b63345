#include "cloud/services/codedeploy/names.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/paging.h"

namespace pds::cloud::codedeploy {
namespace {

constexpr int64_t page_names = 100;

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("._+=,@-").find(c) != std::string_view::npos;
}

}  // namespace

Result<std::string> check_name(const std::optional<std::string>& name, const char* noun) {
  if (!name || name->empty()) return fail(fmt::format("{}RequiredException", noun), fmt::format("{} must be specified", noun));
  if (name->size() > name_bytes_max || !std::all_of(name->begin(), name->end(), is_name_character))
    return fail(fmt::format("Invalid{}Exception", noun),
                fmt::format("{} must be 1 to {} of the characters A-Z a-z 0-9 . _ + = , @ -", noun, name_bytes_max));
  return *name;
}

Result<std::optional<std::string>> cut(std::vector<std::string>& names, const std::optional<std::string>& token) {
  return aws::cut_page(names, token, 0, page_names, [](const std::string& name) { return name; }, "InvalidNextTokenException");
}

}  // namespace pds::cloud::codedeploy
