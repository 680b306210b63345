// The parts of a call to a backend, as spans within its own: what Go's otelhttptrace calls http.getconn, and in it http.dns, http.connect
// and http.tls; http.headers, http.send, http.receive.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "podinfo/request_trace.h"

namespace pds::podinfo {

// A span that is told of once: when it ends, or when who waits for what it stands for is cancelled.
class CallSpan {
 public:
  CallSpan(RequestTrace& trace, trace::Span span, trace::Scope scope) : trace_(&trace), scope_(scope), span_(std::move(span)) {}
  CallSpan(CallSpan&& other) noexcept : trace_(std::exchange(other.trace_, nullptr)), scope_(other.scope_), span_(std::move(other.span_)) {}
  CallSpan& operator=(CallSpan&&) = delete;
  ~CallSpan();

  void end();
  template <class T>
  void end(const Result<T>& outcome) {
    if (!outcome) span_.fail(outcome.error().message);
    end();
  }
  trace::Span& span() { return span_; }

 private:
  RequestTrace* trace_;  // null: it has ended
  trace::Scope scope_;
  trace::Span span_;
};

// All must outlive the call.
class CallParts {
 public:
  CallParts(RequestTrace& trace, const trace::Span& call) : trace_(trace), call_(call) {}
  CallParts(const CallParts&) = delete;

  CallSpan begin(std::string name) { return begin_in(call_, std::move(name)); }
  // Within http.getconn, while that lasts.
  CallSpan begin_connecting(std::string name) { return begin_in(connection_ ? connection_->span() : call_, std::move(name)); }
  void begin_connection() { connection_.emplace(begin("http.getconn")); }
  // It ends with the connection.
  void begin_handshake() { handshake_.emplace(begin_connecting("http.tls")); }
  // `reused`: an error where there is no connection.
  void end_connection(const Result<bool>& reused);

 private:
  CallSpan begin_in(const trace::Span& parent, std::string name);
  RequestTrace& trace_;
  const trace::Span& call_;
  std::optional<CallSpan> connection_, handshake_;
};

}  // namespace pds::podinfo
