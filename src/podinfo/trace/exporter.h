// Hands batches to a collector, over gRPC or over HTTP.
#pragma once

#include "podinfo/trace/settings.h"

namespace pds::podinfo::trace {

class Exporter {
 public:
  // `grpc_path`: "/opentelemetry.proto.collector.trace.v1.TraceService/Export".
  Exporter(io::Loop& loop, EndpointSettings settings, std::string grpc_path);

  // Until the collector has taken it, has refused it for good, or the time is over; tries again meanwhile, ever more slowly and not sooner
  // than the collector asks. Errors name the status, and never what was sent.
  io::Task<Result<void>> send(std::string message, MonoTime deadline);

 private:
  struct Refusal {
    std::string why;
    bool for_good = false;
    Duration pause{};  // as the collector asked; 0: it did not
  };
  // Nothing: it was taken.
  io::Task<Result<std::optional<Refusal>>> attempt(const http::Request& request);
  http::Request make_request(std::string message) const;
  Result<std::shared_ptr<io::Connector>> make_connector() const;
  Result<void> connect();

  io::Loop& loop_;
  EndpointSettings settings_;
  std::string grpc_path_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace pds::podinfo::trace
