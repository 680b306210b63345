// Calls in the server: how requests, answers and conversations travel. Each call is an object of gRPC's own that goes when it is done;
// what happens to it comes in on gRPC's threads. None of them waits here: a delay is an alarm.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "podinfo/grpc/health.h"
#include "podinfo/grpc/methods.h"
#include "podinfo/grpc/turn.h"

namespace pds::podinfo::rpc {

// Of all connections together. A call that waits costs nearly twenty kilobytes: eighty megabytes at most. Messages are bounded by the
// server's memory quota.
inline constexpr size_t calls_max = 4000;

class Conversation;

// What ends a call whose client has sent no message, or one that is too large: then gRPC has sent a status of its own.
::grpc::Status no_request();

// The calls that are going on.
class Calls {
 public:
  bool admit();  // false: there are calls_max already
  void discharge();
  void join(Conversation& conversation);
  void leave(Conversation& conversation);
  // Those that are going on, and those that begin after it.
  void end_conversations();

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  size_t count_ = 0;
  bool ending_ = false;
  std::set<Conversation*> conversations_;
};

// A call that ends at once.
class RefusedCall final : public ::grpc::ServerGenericBidiReactor {
 public:
  explicit RefusedCall(::grpc::Status status) {
    Finish(std::move(status));
    give(this);
  }

 private:
  void OnDone() override {
    take(this);
    delete this;
  }
};

// One request, one answer, now or later.
class UnaryCall final : public ::grpc::ServerGenericBidiReactor {
 public:
  UnaryCall(Calls& calls, std::chrono::seconds delay_max, std::function<Answer(const std::string&)> method);

 private:
  void OnReadDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void wait();
  void answer();

  Calls& calls_;
  const std::chrono::seconds delay_max_;
  std::function<Answer(const std::string&)> method_;
  ::grpc::ByteBuffer in_, out_;
  Answer answer_;
  std::mutex mutex_;
  // Guarded by mutex_.
  bool cancelled_ = false, waiting_ = false;
  ::grpc::Alarm alarm_;
};

// Messages both ways until one side ends it.
class Conversation : public ::grpc::ServerGenericBidiReactor {
 public:
  // From any thread, once.
  void end(::grpc::Status status);

 protected:
  explicit Conversation(Calls& calls);
  // From any thread. While one is on its way only the last of the others is kept, and is not sent if it says the same.
  void send(std::string message);
  // At the end of the constructor.
  void begin() {
    give(this);
    receive();
  }
  void receive() { StartRead(&in_); }
  virtual void on_message(const std::string& message) = 0;
  virtual void on_no_more() = 0;
  virtual void on_sent() {}
  void OnDone() override;

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void write(std::string message);  // with the lock

  Calls& calls_;
  ::grpc::ByteBuffer in_, out_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::string sent_;
  std::optional<std::string> next_;
  std::optional<::grpc::Status> status_;
  bool writing_ = false;
};

class HealthWatch final : public Conversation, private Health::Watcher {
 public:
  HealthWatch(Calls& calls, Health& health) : Conversation(calls), health_(health) { begin(); }

 private:
  void on_message(const std::string& message) override;
  void on_no_more() override { end(no_request()); }
  void tell(std::string status) override { send(std::move(status)); }
  void OnDone() override;
  Health& health_;
};

class ReflectionTalk final : public Conversation {
 public:
  explicit ReflectionTalk(Calls& calls) : Conversation(calls) { begin(); }

 private:
  void on_message(const std::string& message) override;
  void on_no_more() override { end(::grpc::Status::OK); }
  void on_sent() override { receive(); }
};

}  // namespace pds::podinfo::rpc
