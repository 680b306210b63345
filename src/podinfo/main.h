// The whole program, for src/programs.
#pragma once

namespace pds::podinfo {

// Exit status: 0 served and stopped; 1 could not serve; 2 usage.
int run_main(int argc, char** argv, char** environ);

}  // namespace pds::podinfo
