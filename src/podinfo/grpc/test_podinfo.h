// A podinfo of which everything is known.
#pragma once

#include <string>
#include <vector>

#include "podinfo/grpc/module.h"

namespace pds::podinfo::rpc {

struct TestPodinfo final : Podinfo {
  std::vector<std::string> variables = {"A=1", "B_SECRET=***"};
  TokenVerdict verdict;
  mutable std::string checked;
  mutable int panics = 0;

  Info info() const override { return {"host", "1.2.3", "abc", "red", "logo", "hello", "linux", "amd64", "c++23", "1", "2"}; }
  std::vector<std::string> environment() const override { return variables; }
  Token make_token() const override { return {"a.b.c", "2026-11-23 15:19:09 +0000 UTC"}; }
  TokenVerdict check_token(std::string_view token) const override {
    checked = token;
    return verdict;
  }
  void panic() const override { ++panics; }
  void log_problem(std::string_view) const override {}
  void log_echo(std::string_view) const override {}
};

}  // namespace pds::podinfo::rpc
