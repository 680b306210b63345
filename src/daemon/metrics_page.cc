#include "daemon/metrics_page.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "io/files.h"

namespace pds::daemon {
namespace {

constexpr Duration lag_interval = 500ms;

double seconds_of(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

// The descriptor that looks is not counted.
size_t count_open_files() {
  DIR* directory = ::opendir("/proc/self/fd");
  if (!directory) return 0;
  size_t count = 0;
  while (const dirent* entry = ::readdir(directory)) count += entry->d_name[0] != '.';
  ::closedir(directory);
  return count - std::min<size_t>(count, 1);
}

size_t resident_bytes() {
  Result<std::string> text = io::read_file("/proc/self/statm", 256);
  if (!text) return 0;
  std::vector<std::string_view> fields = split(*text, ' ');
  auto pages = fields.size() > 1 ? parse_int(fields[1]) : std::nullopt;
  return pages ? static_cast<size_t>(*pages) * static_cast<size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

bool is_from_here(std::string_view peer) { return peer.starts_with("127.") || peer.starts_with("[::1]"); }

}  // namespace

io::Task<void> LoopLag::watch() {
  for (;;) {
    MonoTime due = std::chrono::steady_clock::now() + lag_interval;
    co_await loop_.sleep_until(due);
    Duration late = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - due);
    late_us_.record(static_cast<uint64_t>(std::max<int64_t>(late.count(), 0)));
  }
}

void LoopLag::expose(cloud::Exposition& page) const {
  page.histogram("pds_loop_lag_seconds", "How late a timer was heard, looked at twice a second.", {}, late_us_);
}

void expose_process(cloud::Exposition& page) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  page.counter("process_cpu_seconds_total", "CPU time, user and system.", {}, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  page.gauge("process_resident_memory_bytes", "Resident set.", {}, static_cast<double>(resident_bytes()));
  page.gauge("process_open_fds", "Open file descriptors.", {}, static_cast<double>(count_open_files()));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  page.gauge("process_max_fds", "The most that may be open.", {}, static_cast<double>(files.rlim_cur));
}

io::Task<void> MetricsPage::serve(http::ServerRequest& request, http::Responder& responder) {
  http::Response response;
  if (!is_from_here(request.peer)) {
    response = http::Response::text(403, "metrics are for this machine\n");
  } else if (request.head.method != "GET" && request.head.method != "HEAD") {
    response = http::Response::text(405, "GET\n");
    response.head.headers.set("Allow", "GET, HEAD");
  } else {
    cloud::Exposition page;
    fill_(page);
    response = http::Response::text(200, page.text(), cloud::Exposition::content_type);
  }
  [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::daemon
