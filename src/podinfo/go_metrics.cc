#include "podinfo/go_metrics.h"

#include <malloc.h>
#include <unistd.h>

#include "base/text.h"
#include "io/files.h"
#include "podinfo/metrics_page.h"

namespace pds::podinfo {
namespace {

void append_collections(MetricsPage& page) {
  page.family("go_gc_duration_seconds", "A summary of the wall-time pause duration in garbage collection cycles: there are none.", "summary");
  for (std::string_view quantile : {"0", "0.25", "0.5", "0.75", "1"}) page.line(fmt::format("quantile=\"{}\"", quantile), 0);
  page.line("", 0, "_sum");
  page.line("", 0, "_count");
}

void append_threads(MetricsPage& page, std::string_view runtime) {
  page.single("go_goroutines", "Number of goroutines that currently exist: the loop that serves.", "gauge", 1);
  page.family("go_info", "Information about the environment.", "gauge");
  page.line(fmt::format("version=\"{}\"", runtime), 1);
  if (auto threads = io::list_directory("/proc/self/task")) page.single("go_threads", "Number of OS threads created.", "gauge", threads->size());
}

// The sixth number of statm is data and stacks, in pages.
size_t given_by_the_system(size_t at_least) {
  constexpr size_t data_at = 5;
  std::string text = io::read_file("/proc/self/statm", 4096).value_or("");
  std::vector<std::string_view> fields = split(text, ' ');
  int64_t pages = fields.size() > data_at ? parse_int(fields[data_at]).value_or(0) : 0;
  return std::max(at_least, static_cast<size_t>(pages) * static_cast<size_t>(::sysconf(_SC_PAGESIZE)));
}

void append_memory(MetricsPage& page) {
  struct mallinfo2 heap = ::mallinfo2();
  // Large blocks are the system's, each by itself, and all in use.
  size_t in_use = heap.uordblks + heap.hblkhd, taken = heap.arena + heap.hblkhd;
  page.single("go_memstats_alloc_bytes", "Number of bytes allocated in heap and currently in use.", "gauge", in_use);
  page.single("go_memstats_heap_alloc_bytes", "Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes.", "gauge", in_use);
  page.single("go_memstats_heap_idle_bytes", "Number of heap bytes waiting to be used.", "gauge", heap.fordblks);
  page.single("go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use.", "gauge", in_use);
  page.single("go_memstats_heap_sys_bytes", "Number of heap bytes obtained from system.", "gauge", taken);
  page.single("go_memstats_sys_bytes", "Number of bytes obtained from system.", "gauge", given_by_the_system(taken));
}

}  // namespace

std::string go_metrics_text(std::string_view runtime) {
  MetricsPage page;
  append_collections(page);
  append_threads(page, runtime);
  append_memory(page);
  return page.take();
}

}  // namespace pds::podinfo
