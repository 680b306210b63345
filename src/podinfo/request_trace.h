// The spans of one request: the server's, and within it the endpoint's own.
#pragma once

#include <optional>

#include "podinfo/router.h"
#include "podinfo/trace/tracer.h"

namespace pds::podinfo {

// "/delay/{wait:[0-9]+}"
std::string route_template(const Endpoint& endpoint);
// "delayHandler"; empty for those that have none.
std::string_view handler_name(const Endpoint& endpoint);

class RequestTrace {
 public:
  RequestTrace(trace::Tracer& tracer, const Endpoint& endpoint, const std::string& service, std::string_view prefix, const Call& call,
               const http::ServerRequest& request);
  // It comes with an invocation of a function.
  void set_invocation(const std::string& id, const std::string& function_arn);
  // The endpoint itself begins.
  void begin_handler();
  // Where its answer is an error document, that is what it says.
  void note(const http::Response& response);
  // All of it is over.
  void end(int status);

  // A call to somebody else, as part of this request.
  trace::Span start_call(std::string name) { return tracer_.start_child(inner(), std::move(name), trace::SpanKind::client); }
  // A part of one.
  trace::Span start_within(const trace::Span& call, std::string name) { return tracer_.start_child(call, std::move(name), trace::SpanKind::client); }
  void end_call(trace::Span span, trace::Scope scope) { tracer_.end(std::move(span), scope); }
  void inject(const trace::Span& call, http::Headers& headers) const { tracer_.inject({call.context, baggage_}, headers); }

  std::string trace_id() const;
  std::string span_id() const;

 private:
  const trace::Span& inner() const { return handler_ ? *handler_ : server_; }

  trace::Tracer& tracer_;
  const Endpoint& endpoint_;
  trace::Baggage baggage_;
  trace::Span server_;
  std::optional<trace::Span> handler_;
};

}  // namespace pds::podinfo
