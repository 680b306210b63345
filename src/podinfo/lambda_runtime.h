// The client side of the Lambda Runtime API: asks for an event, has it answered, hands the answer back; one at a time, for ever.
#pragma once

#include <functional>
#include <string>

#include "base/log.h"
#include "http/client.h"

namespace pds::podinfo {

struct Invocation {
  std::string request_id;
  std::string event;
  std::string function_arn;
  std::string trace_id;
};

// An answer's JSON, or the error that the invoker is to see (its code is the error type).
using InvocationHandler = std::function<io::Task<Result<std::string>>(Invocation invocation)>;

class LambdaRuntime {
 public:
  // `api` is what AWS_LAMBDA_RUNTIME_API says: host:port.
  LambdaRuntime(io::Loop& loop, const Logger& logger, std::string api, InvocationHandler handler);

  // Never ends. Where the Runtime API cannot be reached it tries again, ever more slowly: the cloud may be restarting, and it
  // adopts this environment again when it is back.
  io::Task<void> run();

 private:
  io::Task<Result<Invocation>> next();
  io::Task<Result<Invocation>> next(http::ClientExchange& asked);
  http::Request answer(const Invocation& invocation, Result<std::string> outcome) const;
  void check_receipt(const Invocation& invocation, const Result<http::Response>& receipt) const;
  http::Request request(std::string method, std::string target) const;

  io::Loop& loop_;
  const Logger& logger_;
  std::string api_;
  InvocationHandler handler_;
  http::Client client_;
  const http::Request next_request_;
};

}  // namespace pds::podinfo
