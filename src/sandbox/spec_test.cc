#include "sandbox/spec.h"

#include <gtest/gtest.h>

#include <functional>

namespace pds::sandbox {
namespace {

SandboxSpec valid() {
  SandboxSpec spec;
  spec.id = "i-0123456789abcdef0";
  spec.image_root = "/images/podinfo";
  spec.arguments = {"/bin/podinfo"};
  return spec;
}

TEST(SandboxSpec, a_complete_spec_is_accepted) { EXPECT_TRUE(validate(valid())); }

TEST(SandboxSpec, each_mistake_is_refused_and_named) {
  struct Row {
    const char* field;
    std::function<void(SandboxSpec&)> spoil;
  };
  const Row rows[] = {
      {"id", [](auto& s) { s.id = ""; }},
      {"id", [](auto& s) { s.id = "../up"; }},
      {"id", [](auto& s) { s.id = "-x"; }},
      {"id", [](auto& s) { s.id = std::string(id_bytes_max + 1, 'a'); }},
      {"uid and gid", [](auto& s) { s.profile = Profile::instance; }},
      {"uid and gid", [](auto& s) { s.uid = 65534; }},
      {"arguments", [](auto& s) { s.arguments.clear(); }},
      {"arguments", [](auto& s) { s.arguments.assign(arguments_max + 1, "/x"); }},
      {"arguments[0]", [](auto& s) { s.arguments = {"podinfo"}; }},
      {"arguments[0]", [](auto& s) { s.arguments = {"/bin/../x"}; }},
      {"arguments", [](auto& s) { s.arguments.push_back(std::string("a\0b", 3)); }},
      {"environment", [](auto& s) { s.environment["A=B"] = "c"; }},
      {"environment", [](auto& s) { s.environment[""] = "c"; }},
      {"working_directory", [](auto& s) { s.working_directory = "tmp"; }},
      {"root", [](auto& s) { s.layer = "/layers/1"; }},
      {"root", [](auto& s) { s.image_root = ""; }},
      {"root", [](auto& s) { s.image_root = "/"; }},
      {"binds", [](auto& s) { s.binds = {{.source = "/a", .target = "/"}}; }},
      {"binds", [](auto& s) { s.binds = {{.source = "a", .target = "/b"}}; }},
      {"binds", [](auto& s) { s.binds = {{.source = "/a", .target = "/b//c"}}; }},
      {"binds and scratch", [](auto& s) { s.binds.assign(binds_max + 1, {.source = "/a", .target = "/b"}); }},
      {"scratch", [](auto& s) { s.scratch = {{.target = "/data", .bytes_max = 0}}; }},
      {"addresses", [](auto& s) { s.addresses = {"::1"}; }},
      {"addresses", [](auto& s) { s.addresses.assign(addresses_max + 1, "10.0.0.1"); }},
      {"listeners", [](auto& s) { s.listeners = {{.address = "127.0.0.1", .port = 0}}; }},
      {"hostname", [](auto& s) { s.hostname = ""; }},
      {"limits", [](auto& s) { s.limits.processes = 0; }},
      {"limits", [](auto& s) { s.limits.memory_bytes = 1; }},
      {"limits", [](auto& s) { s.limits.cpus = -1; }},
      {"limits", [](auto& s) { s.limits.tmp_bytes = 0; }},
  };
  for (const Row& row : rows) {
    SandboxSpec spec = valid();
    row.spoil(spec);
    Result<void> result = validate(spec);
    ASSERT_FALSE(result) << row.field;
    EXPECT_EQ(result.error().code, "E_SANDBOX_SPEC");
    EXPECT_NE(result.error().message.find(std::string("sandbox ") + row.field + ":"), std::string::npos) << result.error().message;
  }
}

}  // namespace
}  // namespace pds::sandbox
