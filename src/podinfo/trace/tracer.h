// Spans and log records on their way from the service to the collector.
#pragma once

#include "base/crypto.h"
#include "podinfo/trace/batch.h"

namespace pds::podinfo::trace {

class Tracer {
 public:
  // `log`: of what goes wrong here; it must not lead to take_line().
  Tracer(io::Loop& loop, const Clock& clock, Random& random, const Logger& log, Settings settings);

  // `parent` may be not valid: then a trace begins.
  Span start(std::string name, SpanKind kind, const SpanContext& parent);
  Span start_child(const Span& parent, std::string name, SpanKind kind = SpanKind::internal);
  // Tells of it, where its trace is one that is told of.
  void end(Span span, Scope scope);
  // One line of the log, as base/log.h writes it.
  void take_line(std::string_view line);

  Carried extract(const http::Headers& headers) const { return trace::extract(headers, settings_.propagators); }
  void inject(const Carried& carried, http::Headers& headers) const { trace::inject(carried, settings_.propagators, headers); }

  io::Task<void> export_traces() { return traces_.run(); }
  io::Task<void> export_logs() { return logs_.run(); }
  io::Task<Result<void>> flush(MonoTime deadline);
  // Spans are taken; lines alone say nothing about it.
  bool is_heard() const { return !traces_.fails(); }
  // Flushes for who can wait half a second at most, and not at all while the collector is away. Once a minute a tenth of a second is spent on
  // finding out whether it is back: a process that is frozen between two calls finds it out in no other way.
  io::Task<void> flush_soon(MonoTime deadline);
  // In Prometheus' text form.
  std::string metrics_text() const;

 private:
  // True when nothing is left.
  io::Task<bool> tell(Batch& batch, MonoTime deadline);

  const Clock& clock_;
  Random& random_;
  const Settings settings_;
  io::Loop& loop_;
  Batch traces_, logs_;
  MonoTime asked_{};  // last, whether it is back
};

}  // namespace pds::podinfo::trace
