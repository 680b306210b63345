// The policies AWS itself keeps in every account, those that this cloud's services give a meaning to.
#pragma once

#include <span>
#include <string_view>

namespace pds::cloud::iam {

struct AwsManagedPolicy {
  std::string_view path, name, description, document;
};
std::span<const AwsManagedPolicy> aws_managed_policies();

}  // namespace pds::cloud::iam
