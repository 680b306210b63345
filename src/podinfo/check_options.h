// `podinfo check ...`, which exec probes call: what is to be asked, and how often.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pds::podinfo {

struct CheckOptions {
  enum class Kind { http, tcp, grpc, ws, cert };
  Kind kind = Kind::http;
  std::string address;         // as it was given
  std::string method = "GET";  // http
  std::string body;            // http
  std::string service;         // grpc; empty: the whole server
  bool tls = false;            // grpc
  int retry = 0;               // attempts beside the first; at most check_retries_max
  Duration delay = 1s;         // before an attempt, but, as in the original, before the second
  Duration timeout = 5s;       // for one attempt
  bool asks_at_once = false;   // no delay before the first attempt, and one before each other
};

inline constexpr int check_retries_max = 1000;

// What follows `check`. Errors are usage errors.
Result<CheckOptions> parse_check(const std::vector<std::string>& arguments);
std::string check_usage();

// Whether there is a pause before an attempt; the first is number 0.
bool pauses_before(const CheckOptions& options, int attempt);

}  // namespace pds::podinfo
