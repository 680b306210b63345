#include "http/tls_tickets.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "base/check.h"

namespace pds::http {
namespace {

constexpr size_t page_bytes = 4096;
static_assert(2 * sizeof(TicketKey) <= page_bytes);

}  // namespace

TicketKeys::TicketKeys(const Clock& clock, Random& random, Duration lifetime) : clock_(clock), random_(random), lifetime_(lifetime) {
  void* page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  // Neither is a condition: a machine that allows no locked memory still serves.
  [[maybe_unused]] int unlocked = ::mlock(page, page_bytes);
  [[maybe_unused]] int dumped = ::madvise(page, page_bytes, MADV_DONTDUMP);
  keys_ = new (page) TicketKey[2]{};
}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(keys_, page_bytes);
  ::munmap(keys_, page_bytes);
}

void TicketKeys::rotate() {
  Timestamp now = clock_.now();
  bool fresh = keys_[0].made != Timestamp{} && now - keys_[0].made < lifetime_;
  if (fresh) return;
  bool previous_opens = keys_[0].made != Timestamp{} && now - keys_[0].made < 2 * lifetime_;
  if (previous_opens) {
    keys_[1] = keys_[0];
  } else {
    OPENSSL_cleanse(&keys_[1], sizeof keys_[1]);
  }
  random_.fill(reinterpret_cast<char*>(keys_[0].name.data()), keys_[0].name.size());
  random_.fill(reinterpret_cast<char*>(keys_[0].cipher.data()), keys_[0].cipher.size());
  random_.fill(reinterpret_cast<char*>(keys_[0].mac.data()), keys_[0].mac.size());
  keys_[0].made = now;
}

const TicketKey& TicketKeys::current() {
  rotate();
  return keys_[0];
}

const TicketKey* TicketKeys::find(std::string_view name) {
  rotate();
  for (const TicketKey* key : {&keys_[0], &keys_[1]}) {
    bool opens = key->made != Timestamp{} && clock_.now() - key->made < 2 * lifetime_;
    if (opens && name.size() == key->name.size() && memcmp(name.data(), key->name.data(), name.size()) == 0) return key;
  }
  return nullptr;
}

}  // namespace pds::http
