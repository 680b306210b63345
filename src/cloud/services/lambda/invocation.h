// One event on its way through a function. Shared by the caller who waits and the environment that works: a caller who goes away
// does not stop the function, as at Lambda.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "cloud/services/lambda/response_stream.h"

namespace pds::cloud::lambda {

// As Lambda has them: 6 MB for what goes in synchronously, 1 MB asynchronously, and 6 MB plus room for the envelope for what comes
// out.
inline constexpr size_t request_bytes_max = 6 * 1024 * 1024;
inline constexpr size_t event_bytes_max = 1024 * 1024;
inline constexpr size_t response_bytes_max = 6'291'556;
inline constexpr size_t log_tail_bytes_max = 4096;

struct Invocation {
  // What is asked. Fixed once it is queued.
  std::string request_id;
  std::string payload;
  std::string client_context;  // decoded; empty: none
  std::string invoked_arn;     // as the caller named it, qualifier included
  std::string trace_id;
  std::string resource;  // "podinfo:live": for metrics
  bool wants_log = false;
  std::shared_ptr<ResponseStream> stream;  // where the answer goes as it comes; null: it is kept in `response`
  MonoTime accepted{};

  // While it runs.
  std::optional<Duration> initialisation;  // of the environment that was made for it

  // What came of it.
  std::string response;
  std::string function_error;  // "Unhandled": the function failed, and response says how
  std::string executed_version;
  std::string log_tail;
  std::optional<Error> refused;  // it never ran
  io::Event done;

  // Nothing more will come of it.
  void settle() {
    if (stream) stream->end();
    done.set();
  }
};
using InvocationPtr = std::shared_ptr<Invocation>;

}  // namespace pds::cloud::lambda
