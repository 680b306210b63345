#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

http::Response version(App& app, const Call&) {
  return document(200, json::object{{"commit", app.parts().release.revision}, {"version", app.parts().release.version}});
}

}  // namespace pds::podinfo
