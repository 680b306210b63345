#include "cloud/services/lambda/report.h"

#include <fmt/format.h>

#include "base/json.h"

namespace pds::cloud::lambda {

namespace {

double milliseconds(Duration d) { return static_cast<double>(d.count()) / 1000.0; }

// "12.35 ms". One for each invocation: digits, not a double's.
void append_milliseconds(Duration duration, std::string& out) {
  int64_t hundredths = (duration.count() + 5) / 10;
  out.append(std::to_string(hundredths / 100)).append(".");
  out += static_cast<char>('0' + hundredths / 10 % 10);
  out += static_cast<char>('0' + hundredths % 10);
  out.append(" ms");
}

std::string_view signal_name(int signal) {
  switch (signal) {
    case 4:
      return "illegal instruction";
    case 6:
      return "aborted";
    case 7:
      return "bus error";
    case 8:
      return "floating point exception";
    case 9:
      return "killed";
    case 11:
      return "segmentation fault";
    case 15:
      return "terminated";
    default:
      return "";
  }
}

}  // namespace

Failure exit_failure(int code, int signal, bool out_of_memory) {
  Failure failure{.type = out_of_memory ? "Runtime.OutOfMemory" : "Runtime.ExitError", .message = ""};
  if (signal == 0) {
    failure.message =
        code == 0 ? "Runtime exited without providing a reason" : fmt::format("Runtime exited with error: exit status {}", code);
  } else if (std::string_view name = signal_name(signal); !name.empty()) {
    failure.message = fmt::format("Runtime exited with error: signal: {}", name);
  } else {
    failure.message = fmt::format("Runtime exited with error: signal: {}", signal);
  }
  return failure;
}

Failure timeout_failure(Duration limit) {
  return {"Sandbox.Timedout", fmt::format("Task timed out after {:.2f} seconds", static_cast<double>(limit.count()) / 1e6)};
}

int64_t billed_milliseconds(const Report& report) {
  Duration whole = report.duration + report.initialisation.value_or(Duration{});
  return std::max<int64_t>(1, (whole.count() + 999) / 1000);
}

std::string start_line(std::string_view request_id, std::string_view version) {
  return std::string("START RequestId: ").append(request_id).append(" Version: ").append(version).append("\n");
}

std::string end_line(std::string_view request_id) { return std::string("END RequestId: ").append(request_id).append("\n"); }

std::string report_line(const Report& report) {
  std::string line;
  line.reserve(256);
  line.append("REPORT RequestId: ").append(report.request_id).append("\tDuration: ");
  append_milliseconds(report.duration, line);
  line.append("\tBilled Duration: ").append(std::to_string(billed_milliseconds(report)));
  line.append(" ms\tMemory Size: ").append(std::to_string(report.memory_megabytes));
  uint64_t peak_megabytes = (report.memory_peak_bytes + (1u << 20) - 1) >> 20;
  line.append(" MB\tMax Memory Used: ").append(std::to_string(peak_megabytes)).append(" MB\t");
  if (report.initialisation) {
    line.append("Init Duration: ");
    append_milliseconds(*report.initialisation, line);
    line += '\t';
  }
  if (report.timed_out)
    line.append("Status: timeout");
  else if (!report.error_type.empty())
    line.append("Status: error\tError Type: ").append(report.error_type);
  return line += '\n';
}

std::string init_report_line(Duration duration, std::string_view phase, std::string_view status, std::string_view error_type) {
  std::string line =
      fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}\tStatus: {}", milliseconds(duration), phase, status);
  if (!error_type.empty()) line += fmt::format("\tError Type: {}", error_type);
  return line + "\n";
}

std::string failure_payload(const Failure& failure, std::string_view request_id) {
  json::object document;
  document["errorType"] = failure.type;
  document["errorMessage"] = fmt::format("RequestId: {} Error: {}", request_id, failure.message);
  return to_text(document);
}

std::string failure_line(const Failure& failure, std::string_view request_id, Timestamp at) {
  if (failure.type == "Sandbox.Timedout") return fmt::format("{} {} {}\n\n", to_iso8601_millis(at), request_id, failure.message);
  return fmt::format("RequestId: {} Error: {}\n{}\n", request_id, failure.message, failure.type);
}

}  // namespace pds::cloud::lambda
