#include "podinfo/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

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

void append_family(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void append_single(std::string& out, std::string_view name, std::string_view help, std::string_view type, double value) {
  append_family(out, name, help, type);
  fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

void append_times(std::string& out, Timestamp started) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  append_single(out, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter",
                seconds(usage.ru_utime) + seconds(usage.ru_stime));
  append_single(out, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.", "gauge",
                to_epoch_seconds(started));
}

void append_memory(std::string& out) {
  if (auto memory = io::read_file("/proc/self/statm", 4096)) {
    auto fields = split(*memory, ' ');
    double page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (fields.size() > 1) {
      append_single(out, "process_virtual_memory_bytes", "Virtual memory size in bytes.", "gauge",
                    static_cast<double>(parse_int(fields[0]).value_or(0)) * page);
      append_single(out, "process_resident_memory_bytes", "Resident memory size in bytes.", "gauge",
                    static_cast<double>(parse_int(fields[1]).value_or(0)) * page);
    }
  }
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  append_single(out, "process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.", "gauge",
                static_cast<double>(limit.rlim_cur));
}

void append_descriptors(std::string& out) {
  if (auto descriptors = io::list_directory("/proc/self/fd")) {
    // One of them is the listing's own.
    append_single(out, "process_open_fds", "Number of open file descriptors.", "gauge",
                  static_cast<double>(descriptors->size()) - 1);
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  append_single(out, "process_max_fds", "Maximum number of open file descriptors.", "gauge", static_cast<double>(limit.rlim_cur));
}

// The line "IpExt: ..." of names, and the one of values behind it.
std::optional<int64_t> network_value(const std::string& text, std::string_view wanted) {
  std::vector<std::string_view> names;
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with("IpExt:")) continue;
    std::vector<std::string_view> fields = split(line, ' ');
    if (names.empty()) {
      names = std::move(fields);
      continue;
    }
    for (size_t i = 0; i < std::min(names.size(), fields.size()); ++i) {
      if (names[i] == wanted) return parse_int(fields[i]);
    }
  }
  return std::nullopt;
}

void append_network(std::string& out) {
  auto text = io::read_file("/proc/self/net/netstat", 64 * 1024);
  if (!text) return;
  if (auto in = network_value(*text, "InOctets"))
    append_single(out, "process_network_receive_bytes_total", "Number of bytes received by the process over the network.",
                  "counter", static_cast<double>(*in));
  if (auto sent = network_value(*text, "OutOctets"))
    append_single(out, "process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.", "counter",
                  static_cast<double>(*sent));
}

void append_process(std::string& out, Timestamp started) {
  append_times(out, started);
  append_memory(out);
  append_descriptors(out);
  append_network(out);
}

void append_scrapes(std::string& out, uint64_t scrapes) {
  append_single(out, "promhttp_metric_handler_requests_in_flight", "Current number of scrapes being served.", "gauge", 1);
  append_family(out, "promhttp_metric_handler_requests_total", "Total number of scrapes by HTTP status code.", "counter");
  fmt::format_to(std::back_inserter(out),
                 "promhttp_metric_handler_requests_total{{code=\"200\"}} {}\n"
                 "promhttp_metric_handler_requests_total{{code=\"500\"}} 0\n"
                 "promhttp_metric_handler_requests_total{{code=\"503\"}} 0\n",
                 scrapes);
}

}  // namespace

void Metrics::count(std::string_view method, std::string_view path_label, int status, Duration took) {
  double seconds = std::chrono::duration<double>(took).count();
  Series& series = durations_[{known_method(method), path_label, status}];
  size_t bucket = static_cast<size_t>(std::ranges::lower_bound(bucket_seconds, seconds) - bucket_seconds.begin());
  ++series.buckets[bucket];
  ++series.count;
  series.sum_seconds += seconds;
  ++requests_[status];
}

std::string Metrics::text(Timestamp started) {
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
  append_scrapes(out, scrapes_++);
  return out;
}

}  // namespace pds::podinfo
