// Sandboxes that were running when the cloud started, for the services that made them. SandboxHost::adopt() gives each of them once, to
// whoever asks first; this keeps the others until their service asks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/task.h"
#include "sandbox/sandbox.h"

namespace pds::cloud {

class FoundSandboxes {
 public:
  // Before the services start.
  static io::Task<Result<FoundSandboxes>> adopt(sandbox::SandboxHost& host) {
    CO_TRY(auto sandboxes, co_await host.adopt());
    co_return FoundSandboxes(std::move(sandboxes));
  }
  FoundSandboxes() = default;

  // Those whose id starts with `prefix`; they are the caller's now. A prefix belongs to one service of one region: "fn-us-east-1-".
  std::vector<std::unique_ptr<sandbox::Sandbox>> take(std::string_view prefix) {
    std::vector<std::unique_ptr<sandbox::Sandbox>> taken, kept;
    for (auto& one : sandboxes_) (one->id().starts_with(prefix) ? taken : kept).push_back(std::move(one));
    sandboxes_ = std::move(kept);
    return taken;
  }
  size_t size() const { return sandboxes_.size(); }

 private:
  explicit FoundSandboxes(std::vector<std::unique_ptr<sandbox::Sandbox>> sandboxes) : sandboxes_(std::move(sandboxes)) {}
  std::vector<std::unique_ptr<sandbox::Sandbox>> sandboxes_;
};

}  // namespace pds::cloud
