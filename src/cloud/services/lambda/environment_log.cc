#include "cloud/services/lambda/environment_log.h"

#include <algorithm>

#include "cloud/services/lambda/invocation.h"

namespace pds::cloud::lambda {

namespace {

// A function that writes a lot wakes the cloud ten times a second, not once per line.
constexpr Duration follow_interval = 100ms;
// Read at most what a sandbox keeps, in pieces.
constexpr int pieces_max = 32;

}  // namespace

EnvironmentLog::EnvironmentLog(io::Loop& loop, const Clock& clock, LogSink& sink, std::string group, std::string stream,
                               uint64_t position)
    : loop_(loop), clock_(clock), sink_(sink), group_(std::move(group)), stream_(std::move(stream)), position_(position) {}

void EnvironmentLog::add(std::string line) {
  if (keeps_tail_) {
    tail_ += line;
    if (tail_.size() > 4 * log_tail_bytes_max) tail_.erase(0, tail_.size() - log_tail_bytes_max);
  }
  ready_.push_back({clock_.now(), std::move(line)});
}

void EnvironmentLog::take(std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      partial_ += text;
      if (partial_.size() >= log_line_bytes_max) add(std::exchange(partial_, ""));
      return;
    }
    partial_ += text.substr(0, end + 1);
    add(std::exchange(partial_, ""));
    text.remove_prefix(end + 1);
  }
}

void EnvironmentLog::catch_up() {
  if (grown_) read();
}

void EnvironmentLog::read() {
  for (int piece = 0; sandbox_ && piece < pieces_max; ++piece) {
    Result<sandbox::LogChunk> chunk = sandbox_->read_log(position_);
    if (!chunk || chunk->text.empty()) return;
    position_ = chunk->next;
    take(chunk->text);
  }
}

void EnvironmentLog::write_closing() {
  if (closing_.empty()) return;
  if (!partial_.empty()) add(std::exchange(partial_, ""));
  for (std::string& line : closing_) add(std::move(line));
  closing_.clear();
  keeps_tail_ = false;
}

void EnvironmentLog::begin(std::string start_line, bool keep_tail) {
  settle();
  keeps_tail_ = keep_tail;
  tail_.clear();
  add(std::move(start_line));
}

void EnvironmentLog::end(std::vector<std::string> closing) { closing_ = std::move(closing); }

void EnvironmentLog::settle() {
  catch_up();
  write_closing();
}

void EnvironmentLog::note(std::string line) {
  catch_up();
  add(std::move(line));
}

void EnvironmentLog::hand_over() {
  if (ready_.empty()) return;
  sink_.append_all(group_, stream_, ready_);
  ready_.clear();
}

io::Task<void> EnvironmentLog::flush() {
  if (sandbox_) {
    Result<uint64_t> written = co_await sandbox_->flush_log();
    if (!written || *written > position_) read();
  }
  settle();
  hand_over();
}

std::string EnvironmentLog::tail() const {
  return tail_.size() > log_tail_bytes_max ? tail_.substr(tail_.size() - log_tail_bytes_max) : tail_;
}

io::Task<void> EnvironmentLog::follow() {
  while (sandbox_) {
    grown_ = false;
    Result<void> more = co_await sandbox_->wait_log(position_);
    grown_ = true;
    if (!more || !sandbox_ || sandbox_->has_exited()) co_return;
    co_await loop_.sleep_for(follow_interval);
    catch_up();
    hand_over();
  }
}

}  // namespace pds::cloud::lambda
