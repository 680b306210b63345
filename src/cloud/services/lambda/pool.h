// The environments of one configuration of a function, and the invocations that wait for them. What is decided is in scheduler.h.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "cloud/core.h"
#include "cloud/images.h"
#include "cloud/roles.h"
#include "cloud/services/lambda/environment.h"
#include "cloud/services/lambda/metrics.h"
#include "cloud/services/lambda/records.h"
#include "cloud/store.h"

namespace pds::cloud::lambda {

// What pools share. Outlives them.
struct PoolContext {
  Core& core;
  ImageSource& images;
  RoleSource& roles;
  LogSink& logs;
  InvocationMetrics& metrics;
  Table<EnvironmentRecord>& records;
  io::TaskSet& burials;
  IdlePolicy idle_policy;
  std::string sandbox_prefix;  // "fn-us-east-1-"
  size_t in_flight = 0;        // of all functions
  io::Event* adopted =
      nullptr;  // set when it is known what outlived the cloud, and whether there are sandboxes; null: from the first
};

class Pool final : public EnvironmentOwner {
 public:
  Pool(PoolContext& context, VersionRecord version);
  ~Pool() override;

  // Runs it as soon as an environment is free. The invocation's `done` is set in every case.
  void submit(InvocationPtr invocation, bool weighted);
  // Nothing new comes: waiting and running invocations finish, then the environments go.
  void retire();
  bool is_spent() const { return retired_ && waiting_.empty() && environments_.empty() && preparing_ == 0; }
  void adopt(const EnvironmentRecord& record, std::unique_ptr<sandbox::Sandbox> sandbox);
  // Writes down how far logs were read.
  void note_positions();

  size_t in_flight() const { return in_flight_; }
  size_t idle() const { return idle_.size(); }
  const std::map<std::string, std::unique_ptr<Environment>>& environments() const { return environments_; }

  void on_idle(Environment& environment) override;
  void on_returning(Environment& environment) override;
  void on_finished(Environment& environment, Invocation& invocation, Duration duration, bool failed) override;
  void on_ended(Environment& environment, std::optional<Failure> failure) override;

 private:
  void balance(size_t returning);
  void start(bool during_invoke);
  io::Task<void> prepare(bool during_invoke);
  Result<void> launch(bool during_invoke);
  Environment& insert(std::string id, std::string log_stream, uint64_t log_position);
  void refuse_front(Error error);
  void fail_front(const Failure& failure, Environment* environment);
  void settle_counts(const Invocation& invocation);
  bool is_too_old(const Environment& environment) const;
  std::string make_log_stream() const;

  PoolContext& context_;
  const VersionRecord version_;
  std::optional<ContainerImage> image_;
  bool retired_ = false;
  std::deque<InvocationPtr> waiting_;
  std::map<std::string, std::unique_ptr<Environment>> environments_;
  std::vector<Environment*> idle_;  // used last: at the back
  std::unordered_set<Environment*> booting_, returning_;
  std::unordered_set<const Invocation*> weighted_;
  size_t preparing_ = 0;  // starts that have no environment yet
  size_t in_flight_ = 0;
  io::Timer grace_timer_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::lambda
