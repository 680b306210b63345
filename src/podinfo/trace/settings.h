// OpenTelemetry's environment variables, as its specification has them.
#pragma once

#include <map>

#include "http/client.h"
#include "podinfo/trace/propagation.h"
#include "podinfo/trace/sampler.h"
#include "podinfo/trace/span.h"

namespace pds::podinfo::trace {

enum class Protocol : uint8_t { grpc, http_protobuf };

// Where one signal goes.
struct EndpointSettings {
  Protocol protocol = Protocol::grpc;
  http::Url url;  // with the whole path where HTTP is spoken
  http::Headers headers;
  Duration timeout = 10s;
  bool gzip = false;
  std::string certificate_file;  // whom to trust; empty: the system's authorities
  std::shared_ptr<io::Connector> connector;  // the way there; null: the URL's
};

struct BatchSettings {
  Duration delay;
  Duration export_timeout = 30s;
  size_t queue_max = 2048, batch_max = 512;
};

struct Settings {
  EndpointSettings traces, logs;
  BatchSettings trace_batch{.delay = 5s}, log_batch{.delay = 1s};
  Sampler sampler;
  std::vector<Propagator> propagators = default_propagators();
  std::vector<Attribute> resource;
  size_t attributes_max = 128, value_bytes_max = 64 * 1024;
  std::vector<std::string> warnings;  // each names a variable whose value cannot be used; its default is
};

using Environment = std::map<std::string, std::string>;
// Whether OTEL_SDK_DISABLED says so.
bool is_disabled(const Environment& environment);
Settings read_settings(const Environment& environment, const std::string& service_name, const std::string& service_version);

}  // namespace pds::podinfo::trace
