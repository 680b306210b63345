// Keys that a program of the user's prints: a profile's credential_process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.h"

namespace pds::aws {

// The words of a command as a shell would see them: blanks separate, quotes and backslashes keep. Nothing is expanded, for no shell runs.
Result<std::vector<std::string>> split_command(std::string_view command);
// Run without a shell, for ten seconds at the most. Nothing that it writes stands in an error.
io::Task<Result<Credentials>> from_process(io::Loop& loop, std::string command);

}  // namespace pds::aws
