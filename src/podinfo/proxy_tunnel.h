// A way through a proxy to a host and port beyond it: CONNECT.
#pragma once

#include "podinfo/proxy_settings.h"

namespace pds::podinfo {

// E_PROXY: the proxy said no.
std::shared_ptr<io::Connector> proxy_tunnel(io::Loop& loop, HttpProxy proxy, const http::Url& destination);

}  // namespace pds::podinfo
