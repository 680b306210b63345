#include "podinfo/hot_cache.h"

#include <algorithm>

namespace pds::podinfo {

HotCache::Found::Kind HotCache::state_of(const Entry& entry, LogPosition least, MonoTime now) const {
  bool is_absent = entry.page->items.empty();
  Duration fresh = is_absent ? std::min(settings_.fresh, absent_time) : settings_.fresh;
  Duration stale = is_absent ? Duration() : settings_.stale;
  if (entry.page->as_of < least || now >= entry.loaded + fresh + stale) return Found::Kind::miss;
  return now < entry.loaded + fresh ? Found::Kind::fresh : Found::Kind::stale;
}

HotCache::Found HotCache::find(std::string_view key, LogPosition least, MonoTime now) {
  auto found = entries_.find(key);
  Found out;
  if (found != entries_.end()) {
    Entry& entry = found->second;
    out.kind = state_of(entry, least, now);
    out.newest = entry.page->as_of;
    if (out.kind != Found::Kind::miss) {
      out.page = entry.page;
      uses_.splice(uses_.begin(), uses_, entry.use);
    }
  }
  ++(out.kind == Found::Kind::fresh ? counts_.hits : out.kind == Found::Kind::stale ? counts_.stale : counts_.misses);
  return out;
}

HotCache::Entries::iterator HotCache::remove(Entries::iterator entry) {
  bytes_ -= entry->second.bytes;
  uses_.erase(entry->second.use);
  return entries_.erase(entry);
}

void HotCache::put(const std::string& key, SharedPage page, MonoTime loaded) {
  size_t bytes = page->bytes() + key.size() + entry_overhead_bytes;
  auto [entry, is_new] = entries_.try_emplace(key);
  if (!is_new) {
    const Entry& kept = entry->second;
    if (page->as_of < kept.page->as_of || (page->as_of == kept.page->as_of && loaded < kept.loaded)) return;
    bytes_ -= kept.bytes;
    uses_.erase(kept.use);
  }
  uses_.push_front(entry->first);
  entry->second = {std::move(page), loaded, bytes, uses_.begin()};
  bytes_ += bytes;
  if (bytes > settings_.bytes_max) {
    remove(entry);
    return;
  }
  while (bytes_ > settings_.bytes_max) {
    ++counts_.evicted;
    remove(entries_.find(uses_.back()));
  }
}

void HotCache::erase(std::string_view key) {
  if (auto found = entries_.find(key); found != entries_.end()) remove(found);
}

void HotCache::erase_prefix(std::string_view prefix) {
  for (auto at = entries_.lower_bound(prefix); at != entries_.end() && at->first.starts_with(prefix);) at = remove(at);
}

}  // namespace pds::podinfo
