// Socket addresses as people write them.
#pragma once

#include <sys/socket.h>

#include <string>

namespace pds::io {

// "127.0.0.1:80", "[::1]:80"; "unix" for every other family.
std::string address_text(const sockaddr_storage& address);

}  // namespace pds::io
