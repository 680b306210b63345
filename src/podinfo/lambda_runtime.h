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
  std::optional<Timestamp> deadline;  // when Lambda ends it
  std::optional<Error> flaw;          // why there is no event: the handler is not asked
};

// An answer that goes out piece by piece. It begins with the first of these calls, and ends when the handler has come to its end.
class LambdaStream {
 public:
  // `api`: the Runtime API's address; `content_type` is for the receiver of the stream.
  LambdaStream(http::Client& client, const std::string& api, const std::string& request_id) : client_(client), api_(api), request_id_(request_id) {}
  io::Task<Result<void>> start(std::string_view content_type, std::string_view first_piece);
  io::Task<Result<void>> write(std::string_view piece);
  bool started() const { return exchange_ != nullptr; }
  // Cuts the answer: its receiver is told so, and is not to take it for whole.
  void break_off(Error error) { broken_ = std::move(error); }
  // For the runtime: the status of the receipt.
  io::Task<Result<int>> end();

 private:
  http::Client& client_;
  const std::string &api_, &request_id_;
  std::unique_ptr<http::ClientExchange> exchange_;
  std::optional<Error> broken_;
};

// An answer's JSON, or the error that the invoker is to see (its code is the error type). Of no account when it has begun the stream.
using InvocationHandler = std::function<io::Task<Result<std::string>>(const Invocation& invocation, LambdaStream& stream)>;

class LambdaRuntime {
 public:
  // `api` is what AWS_LAMBDA_RUNTIME_API says: host:port.
  LambdaRuntime(io::Loop& loop, const Logger& logger, std::string api, InvocationHandler handler);

  // Until `stop` is set: 0, with what is under way answered, or given up after a while. Where the Runtime API cannot be reached it tries
  // again, ever more slowly and not for ever: the cloud may be restarting, and it adopts this environment again when it is back. Where the API
  // says that it has no more for this environment: 1.
  io::Task<int> run(io::Event& stop);

 private:
  io::Task<Result<Invocation>> next();
  io::Task<Result<Invocation>> next(http::ClientExchange& asked);
  http::Request answer(const Invocation& invocation, Result<std::string> outcome) const;
  void note_receipt(const Invocation& invocation, const Result<int>& status) const;
  void note_receipt(const Invocation& invocation, const Result<http::Response>& receipt) const;
  // Has it answered; what has been asked along with that, if anything.
  io::Task<std::unique_ptr<http::ClientExchange>> serve(const Invocation& invocation);
  // Ends where there is nothing more to come.
  io::Task<void> serve_all(io::Timer& lost);
  // The invocation under way ends soon, or is given up.
  io::Task<void> wind_down();

  io::Loop& loop_;
  const Logger& logger_;
  std::string api_;
  InvocationHandler handler_;
  http::Client client_;
  const http::Request next_request_;
  const Invocation* current_ = nullptr;  // under way
  io::Event served_;                     // it no longer is
  bool stopping_ = false;                // no further event is asked for
};

}  // namespace pds::podinfo
