// A connection in memory. Edges are delivered in the loop's next turn, as a kernel's would be.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/stream.h"

namespace pds::io {
namespace {

// One direction. Outlives both ends, whichever goes first.
struct Pipe {
  std::string bytes;
  size_t capacity;
  bool ended = false;   // the writer will send no more
  bool broken = false;  // the reader is gone
  explicit Pipe(size_t c) : capacity(c) {}
};

class MemoryStream final : public Stream {
 public:
  MemoryStream(Loop& loop, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
      : Stream(loop), in_(std::move(in)), out_(std::move(out)) {}
  ~MemoryStream() override { disconnect(); }
  static void connect(MemoryStream& a, MemoryStream& b) {
    a.peer_ = &b;
    b.peer_ = &a;
  }

  IoResult try_read(std::span<char> into) override {
    if (closed_) return {.status = IoResult::failed, .error = EBADF};
    if (size_t again = read_again(into)) return {.status = IoResult::ok, .bytes = again};
    if (in_->bytes.empty()) return {.status = in_->ended ? IoResult::end : IoResult::would_block};
    size_t count = std::min(into.size(), in_->bytes.size());
    memcpy(into.data(), in_->bytes.data(), count);
    bool was_full = in_->bytes.size() >= in_->capacity;
    in_->bytes.erase(0, count);
    if (was_full && peer_) peer_->wake_soon();
    return {.status = IoResult::ok, .bytes = count};
  }

  bool has_input() override { return closed_ || !in_->bytes.empty() || in_->ended; }

  IoResult try_write(std::span<const iovec> parts) override {
    if (closed_ || out_->ended) return {.status = IoResult::failed, .error = EBADF};
    if (out_->broken) return {.status = IoResult::failed, .error = EPIPE};
    size_t wanted = 0, count = 0;
    for (const iovec& part : parts) {
      wanted += part.iov_len;
      size_t fits = std::min(part.iov_len, out_->capacity - out_->bytes.size());
      out_->bytes.append(static_cast<const char*>(part.iov_base), fits);
      count += fits;
    }
    if (count == 0 && wanted > 0) return {.status = IoResult::would_block};
    if (count > 0 && peer_) peer_->wake_soon();
    return {.status = IoResult::ok, .bytes = count};
  }

  void shutdown_write() override {
    out_->ended = true;
    if (peer_) peer_->wake_soon();
  }
  void close() override {
    disconnect();
    wake_soon();
  }
  std::string peer_address() const override { return "memory"; }

 private:
  void disconnect() {
    closed_ = true;
    out_->ended = true;
    in_->broken = true;
    if (!peer_) return;
    peer_->peer_ = nullptr;
    peer_->wake_soon();
    peer_ = nullptr;
  }

  std::shared_ptr<Pipe> in_, out_;
  MemoryStream* peer_ = nullptr;
  bool closed_ = false;
};

}  // namespace

StreamPair make_stream_pair(Loop& loop, size_t capacity) {
  auto there = std::make_shared<Pipe>(capacity), back = std::make_shared<Pipe>(capacity);
  auto a = std::make_unique<MemoryStream>(loop, back, there);
  auto b = std::make_unique<MemoryStream>(loop, there, back);
  MemoryStream::connect(*a, *b);
  return {std::move(a), std::move(b)};
}

}  // namespace pds::io
