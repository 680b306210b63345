// What is told of traffic beyond metrics.
#pragma once

#include "base/time.h"
#include "cloud/objects.h"

namespace pds::cloud {

struct ObservationOptions {
  ObjectSink* objects = nullptr;  // where access logs are delivered; null: they are refused
  Duration slow_request{0};       // requests that take so long are told to the cloud's log; 0: none
};

}  // namespace pds::cloud
