#include <gtest/gtest.h>

#include "aws/codec.h"

namespace pds::aws {
namespace {

const Shape& no_shape() { return shape_of(static_cast<const Empty*>(nullptr)); }

const Operation operations[] = {
    {"ListBuckets", no_shape, no_shape, "GET", "/"},
    {"ListObjects", no_shape, no_shape, "GET", "/{Bucket}"},
    {"ListObjectsV2", no_shape, no_shape, "GET", "/{Bucket}", 200, "list-type=2"},
    {"GetBucketTagging", no_shape, no_shape, "GET", "/{Bucket}", 200, "tagging"},
    {"GetObject", no_shape, no_shape, "GET", "/{Bucket}/{Key+}"},
    {"PutObject", no_shape, no_shape, "PUT", "/{Bucket}/{Key+}"},
    {"ListFunctions", no_shape, no_shape, "GET", "/2015-03-31/functions/"},
    {"GetFunction", no_shape, no_shape, "GET", "/2015-03-31/functions/{FunctionName}"},
    {"GetAlias", no_shape, no_shape, "GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"},
};

TEST(MatchRest, method_path_and_query_say_which_operation_is_meant) {
  struct Case {
    const char *method, *target, *operation;
    Labels labels;
  };
  const Case cases[] = {
      {"GET", "/", "ListBuckets", {}},
      {"GET", "/b", "ListObjects", {{"Bucket", "b"}}},
      {"GET", "/b/", "ListObjects", {{"Bucket", "b"}}},
      {"GET", "/b?list-type=2&prefix=x", "ListObjectsV2", {{"Bucket", "b"}}},
      {"GET", "/b?list-type=1", "ListObjects", {{"Bucket", "b"}}},
      {"GET", "/b?tagging", "GetBucketTagging", {{"Bucket", "b"}}},
      {"GET", "/b?tagging=", "GetBucketTagging", {{"Bucket", "b"}}},
      {"GET", "/b/k", "GetObject", {{"Bucket", "b"}, {"Key", "k"}}},
      {"GET", "/b/a/b%20c//d/?x-id=GetObject", "GetObject", {{"Bucket", "b"}, {"Key", "a/b c//d/"}}},
      {"PUT", "/b/k", "PutObject", {{"Bucket", "b"}, {"Key", "k"}}},
      {"PUT", "/b", nullptr, {}},
      {"PATCH", "/b/k", nullptr, {}},
      {"GET", "/b/%zz", nullptr, {}},
      {"GET", "/2015-03-31/functions", "ListFunctions", {}},
      {"GET", "/2015-03-31/functions/", "ListFunctions", {}},
      {"GET", "/2015-03-31/functions/f%3A1", "GetFunction", {{"FunctionName", "f:1"}}},
      {"GET", "/2015-03-31/functions/f/aliases/live", "GetAlias", {{"FunctionName", "f"}, {"Name", "live"}}},
  };
  std::vector<const Operation*> all;
  for (const Operation& operation : operations) all.push_back(&operation);
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.method) + " " + c.target);
    http::RequestHead head;
    head.method = c.method;
    head.target = c.target;
    Labels labels;
    const Operation* found = match_rest(all, head, labels);
    ASSERT_EQ(found != nullptr, c.operation != nullptr);
    if (!found) continue;
    EXPECT_STREQ(found->name, c.operation);
    EXPECT_EQ(labels, c.labels);
  }
}

}  // namespace
}  // namespace pds::aws
