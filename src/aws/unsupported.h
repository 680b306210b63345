// Members of a request that the API has and we do not do. They are declared, so that a caller who sends one is told, instead of
// being served something else than he asked for:
//
//   std::optional<Unsupported> cpu_options;
//   PDS_SHAPE(..., FIELD(cpu_options, "CpuOptions"))
#pragma once

#include <optional>
#include <string>

#include "aws/shape.h"

namespace pds::aws {

struct Unsupported {};
PDS_EMPTY_SHAPE(Unsupported)

// The first unsupported member that is present, as a path: "LaunchTemplateData.CpuOptions".
std::optional<std::string> find_unsupported(const Shape& shape, const void* value);

}  // namespace pds::aws
