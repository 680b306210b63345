// What stands behind one listener: a service that takes each request to where the routes say.
//
//   request ── routes (one snapshot) ── group (weights, cookie) ── target (algorithm, cookie) ── its pool of connections
//
// The frontend belongs to one loop. It must outlive the server that calls it.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "http/service.h"
#include "io/loop.h"
#include "proxy/access_log.h"
#include "proxy/metrics.h"
#include "proxy/routes.h"

namespace pds::proxy {

struct ExchangeMemory;

class Frontend final : public http::Service {
 public:
  Frontend(io::Loop& loop, const Clock& wall_clock, uint64_t random_seed, std::shared_ptr<FrontCounters> counters);
  ~Frontend() override;

  // From the next request on.
  void set_routes(std::shared_ptr<const Routes> routes) { routes_ = std::move(routes); }
  const std::shared_ptr<const Routes>& routes() const { return routes_; }
  // Gets a line, newline included, when an exchange has ended: of every one, or of one in `one_in`. Null: nothing is written.
  void set_access_log(std::function<void(std::string_view line)> sink, uint32_t one_in = 1);
  // Gets what took `threshold` or longer from its head to the first byte of its answer. Tunnels are not requests in this sense.
  void set_slow_log(Duration threshold, std::function<void(const AccessEntry&)> sink);

  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;
  // Counts and logs what the server in front of this refused by itself.
  void on_refused(const http::RefusedRequest& refused) override;

 private:
  friend class Exchange;
  bool takes_next_line();
  uint64_t connection_trace(uint64_t connection) const;
  std::unique_ptr<ExchangeMemory> take_memory();
  void give_back(std::unique_ptr<ExchangeMemory> memory);

  io::Loop& loop_;
  const Clock& wall_clock_;  // real time: for cookies, trace ids and logs that clients and people read
  const uint64_t trace_seed_;
  FastRandom random_;
  std::shared_ptr<FrontCounters> counters_;
  std::shared_ptr<const Routes> routes_;
  std::function<void(std::string_view)> access_log_;
  uint32_t one_in_ = 1, until_line_ = 1;
  std::function<void(const AccessEntry&)> slow_log_;
  Duration slow_threshold_{0};
  AccessLogFormatter formatter_;
  std::vector<std::unique_ptr<ExchangeMemory>> spare_memory_;
};

}  // namespace pds::proxy
