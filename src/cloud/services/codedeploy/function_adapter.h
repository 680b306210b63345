// CodeDeploy's functions are those of Lambda in this region.
#pragma once

#include <functional>
#include <memory>

#include "cloud/core.h"
#include "cloud/functions.h"
#include "cloud/services/codedeploy/ports.h"

namespace pds::cloud::lambda {
class Lambda;
}

namespace pds::cloud::codedeploy {

class FunctionAdapter final : public FunctionPort {
 public:
  FunctionAdapter(Core& core, lambda::Lambda& functions) : core_(core), functions_(functions) {}
  // Who wants to know whether a hook could be sent: CodeDeploy::hook_delivered. To be set before CodeDeploy starts.
  using Delivered =
      std::function<void(const std::string& deployment_id, const std::string& execution_id, const Result<void>& sent)>;
  void set_delivered(Delivered delivered) { delivered_ = std::move(delivered); }

  Result<AliasState> alias(const std::string& function, const std::string& alias) override;
  Result<void> set_alias(const std::string& function, const std::string& alias, const AliasState& state) override;
  Result<void> check_version(const std::string& function, const std::string& version) override;
  void send_hook(const std::string& function, const std::string& deployment_id, const std::string& execution_id) override;

 private:
  static io::Task<void> send(FunctionAdapter* self, std::string function, std::string deployment_id, std::string execution_id);
  Core& core_;
  lambda::Lambda& functions_;
  Delivered delivered_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::codedeploy
