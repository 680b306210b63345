#include "podinfo/trace/batch.h"

#include <algorithm>

namespace pds::podinfo::trace {

Batch::Batch(io::Loop& loop, const Logger& log, std::string signal, BatchSettings settings, std::string resource, Exporter exporter)
    : loop_(loop),
      log_(log),
      signal_(std::move(signal)),
      settings_(settings),
      resource_(std::move(resource)),
      exporter_(std::move(exporter)),
      timer_(loop, [this] { due_.set(); }) {}

void Batch::add(Item item) {
  if (queue_.size() >= settings_.queue_max) {
    ++lost_;
    if (!std::exchange(overflows_, true)) log_.warn("telemetry is dropped: its queue is full", {{"signal", signal_}, {"size", settings_.queue_max}});
    return;
  }
  queue_.push_back(std::move(item));
  if (queue_.size() >= settings_.batch_max) due_.set();
  else if (!timer_.armed()) timer_.start(loop_.exact_now() + settings_.delay);
}

io::Task<void> Batch::run() {
  while (true) {
    co_await due_.wait();
    due_.reset();
    timer_.cancel();
    while (!queue_.empty()) co_await send_one(loop_.exact_now() + settings_.export_timeout);
  }
}

io::Task<Result<void>> Batch::flush(MonoTime deadline) {
  while (!queue_.empty() || sending_) {
    if (loop_.exact_now() >= deadline) co_return fail_world("E_TIMEOUT", "not all was told in time");
    co_await send_one(deadline);
  }
  co_return Result<void>();
}

// One at a time, whoever asks for it.
io::Task<void> Batch::send_one(MonoTime deadline) {
  if (sending_) {
    sent_.reset();
    co_await sent_.wait();
    co_return;
  }
  size_t count = std::min(queue_.size(), settings_.batch_max);
  if (count == 0) co_return;
  std::vector<Item> items(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + static_cast<ptrdiff_t>(count)));
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(count));
  struct Sending {  // also when it is cancelled
    Batch& batch;
    size_t unsent;
    explicit Sending(Batch& b, size_t n) : batch(b), unsent(n) { batch.sending_ = true; }
    ~Sending() {
      batch.lost_ += unsent;
      batch.sending_ = false;
      batch.sent_.set();
    }
  } sending(*this, count);
  Result<void> sent = co_await exporter_.send(encode_export(resource_, items), deadline);
  if (sent) sending.unsent = 0;
  note(sent, count);
}

// Told when it begins to fail and when that is over, and not for each batch.
void Batch::note(const Result<void>& sent, size_t count) {
  bool failed_before = std::exchange(fails_, !sent);
  if (sent) overflows_ = false;
  if (!sent && !failed_before)
    log_.warn("telemetry is not taken", {{"signal", signal_}, {"error", sent.error().code}, {"detail", sent.error().message}, {"lost", count}});
  if (sent && failed_before) log_.info("telemetry is taken again", {{"signal", signal_}, {"lost", lost_}});
}

void Batch::note_silence() { note(fail_world("E_TIMEOUT", "the collector did not answer in time"), 0); }

}  // namespace pds::podinfo::trace
