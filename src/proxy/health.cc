#include "proxy/health.h"

#include <algorithm>

#include "base/text.h"

namespace pds::proxy {
namespace {

constexpr size_t matcher_parts_max = 64;

}  // namespace

Result<StatusMatcher> StatusMatcher::parse(std::string_view text) { return parse_within(text, 200, 499, "HTTP"); }

Result<StatusMatcher> StatusMatcher::parse_grpc(std::string_view text) { return parse_within(text, 0, 99, "GRPC"); }

Result<StatusMatcher> StatusMatcher::parse_within(std::string_view text, int least, int most, const char* what) {
  auto bad = [&] {
    return fail("ValidationError", std::string("Health check matcher ") + what + " code '" + std::string(text) + "' must be within '" +
                                       std::to_string(least) + "-" + std::to_string(most) + "'");
  };
  StatusMatcher matcher;
  matcher.ranges_.clear();
  for (std::string_view part : split(text, ',')) {
    size_t dash = part.find('-');
    auto from = parse_int(trim(part.substr(0, dash)));
    auto to = dash == std::string_view::npos ? from : parse_int(trim(part.substr(dash + 1)));
    if (!from || !to || *from < least || *to > most || *from > *to || matcher.ranges_.size() == matcher_parts_max) return bad();
    matcher.ranges_.push_back({static_cast<int>(*from), static_cast<int>(*to)});
  }
  return matcher;
}

bool StatusMatcher::matches(int status) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [status](const Range& r) { return r.from <= status && status <= r.to; });
}

std::string_view to_string(TargetState state) {
  switch (state) {
    case TargetState::initial:
      return "initial";
    case TargetState::healthy:
      return "healthy";
    case TargetState::unhealthy:
      return "unhealthy";
    case TargetState::unused:
      return "unused";
    case TargetState::draining:
      return "draining";
    case TargetState::unavailable:
      return "unavailable";
  }
  return "unavailable";
}

bool HealthState::enter(TargetState state) {
  bool changed = state_ != state;
  state_ = state;
  return changed;
}

bool HealthState::record(const ProbeResult& result, const HealthSettings& settings) {
  checked_ = true;
  bool well = result.kind == ProbeResult::answered &&
              (settings.protocol == HealthSettings::Protocol::tcp || settings.matcher.matches(result.status));
  if (well) {
    failures_ = 0;
    ++successes_;
    if (state_ == TargetState::initial || successes_ >= settings.healthy_threshold) return enter(TargetState::healthy);
    return false;
  }
  successes_ = 0;
  ++failures_;
  last_failure_ = result;
  return failures_ >= settings.unhealthy_threshold ? enter(TargetState::unhealthy) : false;
}

HealthReport HealthState::report() const {
  if (state_ == TargetState::healthy) return {state_, "", ""};
  if (state_ == TargetState::initial) {
    return checked_ ? HealthReport{state_, "Elb.InitialHealthChecking", "Initial health checks in progress"}
                    : HealthReport{state_, "Elb.RegistrationInProgress", "Target registration is in progress"};
  }
  if (last_failure_.kind == ProbeResult::answered) {
    return {state_, "Target.ResponseCodeMismatch",
            "Health checks failed with these codes: [" + std::to_string(last_failure_.status) + "]"};
  }
  if (last_failure_.kind == ProbeResult::timed_out) return {state_, "Target.Timeout", "Request timed out"};
  if (last_failure_.kind == ProbeResult::own_failure)
    return {state_, "Elb.InternalError", "Health checks failed due to an internal error"};
  return {state_, "Target.FailedHealthChecks", "Health checks failed"};
}

}  // namespace pds::proxy
