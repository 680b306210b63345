#include "proxy/frontend.h"

#include "proxy/exchange.h"

namespace pds::proxy {

Frontend::Frontend(io::Loop& loop, const Clock& wall_clock, uint64_t random_seed, std::shared_ptr<FrontCounters> counters)
    : loop_(loop), wall_clock_(wall_clock), random_(random_seed), counters_(std::move(counters)) {}

Frontend::~Frontend() = default;

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
