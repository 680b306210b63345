#include "podinfo/trace_variable.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace pds::podinfo {
namespace {

TEST(TraceVariable, IsWhatTheInvocationSaysAndNotThereWhereItSaysNothing) {
  auto is = [] {
    const char* value = ::getenv("_X_AMZN_TRACE_ID");
    return value ? std::string(value) : "none";
  };
  set_trace_variable("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
  EXPECT_EQ(is(), "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
  set_trace_variable("Root=1");
  EXPECT_EQ(is(), "Root=1");
  set_trace_variable("");
  EXPECT_EQ(is(), "none");
  set_trace_variable("Root=2");
  EXPECT_EQ(is(), "Root=2");
  set_trace_variable(std::string(5000, 'x'));
  EXPECT_EQ(is(), "none");
}

}  // namespace
}  // namespace pds::podinfo
