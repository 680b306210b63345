// What ECR remembers of a repository; its images are files (oci/store.h).
#pragma once

#include "aws/shapes/ecr.h"

namespace pds::cloud::ecr {

inline constexpr size_t tags_max = 50;
inline constexpr size_t repositories_max = 10'000;

struct RepositoryRecord {
  std::string name;
  Timestamp created{};
  bool immutable_tags = false;
  std::vector<aws::ecr::Tag> tags;
};
PDS_SHAPE(RepositoryRecord, FIELD(name, "Name"), FIELD(created, "Created"), FIELD(immutable_tags, "ImmutableTags"),
          FIELD(tags, "Tags"))

}  // namespace pds::cloud::ecr
