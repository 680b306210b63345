#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

// There is no client of Redis yet: the answer is the one of a podinfo that was given no cache server.
http::Response cache(App&, const Call&) { return error_document(400, "cache server is offline"); }

}  // namespace pds::podinfo
