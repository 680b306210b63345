#include "podinfo/cpu_profile.h"

#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>

#include "base/text.h"
#include "podinfo/trace/proto_writer.h"

// The loader's: where the main thread's stack begins.
extern "C" void* __libc_stack_end;  // NOLINT

// It reads what sanitizers keep apart.
#define PDS_UNSANITIZED __attribute__((no_sanitize("address", "undefined", "thread")))

namespace pds::podinfo {
namespace {

struct Stack {
  uint64_t addresses[profile_frames_max];
  uint32_t depth;
};

// What the signal handler writes to: made before it runs, and no allocation in it.
struct Recording {
  std::unique_ptr<Stack[]> stacks{new Stack[profile_samples_max]};
  std::atomic<size_t> count{0};
};
std::atomic<Recording*> recording{nullptr};

struct Registers {
  uint64_t instruction, frame, stack;
};

Registers registers_of(const ucontext_t& context) {
#if defined(__aarch64__)
  return {context.uc_mcontext.pc, context.uc_mcontext.regs[29], context.uc_mcontext.sp};
#else
  auto at = [&context](int index) { return static_cast<uint64_t>(context.uc_mcontext.gregs[index]); };
  return {at(REG_RIP), at(REG_RBP), at(REG_RSP)};
#endif
}

// Follows frame pointers, which our own code keeps. Code without them leaves anything in the register: nothing is read but from this thread's
// stack above where it is, which is known for the main thread only; of others there is where they are.
PDS_UNSANITIZED void take_stack(const Registers& registers, Stack& out) {
  constexpr uint64_t word = sizeof(uint64_t);
  out.addresses[0] = registers.instruction;
  out.depth = 1;
  if (::gettid() != ::getpid()) return;
  uint64_t least = registers.stack, frame = registers.frame, end = reinterpret_cast<uint64_t>(__libc_stack_end);
  while (out.depth < profile_frames_max && frame >= least && frame + 2 * word <= end && frame % word == 0) {
    uint64_t next = reinterpret_cast<const uint64_t*>(frame)[0], address = reinterpret_cast<const uint64_t*>(frame)[1];
    if (address == 0 || next <= frame) break;
    out.addresses[out.depth++] = address;
    least = frame;
    frame = next;
  }
}

PDS_UNSANITIZED void on_signal(int, siginfo_t*, void* context) {
  Recording* to = recording.load(std::memory_order_acquire);
  if (!to) return;
  size_t index = to->count.fetch_add(1, std::memory_order_relaxed);
  if (index < profile_samples_max) take_stack(registers_of(*static_cast<ucontext_t*>(context)), to->stacks[index]);
}

void set_timer(Duration period) {
  itimerval every{};
  every.it_interval.tv_usec = every.it_value.tv_usec = static_cast<suseconds_t>(period.count());
  ::setitimer(ITIMER_PROF, &every, nullptr);
}

}  // namespace

CpuProfile::CpuProfile() {
  if (recording.load()) return;
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(SIGPROF, &action, nullptr);
  recording.store(new Recording, std::memory_order_release);
  begun_ = true;
  set_timer(profile_period);
}

CpuProfile::~CpuProfile() { stop(); }

// The handler stays: a signal that is still under way finds nothing to write to. Both are on the loop's thread, but threads of gRPC may be in
// the handler, so the memory of a recording is kept for the next one rather than given back.
void CpuProfile::stop() {
  if (!std::exchange(begun_, false)) return;
  set_timer(Duration{});
  static std::unique_ptr<Recording> last;
  last.reset(recording.exchange(nullptr));
}

std::vector<ProfileSample> CpuProfile::end() {
  Recording* from = recording.load();
  if (!begun_ || !from) return {};
  set_timer(Duration{});
  std::map<std::vector<uint64_t>, int64_t> counts;
  size_t count = std::min(from->count.load(), profile_samples_max);
  for (size_t i = 0; i < count; ++i) {
    const Stack& stack = from->stacks[i];
    ++counts[std::vector<uint64_t>(stack.addresses, stack.addresses + stack.depth)];
  }
  stop();
  std::vector<ProfileSample> samples;
  for (auto& [addresses, number] : counts) samples.push_back({addresses, number});
  return samples;
}

std::vector<ProfileMapping> parse_mappings(std::string_view maps) {
  std::vector<ProfileMapping> out;
  for (std::string_view line : split(maps, '\n')) {
    // 55d0c0a00000-55d0c0b00000 r-xp 00010000 08:01 1234   /usr/local/bin/podinfo
    std::vector<std::string_view> words;
    for (std::string_view word : split(line, ' ')) {
      if (!word.empty()) words.push_back(word);
    }
    if (words.size() < 6 || words[1].size() < 3 || words[1][2] != 'x') continue;
    size_t dash = words[0].find('-');
    if (dash == std::string_view::npos) continue;
    auto hex = [](std::string_view text) { return std::strtoull(std::string(text).c_str(), nullptr, 16); };
    out.push_back({hex(words[0].substr(0, dash)), hex(words[0].substr(dash + 1)), hex(words[2]), std::string(words[5])});
  }
  return out;
}

namespace {

// profile.proto: numbers of fields, and texts by their place in a table.
enum { sample_type = 1, sample = 2, mapping = 3, location = 4, string_table = 6, time_nanos = 9, duration_nanos = 10, period_type = 11, period = 12 };
enum { type_of_value = 1, unit_of_value = 2 };
enum { sample_locations = 1, sample_values = 2 };
enum { mapping_id = 1, mapping_begin = 2, mapping_end = 3, mapping_offset = 4, mapping_file = 5 };
enum { location_id = 1, location_mapping = 2, location_address = 3 };

trace::ProtoWriter value_type(uint64_t type, uint64_t unit) {
  trace::ProtoWriter out;
  out.integer(type_of_value, type);
  out.integer(unit_of_value, unit);
  return out;
}

}  // namespace

std::string encode_profile(const std::vector<ProfileSample>& samples, const std::vector<ProfileMapping>& mappings, Timestamp began, Duration took) {
  std::vector<std::string> texts = {"", "samples", "count", "cpu", "nanoseconds"};
  constexpr uint64_t text_samples = 1, text_count = 2, text_cpu = 3, text_nanoseconds = 4;
  int64_t period_ns = profile_period.count() * 1000;
  trace::ProtoWriter out;
  out.message(sample_type, value_type(text_samples, text_count));
  out.message(sample_type, value_type(text_cpu, text_nanoseconds));
  std::map<uint64_t, uint64_t> locations;
  for (const ProfileSample& one : samples) {
    trace::ProtoWriter own;
    for (size_t i = 0; i < one.addresses.size(); ++i) {
      // A caller's address is behind its call.
      uint64_t address = one.addresses[i] - (i > 0 ? 1 : 0);
      own.integer(sample_locations, locations.try_emplace(address, locations.size() + 1).first->second);
    }
    own.integer(sample_values, static_cast<uint64_t>(one.count));
    own.integer(sample_values, static_cast<uint64_t>(one.count * period_ns));
    out.message(sample, own);
  }
  for (size_t i = 0; i < mappings.size(); ++i) {
    trace::ProtoWriter own;
    own.integer(mapping_id, i + 1);
    own.integer(mapping_begin, mappings[i].begin);
    own.integer(mapping_end, mappings[i].end);
    own.integer(mapping_offset, mappings[i].offset);
    own.integer(mapping_file, texts.size());
    texts.push_back(mappings[i].file);
    out.message(mapping, own);
  }
  for (const auto& [address, id] : locations) {
    trace::ProtoWriter own;
    own.integer(location_id, id);
    auto in = std::ranges::find_if(mappings, [address](const ProfileMapping& m) { return address >= m.begin && address < m.end; });
    if (in != mappings.end()) own.integer(location_mapping, static_cast<uint64_t>(in - mappings.begin()) + 1);
    own.integer(location_address, address);
    out.message(location, own);
  }
  for (const std::string& text : texts) out.bytes(string_table, text);
  out.integer(time_nanos, static_cast<uint64_t>(began.time_since_epoch().count()) * 1000);
  out.integer(duration_nanos, static_cast<uint64_t>(took.count()) * 1000);
  out.message(period_type, value_type(text_cpu, text_nanoseconds));
  out.integer(period, static_cast<uint64_t>(period_ns));
  return out.take();
}

}  // namespace pds::podinfo
