// A connection as its server counts it, whatever is spoken on it, and what the connections of one server share.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "http/buffer.h"
#include "http/serialize.h"
#include "http/server.h"

namespace pds::http {

class Connection;
struct H2ServerMemory;

struct ServerShared {
  io::Loop& loop;
  Service& service;
  ServerOptions options;
  BufferPool pool;
  DateLine date;
  std::string scratch;  // an answer being put together; what cannot be sent at once moves to its connection
  std::shared_ptr<H2ServerMemory> h2;  // made when somebody first speaks HTTP/2
  Connection* first = nullptr;
  // Those that wait for a next request, the one that has waited longest first.
  Connection* idle_first = nullptr;
  Connection* idle_last = nullptr;
  size_t connections = 0;
  size_t leaving = 0;  // of these: told to end, or only told that there are too many
  std::unordered_map<std::string, size_t> per_address;  // counted where there is a limit
  size_t requests_in_flight = 0;
  bool draining = false;
  io::Event emptied;  // the last connection has gone, or waiting for that is over
  // Set by a timer, not by the last connection: who is woken may destroy the server, and with it a connection that is still ending.
  io::Timer emptied_timer{loop, [this] { emptied.set(); }};
};

// The body of an answer that the server makes by itself: "413 Content Too Large: ..." and a line's end.
std::string explain(int status, std::string_view reason);
// The Content-Length that a service gave its answer; nothing where it is none.
std::optional<uint64_t> given_length(const ResponseHead& head);

class Connection {
 public:
  Connection(ServerShared& shared, std::string peer);
  virtual ~Connection();
  Connection(const Connection&) = delete;

  // Ends it where it waits for a next request; otherwise it ends after what it is at.
  virtual void finish_up() = 0;
  // Makes room for another: an idle connection ends. A request that comes at this very moment is still answered.
  void make_room();
  // Counts it among those of its address; false when those are too many.
  bool count_address();
  Connection* next() const { return next_; }

 protected:
  // It is leaving, and waits for a next request: it is to look at that.
  virtual void wake_idle() = 0;
  void enter_idle();
  void leave_idle();
  void leave();

  ServerShared& shared_;
  const std::string peer_;
  const MonoTime connected_;
  const uint64_t number_;
  bool idle_ = false;
  bool leaving_ = false;

 private:
  bool address_counted_ = false;
  Connection* previous_ = nullptr;
  Connection* next_ = nullptr;
  Connection* idle_previous_ = nullptr;
  Connection* idle_next_ = nullptr;
};

}  // namespace pds::http
