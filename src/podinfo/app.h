// podinfo itself: what its endpoints share, and the way of a request through it. HTTP and Lambda both come in here.
//
// A request that leads to an endpoint is counted, and meets in this order: injected faults, a random delay, a random error, the
// faults of a release that is broken on purpose, the endpoint. One that leads nowhere (404, 405, 301) meets none of these and is
// not counted.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "http/service.h"
#include "podinfo/metrics.h"
#include "podinfo/options.h"
#include "podinfo/secret.h"

namespace pds::podinfo {

inline constexpr size_t body_bytes_max = 10u << 20;
// What a delay may count; where the server has no limit, this is one.
inline constexpr std::chrono::seconds delay_max = 24h;

namespace trace {
class Tracer;
}
class App;
class Backends;
class DataTier;
class Redis;
class Router;
class RequestTrace;
struct Endpoint;
struct Route;

// One request as an endpoint sees it.
struct Call {
  const http::RequestHead& head;
  std::string body;      // where the endpoint takes one
  std::string argument;  // what the path's pattern left open
  std::string correlation_id;
  MonoTime began{};
  MonoTime deadline = MonoTime::max();  // an answer that comes later is not given
  RequestTrace* trace = nullptr;        // null: nobody wants to know
};

// The files of --config-path by name.
using ConfigFiles = std::map<std::string, std::string>;

struct AppParts {
  io::Loop& loop;
  const Clock& clock;
  Random& random;
  const Logger& logger;
  Options options;
  Release release;
  std::string hostname;
  std::vector<std::string> environment;  // "NAME=value"
  SecretHolder* secrets = nullptr;       // null: none configured
  std::function<void(int)> exit;         // ends the process
  Redis* cache = nullptr;                // null: no cache server
  DataTier* data = nullptr;              // null: no database, and no secret that may name one
  trace::Tracer* tracer = nullptr;       // null: no tracing
};

// What stays the same as long as the process lives, written once.
struct Documents {
  std::string info, version, page;
};

class App final : public http::Service {
 public:
  explicit App(AppParts parts);
  ~App() override;

  // Answers any request; the body is read only where an endpoint wants it.
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;
  // The same for who waits for an answer in any case: with less time than the server gives, and then it is 504.
  io::Task<void> serve_until(MonoTime deadline, http::ServerRequest& request, http::Responder& responder);
  // And as one whole answer, for senders that take nothing else.
  io::Task<http::Response> answer(const http::RequestHead& head, http::Body& body, MonoTime deadline = MonoTime::max());

  // The last step of an endpoint that answers by itself: adds what every answer has, and sends it; the status that is counted.
  io::Task<int> send(const Call& call, http::Response response, http::Responder& responder);
  // What every answer has.
  void mark(http::ResponseHead& head, const Call& call) const { mark(head, call.correlation_id); }
  void mark_own_answer(const http::RequestHead& request, http::ResponseHead& head) override { mark(head, correlation_id_of(request)); }
  // Sleeps, but not beyond the time that the server gives a request.
  io::Task<void> pause(const Call& call, Duration duration);
  // The server's time for this request is over: it gets no answer any more.
  bool is_late(const Call& call) const;

  // Wanted or not. A server that has a secret to hold and has never seen it is not ready either.
  void set_ready(bool ready);
  // Told at once, and whenever it is set from then on. Null: nobody.
  void follow_readiness(std::function<void(bool)> follower);
  // As a function: the invocation that the requests from now on come with.
  void set_invocation(std::string id, std::string function_arn);
  void set_healthy(bool healthy) { healthy_ = healthy; }
  void set_fault_injection(bool on) { fault_injection_ = on; }
  void set_config_files(ConfigFiles files) { config_files_ = std::move(files); }
  // Long conversations end.
  void close_conversations() { closing_.set(); }
  bool ready() const { return ready_; }
  // Why it is not ready; empty when it is.
  std::string unready_reason() const;
  bool healthy() const { return healthy_; }
  bool fault_injection() const { return fault_injection_; }
  const ConfigFiles& config_files() const { return config_files_; }
  io::Event& closing() { return closing_; }
  const AppParts& parts() const { return parts_; }
  const Documents& documents() const { return documents_; }
  Backends& backends() { return *backends_; }
  Metrics& metrics() { return metrics_; }
  Timestamp started() const { return started_; }
  const std::string& prefix() const { return parts_.options.prefix; }
  std::string greeting() const;

 private:
  io::Task<void> handle(MonoTime deadline, bool is_awaited, http::ServerRequest& request, http::Responder& responder);
  io::Task<int> run_in_time(const Endpoint& endpoint, Call& call, http::ServerRequest& request, http::Responder& responder);
  io::Task<int> run(const Endpoint& endpoint, Call& call, http::ServerRequest& request, http::Responder& responder);
  io::Task<int> run_endpoint(const Endpoint& endpoint, Call& call, http::ServerRequest& request, http::Responder& responder);
  void settle_readiness();
  bool breaks_now();
  Duration random_delay();
  std::string correlation_id_of(const http::RequestHead& head);
  void mark(http::ResponseHead& head, const std::string& correlation_id) const;
  void log_start(const Call& call, const http::ServerRequest& request) const;
  void log_end(const Call& call, const Endpoint* endpoint, int status, Duration took) const;

  AppParts parts_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Backends> backends_;
  Documents documents_;
  Metrics metrics_;
  Timestamp started_;
  ConfigFiles config_files_;
  io::Event closing_;
  std::string invocation_id_, function_arn_;
  bool healthy_ = false;
  bool wants_ready_ = false, ready_ = false;
  std::function<void(bool)> readiness_follower_;
  bool fault_injection_ = false;
  MonoTime ready_since_{};
};

}  // namespace pds::podinfo
