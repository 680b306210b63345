#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

http::Response panic(App& app, const Call& call) {
  app.parts().logger.info("Panic command received", {{"correlation_id", call.correlation_id}});
  app.parts().exit(255);
  return empty(500);  // reached only where the exit is a test's
}

}  // namespace pds::podinfo
