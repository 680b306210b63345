// What is served at --port-metrics, to those who may see numbers only.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

class MetricsListener final : public http::Service {
 public:
  explicit MetricsListener(App& app) : app_(app) {}
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;
  void mark_own_answer(const http::RequestHead& request, http::ResponseHead& head) override { app_.mark_own_answer(request, head); }

 private:
  io::Task<http::Response> answer(const http::RequestHead& head);
  App& app_;
};

}  // namespace pds::podinfo
