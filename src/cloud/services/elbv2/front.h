// What serves: ports bound on loopback, a frontend per listener with its routes, the running target groups. reconcile() makes all
// of it what the tables say; handlers call it after each change, and it is safe to call at any time.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cloud/services/elbv2/access_logs.h"
#include "cloud/services/elbv2/groups.h"
#include "cloud/services/elbv2/observed.h"
#include "cloud/services/elbv2/metrics.h"
#include "cloud/services/elbv2/observation.h"
#include "cloud/services/elbv2/port.h"
#include "cloud/services/elbv2/slow_log.h"
#include "cloud/services/elbv2/port_tls.h"
#include "cloud/services/elbv2/state.h"
#include "cloud/telemetry.h"
#include "proxy/frontend.h"

namespace pds::cloud::elbv2 {

class Front final : public http::Service {
 public:
  Front(Core& core, State& state, InstanceReach& instances, FunctionInvoker* functions, MetricSink& metrics,
        CertificateSource* certificates, const ObservationOptions& observation);
  ~Front() override;

  void start();
  io::Task<void> stop();

  void reconcile();
  // Whether a listener on this port could be served; takes the port right away when it is free. For CreateListener.
  Result<void> claim_port(uint16_t port);
  // Why a balancer does not serve everything it should: "port 80 ... is in use"; empty when all is well.
  std::string impairment(std::string_view load_balancer_arn) const;
  Groups& groups() { return groups_; }
  AccessLogs& access_logs() { return access_logs_; }
  // The balancers' part of the Prometheus page.
  void expose(Exposition& page);

  // Of every forward of a listener, by rule, the default action last.
  std::vector<ObservedShare> observed_shares(const std::string& listener_arn) const;
  // From the next connection on.
  void certificate_changed(const std::string& arn);

  // The door on the endpoint port.
  bool claims(std::string_view host) const;
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

 private:
  struct Running {
    std::shared_ptr<proxy::Frontend> frontend;
    std::string definition;  // what its routes were made from
  };
  void reconcile_listener(const ListenerRecord& listener, const LoadBalancerRecord& balancer);
  void reconcile_ports();
  bool speaks_http2(const ListenerRecord& listener) const;
  void reconcile_port(uint16_t number, std::vector<const ListenerRecord*> listeners);
  std::shared_ptr<const proxy::Routes> make_routes(const ListenerRecord& listener, const LoadBalancerRecord& balancer) const;
  void close_port(std::unique_ptr<ListenPort> port);
  Meter::Connections connections() const;
  void activate();
  io::Task<void> watch();
  io::Task<void> report();

  Core& core_;
  State& state_;
  InstanceReach& instances_;
  Groups groups_;
  Meter meter_;
  AccessLogs access_logs_;
  SlowLog slow_log_;
  std::map<std::string, Running> running_;  // by listener
  std::map<uint16_t, std::unique_ptr<ListenPort>> ports_;
  std::map<uint16_t, std::string> port_problems_;
  std::unique_ptr<PortTls> tls_;  // null: there are no certificates
  bool started_ = false;
  io::TaskSet tasks_, closing_;
};

}  // namespace pds::cloud::elbv2
