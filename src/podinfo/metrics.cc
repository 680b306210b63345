#include "podinfo/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "io/files.h"
#include "podinfo/metrics_page.h"

namespace pds::podinfo {
namespace {

// Methods are the client's to choose: unknown ones share a series, so that nobody can make series without end.
std::string_view known_method(std::string_view method) {
  for (std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "other";
}

void append_times(MetricsPage& page, Timestamp started) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  page.single("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter", seconds(usage.ru_utime) + seconds(usage.ru_stime));
  page.single("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", "gauge", to_epoch_seconds(started));
}

void append_memory(MetricsPage& page) {
  if (auto memory = io::read_file("/proc/self/statm", 4096)) {
    auto fields = split(*memory, ' ');
    double page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (fields.size() > 1) {
      page.single("process_virtual_memory_bytes", "Virtual memory size in bytes.", "gauge", static_cast<double>(parse_int(fields[0]).value_or(0)) * page_bytes);
      page.single("process_resident_memory_bytes", "Resident memory size in bytes.", "gauge", static_cast<double>(parse_int(fields[1]).value_or(0)) * page_bytes);
    }
  }
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  page.single("process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.", "gauge", static_cast<double>(limit.rlim_cur));
}

void append_descriptors(MetricsPage& page) {
  if (auto descriptors = io::list_directory("/proc/self/fd")) {
    // One of them is the listing's own.
    page.single("process_open_fds", "Number of open file descriptors.", "gauge", static_cast<double>(descriptors->size()) - 1);
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  page.single("process_max_fds", "Maximum number of open file descriptors.", "gauge", static_cast<double>(limit.rlim_cur));
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

void append_network(MetricsPage& page) {
  auto text = io::read_file("/proc/self/net/netstat", 64 * 1024);
  if (!text) return;
  if (auto in = network_value(*text, "InOctets"))
    page.single("process_network_receive_bytes_total", "Number of bytes received by the process over the network.", "counter", static_cast<double>(*in));
  if (auto sent = network_value(*text, "OutOctets"))
    page.single("process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.", "counter", static_cast<double>(*sent));
}

void append_process(MetricsPage& page, Timestamp started) {
  append_times(page, started);
  append_memory(page);
  append_descriptors(page);
  append_network(page);
}

void append_scrapes(MetricsPage& page, uint64_t scrapes) {
  page.single("promhttp_metric_handler_requests_in_flight", "Current number of scrapes being served.", "gauge", 1);
  page.family("promhttp_metric_handler_requests_total", "Total number of scrapes by HTTP status code.", "counter");
  page.line("code=\"200\"", scrapes);
  page.line("code=\"500\"", 0);
  page.line("code=\"503\"", 0);
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

void Metrics::append_requests(MetricsPage& page) const {
  page.family("http_request_duration_seconds", "Seconds spent serving HTTP requests.", "histogram");
  for (const auto& [key, series] : durations_) {
    const auto& [method, path, status] = key;
    std::string labels = fmt::format(R"(method="{}",path="{}",status="{}")", method, path, status);
    uint64_t below = 0;
    for (size_t i = 0; i < bucket_seconds.size(); ++i) {
      below += series.buckets[i];
      page.line(fmt::format("{},le=\"{}\"", labels, bucket_seconds[i]), below, "_bucket");
    }
    page.line(labels + ",le=\"+Inf\"", series.count, "_bucket");
    page.line(labels, series.sum_seconds, "_sum");
    page.line(labels, series.count, "_count");
  }
  page.family("http_requests_total", "The total number of HTTP requests.", "counter");
  for (auto [status, count] : requests_) page.line(fmt::format("status=\"{}\"", status), count);
}

std::string Metrics::text(Timestamp started) {
  MetricsPage page;
  append_requests(page);
  append_process(page, started);
  append_scrapes(page, scrapes_++);
  return page.take();
}

}  // namespace pds::podinfo
