// Functions as other services use them: rotation, balancer targets, deployment hooks. Lambda implements this; callers know no more.
#pragma once

#include <string>

#include "base/result.h"
#include "io/task.h"

namespace pds::cloud {

struct FunctionCall {
  std::string function;         // a name, or an ARN of any form, with or without a qualifier at its end
  std::string qualifier;        // a version, an alias or "$LATEST"; empty: what `function` ends in, else $LATEST
  std::string payload;          // the event; JSON
  std::string client_context;   // base64, as X-Amz-Client-Context has it; empty: none
  // The service that calls, "secretsmanager.amazonaws.com": the function's resource policy must allow it. Empty: the cloud itself, which
  // has been authorised already.
  std::string service_principal;
  std::string source_arn;       // what the call is made for: the secret, the target group
};

struct FunctionResult {
  std::string payload;            // what the function answered, or the error document when function_error is set
  std::string function_error;     // empty: it succeeded; "Unhandled" otherwise
  std::string executed_version;   // "7", "$LATEST"
  std::string log_tail;           // the last 4 KiB of this invocation's log, not encoded; empty for asynchronous calls
};

class FunctionInvoker {
 public:
  virtual ~FunctionInvoker() = default;

  // Waits for the answer. A function that fails is a result with function_error set; an Error means that it did not run:
  // ResourceNotFoundException, AccessDeniedException, TooManyRequestsException (retryable), RequestTooLargeException,
  // ResourceConflictException (the function is still pending), InvalidRequestContentException (the payload is not JSON).
  virtual io::Task<Result<FunctionResult>> invoke(FunctionCall call) = 0;

  // Queues the event and returns once it is durable. Failures are retried twice, as Lambda does for asynchronous invocations.
  virtual io::Task<Result<void>> invoke_later(FunctionCall call) = 0;

  // What invoke() would say before running anything: the function and qualifier exist, and the policy allows the service. For checks
  // when something is configured (RotateSecret, RegisterTargets).
  virtual Result<void> check_invokable(const FunctionCall& call) const = 0;
};

}  // namespace pds::cloud
