#include "proxy/tunnel.h"

#include <array>

namespace pds::proxy {
namespace {

constexpr size_t piece_bytes = 16 * 1024;

struct Activity {
  io::Loop& loop;
  Duration idle_timeout;
  MonoTime last = loop.exact_now();
  io::Deadline deadline() const { return last + idle_timeout; }
  void note() { last = loop.exact_now(); }
};

io::Task<void> pump(io::Stream& from, io::Stream& to, Activity& activity, uint64_t& bytes) {
  std::array<char, piece_bytes> piece;
  for (;;) {
    auto got = co_await io::read_some(from, piece, activity.deadline());
    if (!got && got.error().code == "E_TIMEOUT" && activity.loop.exact_now() < activity.deadline())
      continue;  // the other way is busy
    if (!got) break;
    if (*got == 0) {
      to.shutdown_write();
      co_return;
    }
    activity.note();
    bytes += *got;
    auto written = co_await io::write_all(to, {piece.data(), *got}, activity.last + activity.idle_timeout);
    if (!written) break;
    activity.note();
  }
  from.close();  // which ends the other direction too
  to.close();
}

}  // namespace

io::Task<TunnelCounts> run_tunnel(io::Stream& client, io::Stream& target, Duration idle_timeout) {
  Activity activity{client.loop(), idle_timeout};
  TunnelCounts counts;
  io::TaskSet pumps;
  pumps.spawn(pump(client, target, activity, counts.from_client));
  pumps.spawn(pump(target, client, activity, counts.from_target));
  co_await pumps.wait_empty();
  co_return counts;
}

}  // namespace pds::proxy
