// Function URLs at the front door: finds the URL by host name, lets in whom its AuthType and the function's policy allow, and turns
// HTTP into events and answers back.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "cloud/authority.h"
#include "cloud/core.h"
#include "cloud/services/lambda/catalog.h"
#include "cloud/services/lambda/invocation.h"
#include "cloud/services/lambda/url_event.h"
#include "http/service.h"

namespace pds::cloud::lambda {

// "<id>.lambda-url.<region>.<domain>[:port]" -> id; empty when the host is none of this region's.
std::string_view url_id_of(std::string_view host, std::string_view region);

class UrlDoor final : public http::Service {
 public:
  // Begins an invocation through the URL's function.
  using Begin = std::function<Result<InvocationPtr>(const FunctionName& name, std::string payload, std::string request_id,
                                                    std::shared_ptr<ResponseStream> stream)>;
  // Told of each answer, for metrics.
  using Answered = std::function<void(const UrlRecord& url, int status, Duration latency)>;
  UrlDoor(Core& core, const Catalog& catalog, Authority& authority, Begin begin, Answered answered);

  // For the dispatcher: by host name only, so that an id nobody has is answered here too (404, as Lambda does).
  bool claims(const http::ServerRequest& request) const;
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

 private:
  io::Task<Result<InvocationPtr>> begin(const UrlRecord& url, http::ServerRequest& request, std::shared_ptr<ResponseStream> stream);
  io::Task<http::Response> answer(const UrlRecord& url, http::ServerRequest& request);
  // Answers piece by piece; the status.
  io::Task<int> stream(const UrlRecord& url, http::ServerRequest& request, http::Responder& responder);
  Result<void> authorize(const UrlRecord& url, const http::RequestHead& head, std::string_view body, UrlContext& context);

  Core& core_;
  const Catalog& catalog_;
  Authority& authority_;
  Begin begin_;
  Answered answered_;
  aws::Verifier verifier_;
};

}  // namespace pds::cloud::lambda
