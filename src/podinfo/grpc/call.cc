#include "podinfo/grpc/call.h"

#include <grpc/support/time.h>

#include "podinfo/grpc/reflection.h"

namespace pds::podinfo::rpc {
namespace {

std::string to_text(const ::grpc::ByteBuffer& buffer) {
  std::string out;
  std::vector<::grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return out;
  out.reserve(buffer.Length());
  for (const ::grpc::Slice& slice : slices) out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return out;
}

::grpc::ByteBuffer to_buffer(const std::string& bytes) {
  ::grpc::Slice slice(bytes);
  return {&slice, 1};
}

}  // namespace

::grpc::Status no_request() { return {::grpc::StatusCode::INTERNAL, "there is no request"}; }

bool Calls::admit() {
  std::lock_guard lock(mutex_);
  if (count_ == calls_max) return false;
  ++count_;
  return true;
}

void Calls::discharge() {
  std::lock_guard lock(mutex_);
  --count_;
}

void Calls::join(Conversation& conversation) {
  std::lock_guard lock(mutex_);
  conversations_.insert(&conversation);
  if (ending_) conversation.end({::grpc::StatusCode::UNAVAILABLE, "the server is shutting down"});
}

void Calls::leave(Conversation& conversation) {
  std::lock_guard lock(mutex_);
  conversations_.erase(&conversation);
  --count_;
}

void Calls::end_conversations() {
  std::lock_guard lock(mutex_);
  ending_ = true;
  for (Conversation* conversation : conversations_) conversation->end({::grpc::StatusCode::UNAVAILABLE, "the server is shutting down"});
}

UnaryCall::UnaryCall(Calls& calls, std::chrono::seconds delay_max, std::function<Answer(const std::string&)> method)
    : calls_(calls), delay_max_(delay_max), method_(std::move(method)) {
  give(this);
  StartRead(&in_);
}

void UnaryCall::OnReadDone(bool ok) {
  Turn turn(this);
  if (!ok) return Finish(no_request());
  answer_ = method_(to_text(in_));
  in_.Clear();
  if (answer_.status.ok() && answer_.after.count() > 0) return wait();
  answer();
}

void UnaryCall::wait() {
  std::lock_guard lock(mutex_);
  if (cancelled_) return answer();
  waiting_ = true;
  gpr_timespec delay = gpr_time_from_seconds(std::min(answer_.after, delay_max_).count(), GPR_TIMESPAN);
  alarm_.Set(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), delay), [this](bool) {
    take(this);
    answer();
  });
}

void UnaryCall::answer() {
  if (answer_.status.ok()) out_ = to_buffer(answer_.bytes);
  give(this);  // an alarm is no reaction
  if (!answer_.status.ok()) return Finish(answer_.status);
  StartWriteAndFinish(&out_, {}, ::grpc::Status::OK);
}

// Whoever gave up is answered, too, which is how a call ends here; but not later than now.
void UnaryCall::OnCancel() {
  Turn turn(this);
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (waiting_) alarm_.Cancel();
}

void UnaryCall::OnDone() {
  take(this);
  calls_.discharge();
  delete this;
}

Conversation::Conversation(Calls& calls) : calls_(calls) { calls_.join(*this); }

void Conversation::OnReadDone(bool ok) {
  Turn turn(this);
  if (!ok) return on_no_more();
  std::string message = to_text(in_);
  in_.Clear();
  on_message(message);
}

void Conversation::send(std::string message) {
  std::lock_guard lock(mutex_);
  if (status_) return;
  if (writing_) {
    next_ = std::move(message);
  } else {
    write(std::move(message));
  }
}

void Conversation::write(std::string message) {
  writing_ = true;
  sent_ = std::move(message);
  out_ = to_buffer(sent_);
  StartWrite(&out_);
}

void Conversation::OnWriteDone(bool ok) {
  Turn turn(this);
  {
    std::lock_guard lock(mutex_);
    writing_ = false;
    if (status_) return Finish(*status_);
    if (!ok) return;  // OnCancel() comes
    std::optional<std::string> next = std::exchange(next_, std::nullopt);
    if (next && *next != sent_) return write(*std::move(next));
  }
  on_sent();
}

void Conversation::end(::grpc::Status status) {
  std::lock_guard lock(mutex_);
  if (status_) return;
  status_ = std::move(status);
  if (!writing_) Finish(*status_);
}

void Conversation::OnCancel() {
  Turn turn(this);
  end(::grpc::Status::CANCELLED);
}

void Conversation::OnDone() {
  take(this);
  calls_.leave(*this);
  delete this;
}

void HealthWatch::on_message(const std::string& message) {
  if (!health_.watch(message, *this)) end(undecodable());
}

void HealthWatch::OnDone() {
  take(this);
  health_.remove(*this);
  Conversation::OnDone();
}

void ReflectionTalk::on_message(const std::string& message) {
  std::optional<std::string> response = reflect(message);
  if (!response) return end(undecodable());
  send(*std::move(response));
}

}  // namespace pds::podinfo::rpc
