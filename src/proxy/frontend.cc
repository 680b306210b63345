#include "proxy/frontend.h"

#include <algorithm>

#include "proxy/classification.h"
#include "proxy/exchange.h"

namespace pds::proxy {

Frontend::Frontend(io::Loop& loop, const Clock& wall_clock, uint64_t random_seed, std::shared_ptr<FrontCounters> counters)
    : loop_(loop), wall_clock_(wall_clock), trace_seed_(~random_seed), random_(random_seed), counters_(std::move(counters)) {}

Frontend::~Frontend() = default;

void Frontend::set_access_log(std::function<void(std::string_view line)> sink, uint32_t one_in) {
  access_log_ = std::move(sink);
  one_in_ = until_line_ = std::max(one_in, 1u);
}

void Frontend::set_slow_log(Duration threshold, std::function<void(const AccessEntry&)> sink) {
  slow_threshold_ = threshold;
  slow_log_ = std::move(sink);
}

bool Frontend::takes_next_line() {
  if (!access_log_ || --until_line_ > 0) return false;
  until_line_ = one_in_;
  return true;
}

// The same for all requests of a connection, and telling nothing about how many there were before (the finalizer of splitmix64).
uint64_t Frontend::connection_trace(uint64_t connection) const {
  if (connection == 0) return 0;
  uint64_t mixed = trace_seed_ + connection * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

void Frontend::on_refused(const http::RefusedRequest& refused) {
  // No request was read: AWS counts the connection, and logs nothing.
  if (refused.too_many_connections) return void(++counters_->rejected_connections);
  Classification found = classify(refused.status, refused.reason);
  ++counters_->requests;
  if (!found.verdict.empty()) ++counters_->malformed_requests;
  counters_->count_own_status(refused.status);
  counters_->received_bytes += refused.received_bytes;
  counters_->sent_bytes += refused.sent_bytes;
  if (!routes_ || !takes_next_line()) return;
  AccessEntry entry;
  entry.type = routes_->settings.secure ? "https" : "http";
  entry.scheme = entry.type;
  entry.finished = entry.started = wall_clock_.now();
  entry.load_balancer = routes_->settings.load_balancer_id;
  entry.client = refused.peer;
  entry.elb_status = refused.status;
  entry.received_bytes = refused.received_bytes, entry.sent_bytes = refused.sent_bytes;
  entry.host = routes_->settings.dns_name, entry.port = routes_->settings.port;
  entry.classification = found.verdict, entry.classification_reason = found.reason;
  entry.connection_trace = connection_trace(refused.connection);
  access_log_(formatter_.format(entry));
}

std::unique_ptr<ExchangeMemory> Frontend::take_memory() {
  if (spare_memory_.empty()) return std::make_unique<ExchangeMemory>();
  auto memory = std::move(spare_memory_.back());
  spare_memory_.pop_back();
  return memory;
}

void Frontend::give_back(std::unique_ptr<ExchangeMemory> memory) {
  if (spare_memory_.size() < spare_memory_max) spare_memory_.push_back(std::move(memory));
}

io::Task<void> Frontend::serve(http::ServerRequest& request, http::Responder& responder) {
  Exchange exchange(*this, request, responder);
  co_await exchange.run();
}

}  // namespace pds::proxy
