#include "podinfo/trace/sampler.h"

#include "base/text.h"

namespace pds::podinfo::trace {

std::optional<Sampler> Sampler::parse(std::string_view name, std::string_view argument) {
  Sampler sampler;
  constexpr std::string_view parent = "parentbased_";
  sampler.heeds_parent_ = name.starts_with(parent);
  if (sampler.heeds_parent_) name.remove_prefix(parent.size());
  if (name == "always_on") return sampler;
  if (name == "always_off") {
    sampler.ratio_ = 0;
    return sampler;
  }
  if (name != "traceidratio") return std::nullopt;
  std::optional<double> ratio = argument.empty() ? 1 : parse_double(argument);
  if (!ratio || !(*ratio >= 0 && *ratio <= 1)) return std::nullopt;
  sampler.ratio_ = *ratio;
  return sampler;
}

// As OpenTelemetry's other libraries draw: by the last eight bytes of the id, so that all services of a trace come to the same end.
bool Sampler::takes(const SpanContext& parent, const std::array<unsigned char, 16>& trace_id) const {
  if (heeds_parent_ && parent.is_valid()) return parent.sampled;
  if (ratio_ >= 1) return true;
  uint64_t drawn = 0;
  for (size_t i = 8; i < 16; ++i) drawn = drawn << 8 | trace_id[i];
  constexpr double scale = 9223372036854775808.0;  // 2^63
  return static_cast<double>(drawn >> 1) < ratio_ * scale;
}

}  // namespace pds::podinfo::trace
