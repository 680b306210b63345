// What the balancer answers by itself.
#include "proxy/exchange.h"

namespace pds::proxy {

io::Task<void> Exchange::send_own(http::ResponseHead& head, std::string_view body) {
  apply_response_headers(routes_->settings, head.headers);
  entry_.elb_status = head.status;
  own_answer_ = true;
  auto sent = co_await responder_.send(head, body);
  if (sent) entry_.sent_bytes += body.size();
}

io::Task<void> Exchange::answer(int status, std::string_view error_reason) {
  entry_.error_reason = error_reason;
  http::ResponseHead head;
  head.status = status;
  head.headers.add("Server", "awselb/2.0");
  head.headers.add("Content-Type", "text/html");
  std::string title = std::to_string(status);
  if (std::string_view reason = http::standard_reason(status); !reason.empty()) title.append(" ").append(reason);
  std::string body = "<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\r\n";
  co_await send_own(head, body);
}

io::Task<void> Exchange::answer_redirect(const Redirect& redirect, RequestView view) {
  entry_.action = "redirect";
  redirect_url_ = redirect.location(view, routes_->settings.secure ? "HTTPS" : "HTTP", routes_->settings.port);
  if (redirect_url_.size() > redirect_url_bytes_max) {
    ++front_.counters_->redirect_urls_too_long;
    co_return co_await answer(414, "");
  }
  ++front_.counters_->redirects;
  entry_.redirect_url = redirect_url_;
  http::ResponseHead head;
  head.status = redirect.status;
  head.headers.add("Server", "awselb/2.0");
  head.headers.add("Location", redirect_url_);
  co_await send_own(head, "");
}

io::Task<void> Exchange::answer_fixed(const FixedResponse& fixed) {
  ++front_.counters_->fixed_responses;
  entry_.action = "fixed-response";
  http::ResponseHead head;
  head.status = fixed.status;
  head.headers.add("Server", "awselb/2.0");
  if (!fixed.body.empty()) head.headers.add("Content-Type", fixed.content_type);
  co_await send_own(head, fixed.body);
}

}  // namespace pds::proxy
