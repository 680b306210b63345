// Random bytes, fetched many at a time: a correlation id per request would otherwise cost podinfo as much as answering.
#pragma once

#include <array>
#include <cstring>

#include "base/crypto.h"

namespace pds::podinfo {

class BufferedRandom final : public Random {
 public:
  explicit BufferedRandom(Random& source) : source_(source) {}
  void fill(char* out, size_t size) override {
    if (size > bytes_.size()) return source_.fill(out, size);
    if (size > bytes_.size() - used_) {
      source_.fill(bytes_.data(), bytes_.size());
      used_ = 0;
    }
    memcpy(out, bytes_.data() + used_, size);
    memset(bytes_.data() + used_, 0, size);  // given out once
    used_ += size;
  }

 private:
  Random& source_;
  std::array<char, 2048> bytes_{};
  size_t used_ = bytes_.size();
};

}  // namespace pds::podinfo
