#include "podinfo/lambda_failure.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(LambdaFailure, IsTheDocumentThatLambdaKnows) {
  EXPECT_EQ(lambda_error_document({.code = "Runtime.ConfigInvalid", .message = "a \"b\""}),
            R"({"errorMessage":"a \"b\"","errorType":"Runtime.ConfigInvalid","stackTrace":[]})");
}

TEST(LambdaFailure, RepeatsNothingOfTheCommandLineButFlags) {
  EXPECT_EQ(without_arguments("invalid argument \"hunter2\" for \"--port\" flag: \"hunter2\"", {"--port", "hunter2"}),
            "invalid argument \"***\" for \"--port\" flag: \"***\"");
  EXPECT_EQ(without_arguments("invalid argument \"hunter2\" for \"--port\" flag", {"--port=hunter2"}), "invalid argument \"***\" for \"--port\" flag");
  EXPECT_EQ(without_arguments("unknown shorthand flag: 'j' in -jwt=hunter2", {"-jwt=hunter2"}), "unknown shorthand flag: 'j' in -jwt=***");
  EXPECT_EQ(without_arguments("unknown flag: --nope", {"--nope"}), "unknown flag: --nope");
}

}  // namespace
}  // namespace pds::podinfo
