#include "loadtest/recorder.h"

#include "loadtest/load_run.h"

namespace pds::loadtest {
namespace {

// Versions and error kinds come from outside; a target that invents a new one with every answer shares the last line.
constexpr size_t names_max = 64;

void count(std::map<std::string, uint64_t>& map, const std::string& name) {
  if (name.empty()) return;
  if (map.size() >= names_max && !map.contains(name)) {
    ++map["(others)"];
  } else {
    ++map[name];
  }
}

void finish(Second& second, const Histogram& latency) {
  second.p50 = latency.percentile(50);
  second.p99 = latency.percentile(99);
  second.max = static_cast<double>(latency.max());
}

}  // namespace

Recorder::Recorder(std::string name, std::string url) {
  report_.name = std::move(name);
  report_.url = std::move(url);
}

void Recorder::succeeded(MonoTime now, Duration latency, const std::string& version) {
  ++report_.succeeded;
  note(now, latency, version, true);
}

void Recorder::failed(MonoTime now, Duration latency, const std::string& kind, const std::string& version) {
  ++report_.failed;
  count(report_.errors, kind);
  report_.last_failure = since_start(now);
  if (report_.first_failure.count() < 0) report_.first_failure = report_.last_failure;
  note(now, latency, version, false);
}

void Recorder::note(MonoTime now, Duration latency, const std::string& version, bool success) {
  auto micros = static_cast<uint64_t>(std::max<int64_t>(latency.count(), 0));
  int64_t offset = since_start(now).count() / 1'000'000;
  if (second_ && second_->offset != offset) close_second();
  if (!second_) second_ = Second{.offset = offset};
  ++(success ? second_->succeeded : second_->failed);
  count(second_->versions, version);
  count(report_.versions, version);
  second_latency_.record(micros);
  report_.latency.record(micros);
  if (report_.phases.empty()) return;
  Phase& phase = report_.phases.back();
  ++(success ? phase.succeeded : phase.failed);
  count(phase.versions, version);
  phase.latency.record(micros);
}

void Recorder::close_second() {
  finish(*second_, second_latency_);
  if (report_.seconds.size() < series_seconds_max) report_.seconds.push_back(*std::move(second_));
  second_.reset();
  second_latency_.clear();
}

void Recorder::begin_phase(MonoTime now, const std::string& name) {
  if (report_.phases.size() >= names_max) return;
  report_.phases.push_back(Phase{.name = name, .begin = since_start(now)});
}

TargetReport Recorder::report() const {
  TargetReport out = report_;
  if (second_ && out.seconds.size() < series_seconds_max) {
    Second unfinished = *second_;
    finish(unfinished, second_latency_);
    out.seconds.push_back(std::move(unfinished));
  }
  return out;
}

}  // namespace pds::loadtest
