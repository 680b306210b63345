// The bytes a connection has read and not yet used, contiguous. Storage of the usual sizes comes from a pool and goes back when a
// connection has nothing to keep, so that ten thousand idle connections hold no buffers.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace pds::http {

inline constexpr size_t head_buffer_bytes = 16 * 1024;
// Bodies move in larger pieces: measured at 64 KiB, relaying costs a quarter less than at 16 KiB.
inline constexpr size_t body_buffer_bytes = 64 * 1024;

class BufferPool {
 public:
  using Storage = std::unique_ptr<char[]>;
  Storage take(size_t size) {
    if (size == head_buffer_bytes && !kept_.empty()) {
      Storage storage = std::move(kept_.back());
      kept_.pop_back();
      return storage;
    }
    return Storage(new char[size]);
  }
  void give_back(Storage storage, size_t size) {
    if (storage && size == head_buffer_bytes && kept_.size() < kept_max) kept_.push_back(std::move(storage));
  }

 private:
  static constexpr size_t kept_max = 256;  // 4 MiB
  std::vector<Storage> kept_;
};

class InputBuffer {
 public:
  explicit InputBuffer(BufferPool& pool) : pool_(pool) {}
  ~InputBuffer() { release(); }
  InputBuffer(const InputBuffer&) = delete;

  std::string_view bytes() const { return {storage_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(size_t count) {
    ASSERT(count <= end_ - begin_);
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Where to read to. What was returned by bytes() is no longer valid. Grows when it is full.
  std::span<char> room(size_t size_wanted = head_buffer_bytes) {
    if (end_ == capacity_ || (capacity_ < size_wanted && begin_ == end_)) make_room(size_wanted);
    return {storage_.get() + end_, capacity_ - end_};
  }
  void filled(size_t count) { end_ += count; }
  // Gives the storage back when there is nothing in it.
  void release_if_empty() {
    if (begin_ == end_) release();
  }

 private:
  void release() {
    pool_.give_back(std::move(storage_), capacity_);
    begin_ = end_ = capacity_ = 0;
  }
  void make_room(size_t size_wanted) {
    size_t used = end_ - begin_;
    if (used == capacity_ || capacity_ < size_wanted) {
      size_t grown = capacity_ < size_wanted ? size_wanted : capacity_ * 2;
      BufferPool::Storage larger = pool_.take(grown);
      if (used) memcpy(larger.get(), storage_.get() + begin_, used);
      pool_.give_back(std::move(storage_), capacity_);
      storage_ = std::move(larger);
      capacity_ = grown;
    } else {
      memmove(storage_.get(), storage_.get() + begin_, used);
    }
    begin_ = 0;
    end_ = used;
  }

  BufferPool& pool_;
  BufferPool::Storage storage_;
  size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace pds::http
