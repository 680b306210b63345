// One port on this machine's loopback, shared by all balancers that listen on that port: at AWS each has an address of its own,
// here the Host field tells them apart. A request that names none of them goes to the oldest listener.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cloud/core.h"
#include "cloud/reach.h"
#include "http/server.h"
#include "proxy/frontend.h"

namespace pds::cloud::elbv2 {

class ListenPort final : public http::Service {
 public:
  struct Member {
    std::string dns_name;
    std::shared_ptr<proxy::Frontend> frontend;
    std::vector<std::string> security_groups;
    std::shared_ptr<proxy::FrontCounters> counters;
    std::string load_balancer_arn;
  };

  // Takes the port at once. E_ADDRESS_IN_USE, or what the system says.
  static Result<std::unique_ptr<ListenPort>> bind(Core& core, const InstanceReach& instances, uint16_t port);
  ~ListenPort() override;

  // From the next connection and request on. Oldest first; never empty. `tls`: null for HTTP.
  void set_members(std::vector<Member> members, Duration idle_timeout, std::shared_ptr<http::TlsAcceptor> tls = nullptr);
  size_t connections() const;
  // Brings the counters of the oldest balancer up to date: who does not come through a handshake has named none.
  void count_failed_handshakes();
  const std::vector<Member>& members() const { return members_; }

  // Closes the port; connections finish what they are at. True: all were done by the deadline.
  io::Task<bool> drain(io::Deadline deadline);

  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;
  // There is no Host to tell balancers apart by: it is the oldest one's.
  void on_refused(const http::RefusedRequest& refused) override { members_.front().frontend->on_refused(refused); }

 private:
  ListenPort(Core& core, const InstanceReach& instances, std::unique_ptr<io::Listener> listener);
  io::Task<void> accept_all();
  io::Task<void> retire(std::unique_ptr<http::Server> server);
  bool admits(const Member& member, std::string_view peer) const;

  Core& core_;
  const InstanceReach& instances_;
  std::unique_ptr<io::Listener> listener_;
  const uint16_t port_;
  std::vector<Member> members_;
  Duration idle_timeout_{0};
  std::shared_ptr<http::TlsAcceptor> tls_;
  uint64_t failed_handshakes_ = 0;  // that were counted
  std::unique_ptr<http::Server> server_;
  io::TaskSet accepting_, retiring_;
};

}  // namespace pds::cloud::elbv2
