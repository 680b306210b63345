// The process that run_container() starts: small and with one thread, so it can make namespaces and continue without exec. It makes
// the container's init as a child of its own parent, and ends.
#pragma once

namespace pds::sandbox {

inline constexpr int helper_socket = 3;

int container_helper_main();

}  // namespace pds::sandbox
