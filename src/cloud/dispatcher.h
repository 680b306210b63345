// The front door: one http::Service that tells requests apart (API call by protocol, host name of a balancer, function URL, registry,
// health), verifies SigV4, authorises, validates, runs the handler, waits for durability and encodes the answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "cloud/api.h"
#include "cloud/authority.h"
#include "cloud/core.h"
#include "http/service.h"

namespace pds::cloud {

// A service whose bodies stream (S3): it is handed requests whose signature over the head has been verified, with the body unread.
// The body's own digest, or its chunk signatures, are the service's to check, against `claim` and `secret_access_key`.
struct StreamingCall {
  Call call;
  const aws::Claim* claim = nullptr;        // null: an anonymous request
  const Principal* principal = nullptr;     // null: anonymous
};
class StreamingApi {
 public:
  virtual ~StreamingApi() = default;
  virtual io::Task<void> serve_streaming(const StreamingCall& call, http::ServerRequest& request, http::Responder& responder) = 0;
};

class Dispatcher final : public http::Service {
 public:
  struct Options {
    bool permissive = false;      // any key is accepted as root, unsigned requests too
  };
  Dispatcher(io::Loop& loop, Random& random, Store& store, const Logger& log, Options options);
  ~Dispatcher() override;

  void set_authority(Authority& authority);
  // Finds the APIs of a region, made on first use. The pointer stays valid.
  using RegionApis = std::function<Result<const std::vector<Api>*>(const std::string& region)>;
  void set_regions(RegionApis apis);

  // Requests signed for this service ("s3") go here instead. `find` makes the region's instance on first use.
  void set_streaming(std::string signing_name, std::function<Result<StreamingApi*>(const std::string& region)> find);

  // Requests that are not API calls. Doors are asked in the order they were added; the first that claims a request serves it.
  struct Door {
    std::function<bool(const http::ServerRequest&)> claims;
    http::Service* service;
  };
  void add_door(Door door);

  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::cloud
