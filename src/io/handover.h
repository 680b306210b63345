// A program that replaces itself without refusing a connection. Its listening sockets stay open over the exec, so what arrives in
// between waits in them; the successor's listen_tcp finds them by their address.
//
//   old:  Handover handover;
//         CHECK(handover.keep(*listener));       // before the server closes it
//         co_await server.drain(deadline);       // Connection: close
//         handover.replace_process(program, arguments);
//   new:  listen_tcp(loop, address, port)        // the socket that was kept, where one was
//         close_unclaimed();                     // what is listened on no longer
#pragma once

#include <string>
#include <vector>

#include "io/files.h"
#include "io/stream.h"

namespace pds::io {

class Handover {
 public:
  // The listener may close afterwards. Its socket is closed with this object, unless the process is replaced.
  Result<void> keep(const Listener& listener);
  // The same process id, other code. Returns only when that failed, with everything as it was.
  std::unexpected<Error> replace_process(const std::string& program, std::vector<std::string> arguments);

 private:
  std::vector<Fd> kept_;
};

// Closes what a predecessor left and nobody has asked for: its connections are reset, later ones refused.
void close_unclaimed();

namespace detail {
// A listening socket that was left for this address, or none.
Fd take_inherited(const std::string& address);
}  // namespace detail

}  // namespace pds::io
