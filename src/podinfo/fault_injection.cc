#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

http::Response state(App& app, int status) {
  return document(status, json::object{{"fault_injection", app.fault_injection() ? "enabled" : "disabled"}});
}

}  // namespace

http::Response fault_injection_enable(App& app, const Call&) {
  app.set_fault_injection(true);
  return state(app, 202);
}

http::Response fault_injection_disable(App& app, const Call&) {
  app.set_fault_injection(false);
  return state(app, 202);
}

http::Response fault_injection_status(App& app, const Call&) { return state(app, 200); }

}  // namespace pds::podinfo
