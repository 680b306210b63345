// What Lambda writes around an invocation: the START, END and REPORT lines of its log, and the error documents it answers when a
// function could not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pds::cloud::lambda {

// Why an invocation, or an initialisation, ended badly.
struct Failure {
  std::string type;     // "Runtime.ExitError"
  std::string message;  // without "RequestId: ... Error: "
};
Failure exit_failure(int code, int signal, bool out_of_memory);
Failure timeout_failure(Duration limit);

struct Report {
  std::string_view request_id;
  Duration duration{};
  int memory_megabytes = 128;
  uint64_t memory_peak_bytes = 0;          // 0: not measured here; then the line says so little
  std::optional<Duration> initialisation;  // of the environment, on its first invocation
  bool timed_out = false;
  std::string_view error_type;  // empty: it succeeded
};
// Lambda bills started milliseconds, initialisation of an image included.
int64_t billed_milliseconds(const Report& report);

std::string start_line(std::string_view request_id, std::string_view version);
std::string end_line(std::string_view request_id);
std::string report_line(const Report& report);
// "INIT_REPORT Init Duration: 10009.12 ms\tPhase: init\tStatus: timeout"
std::string init_report_line(Duration duration, std::string_view phase, std::string_view status, std::string_view error_type);

// The payload a caller gets: {"errorType":...,"errorMessage":"RequestId: ... Error: ..."}.
std::string failure_payload(const Failure& failure, std::string_view request_id);
// The line the log gets for the same.
std::string failure_line(const Failure& failure, std::string_view request_id, Timestamp at);

}  // namespace pds::cloud::lambda
