// A client of AWS, or of anything that speaks its wire.
//
//   aws::Client client(loop, config);
//   CO_TRY(auto reply, co_await client.call<aws::secretsmanager::GetSecretValue>({.secret_id = "podinfo"}));
#pragma once

#include <map>
#include <memory>
#include <string>

#include "aws/codec.h"
#include "aws/credentials.h"
#include "http/client.h"
#include "io/loop.h"

namespace pds::aws {

struct ClientConfig {
  std::string region = "us-east-1";             // empty: as the profile or the instance has it, see client_settings.h
  std::string endpoint_url;                     // empty: the profile's, or AWS's own, see endpoint.h
  std::shared_ptr<CredentialsProvider> credentials;  // null: requests are not signed
  int attempts_max = 4;                         // throttling, 5xx and broken connections; exponential back-off with full jitter
  Duration connect_timeout = 5s;                // of one attempt
  Duration timeout = 60s;                       // for one attempt's answer
  EnvironmentReader environment = nullptr;      // asked, with its shared files, for what is not given here, and for AWS_ENDPOINT_URL_<SERVICE>
  std::string authorities_file;                 // whom https endpoints are trusted by; empty: the system's bundle
};

// From AWS_ENDPOINT_URL, AWS_REGION / AWS_DEFAULT_REGION, AWS_CA_BUNDLE and the credentials chain. Reads no file and asks nobody: the
// first call does, where that is needed.
ClientConfig config_from_environment(io::Loop& loop, EnvironmentReader environment = process_environment);

class Client {
 public:
  Client(io::Loop& loop, ClientConfig config);
  ~Client();
  const ClientConfig& config() const;

  // To be awaited where it is made: gives Result<Op::Reply>.
  template <class Op>
  class [[nodiscard]] Calling;
  template <class Op>
  Calling<Op> call(typename Op::Request request) {
    return Calling<Op>(*this, std::move(request));
  }

  // One signed request with a body of any kind (S3 objects, registry tokens). Any status is a success here. Sent again like a call
  // when the method is idempotent.
  io::Task<Result<http::Response>> send_signed(const ServiceInfo& service, http::Request request);

 private:
  io::Task<Result<void>> call_raw(const ServiceInfo& service, const Operation& operation, const void* request, void* reply);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Not a coroutine of its own: there would be one for each operation in each file that calls it.
template <class Op>
class Client::Calling {
 public:
  // service_info_of(Op*) is declared with the operation (PDS_OPERATION).
  Calling(Client& client, typename Op::Request request)
      : request_(std::move(request)), done_(client.call_raw(service_info_of(static_cast<const Op*>(nullptr)), Op::info(), &request_, &reply_)) {}
  Calling(const Calling&) = delete;

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept { return done_.await_suspend(awaiting); }
  Result<typename Op::Reply> await_resume() {
    Result<void> done = done_.await_resume();
    if (!done) return std::unexpected(std::move(done).error());
    return std::move(reply_);
  }

 private:
  typename Op::Request request_;
  typename Op::Reply reply_{};
  io::Task<Result<void>> done_;
};

}  // namespace pds::aws
