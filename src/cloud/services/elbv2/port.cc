#include "cloud/services/elbv2/port.h"

#include <algorithm>
#include <chrono>

#include "base/ip_address.h"
#include "base/text.h"
#include "proxy/condition.h"

namespace pds::cloud::elbv2 {
namespace {

// Bodies stream through; their size is the target's business.
http::ServerOptions server_options(Duration idle_timeout) {
  http::ServerOptions options;
  options.limits.body_bytes_max = SIZE_MAX;
  options.header_timeout = idle_timeout;
  options.body_timeout = idle_timeout;
  options.write_timeout = idle_timeout;
  options.idle_timeout = idle_timeout;
  return options;
}

uint64_t failed_handshakes_of(const http::TlsAcceptor& acceptor) {
  const http::TlsAcceptorCounters& counters = acceptor.counters();
  return counters.failed + counters.timed_out + counters.turned_away;
}

}  // namespace

Result<std::unique_ptr<ListenPort>> ListenPort::bind(Core& core, const InstanceReach& instances, uint16_t port) {
  TRY(auto listener, io::listen_tcp(core.loop, "127.0.0.1", port));
  return std::unique_ptr<ListenPort>(new ListenPort(core, instances, std::move(listener)));
}

ListenPort::ListenPort(Core& core, const InstanceReach& instances, std::unique_ptr<io::Listener> listener)
    : core_(core), instances_(instances), listener_(std::move(listener)), port_(listener_->port()) {}

ListenPort::~ListenPort() = default;

void ListenPort::set_members(std::vector<Member> members, Duration idle_timeout, std::shared_ptr<http::TlsAcceptor> tls) {
  count_failed_handshakes();
  members_ = std::move(members);
  bool as_before = idle_timeout == idle_timeout_ && (tls == nullptr) == (tls_ == nullptr);
  if (tls != tls_) failed_handshakes_ = tls ? failed_handshakes_of(*tls) : 0;
  tls_ = std::move(tls);
  if (as_before && server_) return;
  idle_timeout_ = idle_timeout;
  if (server_) retiring_.spawn(retire(std::move(server_)));
  server_ = std::make_unique<http::Server>(core_.loop, *this, server_options(idle_timeout));
  if (accepting_.size() == 0) accepting_.spawn(accept_all());
}

// Connections made under the old timeout, or another protocol, end in their own time.
io::Task<void> ListenPort::retire(std::unique_ptr<http::Server> server) {
  co_await server->drain(std::chrono::steady_clock::now() + 1h);
}

bool ListenPort::admits(const Member& member, std::string_view peer) const {
  InstanceReach::Source source{{}, std::string(host_of_peer(peer))};
  return instances_.groups_allow(member.security_groups, port_, source);
}

io::Task<void> ListenPort::accept_all() {
  for (;;) {
    auto stream = co_await listener_->accept();
    if (!stream) co_return;
    std::string peer = (*stream)->peer_address();
    bool let_in = std::any_of(members_.begin(), members_.end(), [&](const Member& m) { return admits(m, peer); });
    if (!let_in) {
      ++members_.front().counters->denied_connections;
      core_.log.info("connection refused: the load balancer's security groups do not allow it", {{"port", port_}, {"from", peer}});
      continue;
    }
    ++members_.front().counters->new_connections;
    server_->serve(std::move(*stream), port_, tls_);
  }
}

io::Task<void> ListenPort::serve(http::ServerRequest& request, http::Responder& responder) {
  auto named = members_.begin();
  if (members_.size() > 1) {
    std::string_view host = proxy::without_port(request.head.host());
    named = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return iequals(m.dns_name, host); });
    if (named == members_.end()) named = members_.begin();
    if (!admits(*named, request.peer)) {
      responder.close_after();
      co_await responder.send(http::Response::text(403, "").head,
                              "the security groups of this load balancer do not allow this port\n");
      co_return;
    }
  }
  std::shared_ptr<proxy::Frontend> frontend = named->frontend;  // it may be deleted under this request
  co_await frontend->serve(request, responder);
}

void ListenPort::count_failed_handshakes() {
  if (!tls_ || members_.empty()) return;
  uint64_t failed = failed_handshakes_of(*tls_);
  members_.front().counters->tls_handshake_failures += failed - failed_handshakes_;
  failed_handshakes_ = failed;
}

size_t ListenPort::connections() const { return server_ ? server_->connections() : 0; }

io::Task<bool> ListenPort::drain(io::Deadline deadline) {
  listener_->close();
  accepting_.cancel_all();
  if (!server_) co_return true;
  co_return co_await server_->drain(deadline);
}

}  // namespace pds::cloud::elbv2
