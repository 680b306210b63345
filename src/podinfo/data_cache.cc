#include "podinfo/data_cache.h"

#include <algorithm>

namespace pds::podinfo {

struct DataCache::Flight {
  Key key;
  LogPosition least;
  Load load;
  bool overtaken = false;  // by a write
  Result<SharedPage> outcome;
  io::Event landed;
};

DataCache::DataCache(io::Loop& loop, const Clock& clock, HotCache::Settings settings, SharedCache* shared)
    : loop_(loop), clock_(clock), memory_(settings), shared_(shared) {}

io::Task<Result<SharedPage>> DataCache::get(Key key, LogPosition least, Load load) {
  HotCache::Found found = memory_.find(key.text, least, loop_.exact_now());
  if (found.kind == HotCache::Found::Kind::fresh) co_return found.page;
  auto running = flights_.find(key.text);
  FlightPointer flight = running == flights_.end() ? nullptr : running->second;
  if (found.kind == HotCache::Found::Kind::stale) {
    if (!flight && flying_.size() < data_loads_max) start(std::move(key), std::max(least, found.newest), std::move(load));
    co_return found.page;
  }
  if (flight && flight->least >= least) {
    ++joined_;
    co_await flight->landed.wait();
    // Less than its least where somebody made up a token: then it may have been read before what this one's token stands for.
    if (!flight->outcome || (*flight->outcome)->as_of >= least) co_return flight->outcome;
  }
  if (flying_.size() >= data_loads_max) {
    co_return fail_world("E_OVERLOADED", "too many items are being read");
  }
  flight = start(std::move(key), std::max(least, found.newest), std::move(load));
  co_await flight->landed.wait();
  co_return flight->outcome;
}

// A later flight for the same key, which wants more, takes the place of an earlier one, whose passengers still land.
DataCache::FlightPointer DataCache::start(Key key, LogPosition least, Load load) {
  auto flight = std::make_shared<Flight>(std::move(key), least, std::move(load));
  FlightPointer& place = flights_[flight->key.text];
  if (place) place->overtaken = true;
  place = flight;
  flying_.spawn(fly(flight));
  return flight;
}

io::Task<std::optional<LoadedPage>> DataCache::find_shared(const Flight& flight) {
  if (!shared_ || !flight.key.in_shared) co_return std::nullopt;
  std::optional<LoadedPage> found = co_await shared_->find(flight.key.text);
  // What would be stale here is read anew.
  if (found && (found->page.as_of < flight.least || found->loaded <= clock_.now() - memory_.settings().fresh)) found.reset();
  co_return found;
}

// Kept as old as it is. Another machine's clock may be ahead of ours.
void DataCache::keep(Flight& flight, LoadedPage loaded) {
  MonoTime when = loop_.exact_now() - std::max(clock_.now() - loaded.loaded, Duration());
  SharedPage page = std::make_shared<const DataPage>(std::move(loaded.page));
  flight.outcome = page;
  if (!flight.overtaken) memory_.put(flight.key.text, std::move(page), when);
}

io::Task<void> DataCache::fly(FlightPointer flight) {
  std::optional<LoadedPage> found = co_await find_shared(*flight);
  std::string to_share;
  if (found) {
    keep(*flight, *std::move(found));
  } else {
    Timestamp before = clock_.now();
    Result<DataPage> page = co_await flight->load(flight->least);
    if (page) {
      if (shared_ && flight->key.in_shared && !page->items.empty()) to_share = to_shared_text(*page, before);
      keep(*flight, {*std::move(page), before});
    } else {
      flight->outcome = std::unexpected(std::move(page).error());
    }
  }
  flight->landed.set();
  // Still found under its key until this is done, so that a write overtakes it.
  if (!to_share.empty() && !flight->overtaken) co_await shared_->put(flight->key.text, std::move(to_share));
  auto own = flights_.find(flight->key.text);
  if (own != flights_.end() && own->second == flight) flights_.erase(own);
}

void DataCache::overtake(const std::vector<std::string>& keys, std::string_view prefix) {
  std::erase_if(flights_, [&](const auto& entry) {
    bool is_touched = entry.first.starts_with(prefix) || std::ranges::find(keys, entry.first) != keys.end();
    if (is_touched) entry.second->overtaken = true;
    return is_touched;
  });
  for (const std::string& key : keys) memory_.erase(key);
  memory_.erase_prefix(prefix);
}

io::Task<void> DataCache::invalidate(std::vector<std::string> keys, std::string prefix) {
  overtake(keys, prefix);
  if (shared_) co_await shared_->erase(std::move(keys));
}

void DataCache::clear() { overtake({}, ""); }

}  // namespace pds::podinfo
