// What happens to a message on its way through: hop-by-hop fields stay behind, the X-Forwarded family and the trace id are added,
// cookies that keep a client where it was are read and set.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"
#include "proxy/health.h"
#include "proxy/routes.h"

namespace pds::proxy {

// One hop's business (RFC 9110, 7.6.1). Fields named by Connection are too.
bool is_hop_by_hop(http::FieldName name);
// A name of letters, digits and hyphens: what drop_invalid_header_fields lets pass.
bool is_plain_name(std::string_view name);

// "websocket" when the client asks to change the protocol; empty otherwise.
std::string_view upgrade_of(const http::RequestHead& head);

// Whether a request can be sent to targets that speak so: HTTP/2 only as it came, gRPC only as its calls are made, and those nowhere else.
bool suits(const http::RequestHead& head, TargetProtocol protocol);

// Fills `to`, whose memory is reused, with what the target shall see. True: fields were dropped because their names are not plain.
struct ForwardedFrom {
  std::string_view client_address, client_port;
  std::string_view trace_id;                 // used when the request has none
  std::string_view tls_version, tls_cipher;  // as TLS has them; empty: the request came without
};
bool build_upstream_head(const http::RequestHead& from, const FrontSettings& settings, const ForwardedFrom& client,
                         http::RequestHead& to);
// The same for the answer. Content-Length stays, so that answers to HEAD keep theirs.
void build_downstream_head(const http::ResponseHead& from, http::ResponseHead& to);

// Whether that leaves everything in place but what a server replaces itself: Keep-Alive, the framing, and a Connection that says keep-alive.
bool passes_as_it_is(const http::Headers& answer);

// "Root=1-<seconds in hex>-<96 random bits in hex>" written into `out`, which is reused.
void make_trace_id(Timestamp now, FastRandom& random, std::string& out);
// What goes to the target when the client sent one: its Root stays, ours becomes Self. `own` is "Root=1-...".
std::string join_trace_id(std::string_view sent, std::string_view own);

// What the listener says about the fields of its answers.
void apply_response_headers(const FrontSettings& settings, http::Headers& headers);

// The value of a cookie of that name in the Cookie fields; empty when there is none.
std::string_view cookie(const http::Headers& headers, std::string_view name);
// Whether an answer sets a cookie of that name.
bool sets_cookie(const http::Headers& headers, std::string_view name);
// Adds `name` and its `nameCORS` twin, as application load balancers do. `secure`: the client is asked over TLS only.
void add_sticky_cookies(http::Headers& headers, std::string_view name, std::string_view value, Timestamp expires, bool secure);
// That which follows an application's cookie has no twin.
void add_app_sticky_cookie(http::Headers& headers, std::string_view value, Timestamp expires, bool secure);

inline constexpr std::string_view group_cookie = "AWSALBTG";
inline constexpr std::string_view target_cookie = "AWSALB";
inline constexpr std::string_view app_target_cookie = "AWSALBAPP-0";  // ours fit into one; AWS may need -1, -2 ...

}  // namespace pds::proxy
