// What a log's lines are written with: for those that write them somewhere else besides.
#pragma once

#include <string_view>

namespace pds {

// With its newline, in one write.
void write_stderr_line(std::string_view line);

}  // namespace pds
