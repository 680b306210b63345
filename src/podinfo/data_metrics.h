// What the data behind /api/data counts about itself, in Prometheus' text format.
#pragma once

#include <string>

#include "podinfo/data_tier.h"

namespace pds::podinfo {

std::string data_metrics_text(const DataTier& tier);

}  // namespace pds::podinfo
