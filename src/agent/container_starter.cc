#include "agent/container.h"
#include "sandbox/container.h"

namespace pds::agent {
namespace {

class SandboxStarter final : public ContainerStarter {
 public:
  Result<io::ProcessIdentity> start(const ContainerRecord& record) override {
    sandbox::ContainerSpec spec;
    spec.image_root = record.root;
    spec.arguments = record.arguments;
    spec.environment = record.environment;
    spec.working_directory = record.working_directory;
    spec.uid = static_cast<uint32_t>(record.uid);
    spec.gid = static_cast<uint32_t>(record.gid);
    spec.hostname = record.name;
    return sandbox::run_container(spec);
  }
};

}  // namespace

std::unique_ptr<ContainerStarter> sandbox_starter() { return std::make_unique<SandboxStarter>(); }

}  // namespace pds::agent
