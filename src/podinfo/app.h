// podinfo itself: what its endpoints share, and the way of a request through it. HTTP and Lambda both come in here.
#pragma once

#include <functional>
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

class App;

// One request as an endpoint sees it.
struct Call {
  const http::RequestHead& head;
  std::string body;      // where the endpoint takes one
  std::string argument;  // what the path's pattern left open
  std::string correlation_id;
};

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
};

class App final : public http::Service {
 public:
  explicit App(AppParts parts);

  // Answers any request; the body is read only where an endpoint wants it.
  io::Task<http::Response> answer(const http::RequestHead& head, http::Body& body);
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

  void set_ready(bool ready);
  void set_healthy(bool healthy) { healthy_ = healthy; }
  bool ready() const { return ready_; }
  bool healthy() const { return healthy_; }
  const AppParts& parts() const { return parts_; }
  const Metrics& metrics() const { return metrics_; }
  Timestamp started() const { return started_; }
  std::string greeting() const;

 private:
  bool breaks_now();
  std::string correlation_id_of(const http::RequestHead& head);

  AppParts parts_;
  Metrics metrics_;
  Timestamp started_;
  bool healthy_ = false;
  bool ready_ = false;
  MonoTime ready_since_{};
};

}  // namespace pds::podinfo
