#include "cli/commands.h"

namespace pds::cli {

std::vector<Command> stack_commands() {
  return {build_command(), sbom_command(),    sign_command(),     push_command(),   verify_command(), config_command(),  plan_command(),       up_command(),
          deploy_command(), watch_command(),  status_command(),   history_command(), abort_command(),  rollback_command(), logs_command(),       load_command(),
          report_command(), secrets_command(), down_command(),    unlock_command(), doctor_command(), completion_command(), agent_command()};
}

}  // namespace pds::cli
