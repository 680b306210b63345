#include "podinfo/endpoints.h"

namespace pds::podinfo {

// What comes back is what anybody sent: a browser must neither guess its type nor run it.
http::Response echo(App& app, const Call& call) {
  http::Response response = http::Response::text(202, call.body, "application/octet-stream");
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  response.head.headers.add("Content-Security-Policy", "default-src 'none'");
  response.head.headers.add("X-Color", app.parts().options.ui_color);
  return response;
}

}  // namespace pds::podinfo
