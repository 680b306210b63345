// Performs one lifecycle event on this machine. Blocking; the bundle has been downloaded before.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/appspec.h"
#include "agent/layout.h"
#include "aws/shapes/codedeploy_commands.h"

namespace pds::agent {

class Executor {
 public:
  explicit Executor(Layout layout) : layout_(std::move(layout)) {}
  const Layout& layout() const { return layout_; }

  using Diagnostics = aws::codedeploy_commands::CommandDiagnostics;
  using Specification = aws::codedeploy_commands::Specification;

  // error_code 0 is success.
  Diagnostics execute(const std::string& event, const Specification& specification) const;
  // Nothing would run: no script for this event where it would be taken from. Then the command need not be waited for.
  bool is_noop(const std::string& event, const Specification& specification) const;

 private:
  Diagnostics download_bundle(const Specification& s) const;
  Diagnostics install_files(const Specification& s) const;
  Diagnostics run_hooks(const std::string& event, const Specification& s) const;
  // The deployment directory whose scripts an event runs; "" when there is none.
  std::string source_of(const std::string& event, const Specification& s) const;
  Result<AppSpec> read_appspec(const std::string& archive, const std::string& name) const;
  Layout layout_;
};

}  // namespace pds::agent
