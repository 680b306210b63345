// Which traces are told of: OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.
#pragma once

#include <optional>
#include <string_view>

#include "podinfo/trace/context.h"

namespace pds::podinfo::trace {

class Sampler {
 public:
  Sampler() = default;  // parentbased_always_on
  // Nothing where the name is not known, or the argument of a ratio is no number from 0 to 1 ("" is 1).
  static std::optional<Sampler> parse(std::string_view name, std::string_view argument);
  // `parent`: what came with the request; not valid: nothing.
  bool takes(const SpanContext& parent, const std::array<unsigned char, 16>& trace_id) const;

 private:
  bool heeds_parent_ = true;
  double ratio_ = 1;
};

}  // namespace pds::podinfo::trace
