#include "podinfo/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "io/files.h"

namespace pds::podinfo {
namespace {

// Methods are the client's to choose: unknown ones share a series, so that nobody can make series without end.
std::string_view known_method(std::string_view method) {
  for (std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "other";
}

void append_process(std::string& out, Timestamp started) {
  auto gauge = [&](std::string_view name, std::string_view help, std::string_view type, double value) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
  };
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  gauge("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter",
        seconds(usage.ru_utime) + seconds(usage.ru_stime));
  if (auto memory = io::read_file("/proc/self/statm", 4096)) {
    auto fields = split(*memory, ' ');
    double page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (fields.size() > 1) {
      gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", "gauge",
            static_cast<double>(parse_int(fields[0]).value_or(0)) * page);
      gauge("process_resident_memory_bytes", "Resident memory size in bytes.", "gauge",
            static_cast<double>(parse_int(fields[1]).value_or(0)) * page);
    }
  }
  if (auto descriptors = io::list_directory("/proc/self/fd")) {
    // One of them is the listing's own.
    gauge("process_open_fds", "Number of open file descriptors.", "gauge", static_cast<double>(descriptors->size()) - 1);
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  gauge("process_max_fds", "Maximum number of open file descriptors.", "gauge", static_cast<double>(limit.rlim_cur));
  gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", "gauge", to_epoch_seconds(started));
}

}  // namespace

void Metrics::count(std::string_view method, std::string_view path_label, int status, Duration took) {
  double seconds = std::chrono::duration<double>(took).count();
  Series& series = durations_[{std::string(known_method(method)), std::string(path_label), status}];
  size_t bucket = static_cast<size_t>(std::ranges::lower_bound(bucket_seconds, seconds) - bucket_seconds.begin());
  ++series.buckets[bucket];
  ++series.count;
  series.sum_seconds += seconds;
  ++requests_[status];
}

std::string Metrics::text(Timestamp started) const {
  std::string out =
      "# HELP http_request_duration_seconds Seconds spent serving HTTP requests.\n# TYPE http_request_duration_seconds histogram\n";
  auto append = std::back_inserter(out);
  for (const auto& [key, series] : durations_) {
    const auto& [method, path, status] = key;
    std::string labels = fmt::format(R"(method="{}",path="{}",status="{}")", method, path, status);
    uint64_t below = 0;
    for (size_t i = 0; i < bucket_seconds.size(); ++i) {
      below += series.buckets[i];
      fmt::format_to(append, "http_request_duration_seconds_bucket{{{},le=\"{}\"}} {}\n", labels, bucket_seconds[i], below);
    }
    fmt::format_to(append,
                   "http_request_duration_seconds_bucket{{{0},le=\"+Inf\"}} {1}\nhttp_request_duration_seconds_sum{{{0}}} {2}\n",
                   labels, series.count, series.sum_seconds);
    fmt::format_to(append, "http_request_duration_seconds_count{{{}}} {}\n", labels, series.count);
  }
  out += "# HELP http_requests_total The total number of HTTP requests.\n# TYPE http_requests_total counter\n";
  for (auto [status, count] : requests_) fmt::format_to(append, "http_requests_total{{status=\"{}\"}} {}\n", status, count);
  append_process(out, started);
  return out;
}

}  // namespace pds::podinfo
