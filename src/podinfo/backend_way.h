// The way to one backend: its pooled connections, straight or through a proxy, and what is told of a call on it.
#pragma once

#include <memory>

#include "http/client.h"
#include "podinfo/call_parts.h"

namespace pds::podinfo {

class ToldConnector;

class BackendWay {
 public:
  struct Place {
    std::string host;
    uint16_t port = 0;
  };
  // `tunnel`: leads there in place of a connection of ours; null: none. `tls`: the certificate is for the place; null: in the clear.
  BackendWay(io::Loop& loop, Place place, std::shared_ptr<io::Connector> tunnel, std::shared_ptr<const http::TlsClientContext> tls,
             http::ClientOptions options);
  ~BackendWay();

  // As http::Client::send() does. `parts` may be null: then nobody is told.
  io::Task<Result<http::Response>> send(const http::Request& request, CallParts* parts);

 private:
  struct Attempt {
    Result<http::Response> response;
    bool may_repeat = false;  // a pooled connection was closed meanwhile, and nothing of the request was done
  };
  io::Task<Attempt> attempt(const http::Request& request, CallParts& parts);
  io::Task<Result<std::unique_ptr<http::ClientExchange>>> begin(const http::Request& request, CallParts& parts);
  io::Task<Result<http::Response>> receive(http::ClientExchange& exchange, const http::ResponseHead& head, CallParts& parts);

  const size_t body_bytes_max_;
  std::shared_ptr<ToldConnector> connector_;
  http::Client client_;
};

}  // namespace pds::podinfo
