// What is served at --port-metrics, to those who may see numbers only.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

class MetricsListener final : public http::Service {
 public:
  explicit MetricsListener(App& app) : app_(app) {}
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

 private:
  App& app_;
};

}  // namespace pds::podinfo
