// Every command of the deploy half, in the order of --help. One function per command, each in the file of its name.
#pragma once

#include <vector>

#include "cli/command.h"

namespace pds::cli {

std::vector<Command> stack_commands();

// The supply chain.
Command build_command();
Command sbom_command();
Command sign_command();
Command push_command();
Command verify_command();
// The stack.
Command config_command();
Command plan_command();
Command up_command();
Command down_command();
// Releases.
Command deploy_command();
Command watch_command();
Command status_command();
Command history_command();
Command abort_command();
Command rollback_command();
Command unlock_command();
// Operation.
Command logs_command();
Command load_command();
Command report_command();
Command secrets_command();
Command doctor_command();
Command completion_command();
Command agent_command();

}  // namespace pds::cli
