// `pds cloud start|stop|status|logs` and `pds env`: the embedded cloud as a command.
#pragma once

#include <vector>

#include "cli/command.h"

namespace pds::daemon {

cli::Command cloud_command();
cli::Command env_command();

}  // namespace pds::daemon
