#include "http/connection.h"

#include <atomic>

#include "base/text.h"

namespace pds::http {
namespace {

// A peer without its port.
std::string_view address_of(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

// Servers may run on several threads; one count per connection is cheap enough to share.
uint64_t next_connection_number() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

std::string explain(int status, std::string_view reason) {
  std::string text = std::to_string(status) + " " + std::string(standard_reason(status));
  if (!reason.empty()) text.append(": ").append(reason);
  return text + "\n";
}

std::optional<uint64_t> given_length(const ResponseHead& head) {
  auto text = head.headers.find(FieldName::content_length);
  std::optional<int64_t> length = text ? parse_int(*text) : std::nullopt;
  return length && *length >= 0 ? std::optional<uint64_t>(static_cast<uint64_t>(*length)) : std::nullopt;
}

Connection::Connection(ServerShared& shared, std::string peer)
    : shared_(shared),
      peer_(std::move(peer)),
      connected_(shared.loop.now()),
      number_(next_connection_number()),
      next_(shared.first) {
  if (next_) next_->previous_ = this;
  shared_.first = this;
  ++shared_.connections;
}

Connection::~Connection() {
  leave_idle();
  (previous_ ? previous_->next_ : shared_.first) = next_;
  if (next_) next_->previous_ = previous_;
  --shared_.connections;
  if (leaving_) --shared_.leaving;
  if (address_counted_) {
    auto counted = shared_.per_address.find(std::string(address_of(peer_)));
    if (--counted->second == 0) shared_.per_address.erase(counted);
  }
  if (shared_.draining && shared_.connections == 0) shared_.emptied_timer.start(MonoTime{});
}

bool Connection::count_address() {
  if (shared_.options.connections_per_address_max == 0) return true;
  size_t& count = shared_.per_address[std::string(address_of(peer_))];
  if (count >= shared_.options.connections_per_address_max) return false;
  ++count;
  return address_counted_ = true;
}

void Connection::leave() {
  if (std::exchange(leaving_, true)) return;
  ++shared_.leaving;
}

void Connection::make_room() {
  leave();
  leave_idle();
  wake_idle();
}

void Connection::enter_idle() {
  idle_ = true;
  idle_previous_ = shared_.idle_last;
  (idle_previous_ ? idle_previous_->idle_next_ : shared_.idle_first) = this;
  shared_.idle_last = this;
}

void Connection::leave_idle() {
  if (!std::exchange(idle_, false)) return;
  (idle_previous_ ? idle_previous_->idle_next_ : shared_.idle_first) = idle_next_;
  (idle_next_ ? idle_next_->idle_previous_ : shared_.idle_last) = idle_previous_;
  idle_previous_ = idle_next_ = nullptr;
}

}  // namespace pds::http
