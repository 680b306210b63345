// The keys that session tickets are sealed with. A ticket is worth a handshake: whoever has its key can read what was said under it, so
// keys live for a while, in memory only, and are wiped. Shared by all contexts of one listener, so that a reload of certificates
// leaves tickets good.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/crypto.h"
#include "base/time.h"

namespace pds::http {

struct TicketKey {
  std::array<unsigned char, 16> name;   // travels in the ticket
  std::array<unsigned char, 32> cipher;
  std::array<unsigned char, 32> mac;
  Timestamp made;
};

class TicketKeys {
 public:
  // A key seals for `lifetime` and opens for as long again: then what it sealed last has expired, too.
  TicketKeys(const Clock& clock, Random& random, Duration lifetime = 12h);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  Duration lifetime() const { return lifetime_; }
  // What new tickets are sealed with; made anew when the last one is too old.
  const TicketKey& current();
  // Null: unknown, or too old.
  const TicketKey* find(std::string_view name);

 private:
  void rotate();
  const Clock& clock_;
  Random& random_;
  const Duration lifetime_;
  TicketKey* keys_;   // two of them, the current one first, on a page that core dumps and swap leave out
};

}  // namespace pds::http
