#include "podinfo/call_parts.h"

namespace pds::podinfo {

CallSpan::~CallSpan() {
  if (!trace_) return;
  span_.fail("context deadline exceeded");
  end();
}

void CallSpan::end() {
  if (RequestTrace* trace = std::exchange(trace_, nullptr)) trace->end_call(std::move(span_), scope_);
}

CallSpan CallParts::begin_in(const trace::Span& parent, std::string name) {
  return CallSpan(trace_, trace_.start_within(parent, std::move(name)), trace::Scope::http_parts);
}

void CallParts::end_connection(const Result<bool>& reused) {
  if (handshake_) handshake_->end(reused);
  handshake_.reset();
  if (reused) connection_->span().set("http.conn.reused", *reused);
  connection_->end(reused);
  connection_.reset();
}

}  // namespace pds::podinfo
