// Runs a release: looks, decides (release.h), writes the decision down, then acts. Everything it needs to go on is in the journal and in
// what the APIs say, so another process can take a release up after this one was killed at any point.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "aws/client.h"
#include "base/crypto.h"
#include "deploy/bundle.h"
#include "deploy/config.h"
#include "deploy/guardrail.h"
#include "deploy/journal.h"
#include "deploy/release.h"
#include "deploy/stack.h"
#include "io/loop.h"

namespace pds::deploy {

// What the person is told.
struct Progress {
  std::function<void(const std::string& text)> happened = [](const std::string&) {};
  std::function<void(const std::string& text)> waiting = [](const std::string&) {};
};

struct ReleaseRequest {
  oci::DigestReference image;
  std::string version;                                              // for people
  std::vector<std::string> trusted_keys;                            // PEM; they go to the fleet, which verifies for itself
  std::string reason = "deploy";
};

class Engine {
 public:
  Engine(io::Loop& loop, aws::Client& client, const Config& config, StackFacts facts, Progress progress);

  // A new release: lock, stage, roll, judge, finish or go back. The release's end is in the result; an Error means that it could not be
  // begun or could not be run on (then it is in the journal, and `pds watch` takes it up).
  io::Task<Result<Release>> deploy(ReleaseRequest request, std::string id, std::string holder);
  // Goes on with a release that is not over.
  io::Task<Result<Release>> resume(Release release, std::string holder);

  Journal& journal() { return journal_; }

 private:
  // engine.cc
  io::Task<Result<void>> note(std::string text);
  io::Task<Result<void>> stage(const ReleaseRequest& request);
  io::Task<Result<Release>> drive();
  io::Task<Result<Observed>> observe();
  io::Task<Result<void>> act(const Decision& decision);
  io::Task<Result<void>> end(std::string phase);
  void say_what_is_awaited(const Observed& observed);

  // fleet_target.cc, function_target.cc
  io::Task<Result<void>> stage_function(const ReleaseRequest& request);
  io::Task<Result<void>> start_function();
  io::Task<Result<void>> send_function_back();
  io::Task<Result<void>> check_function();
  io::Task<Result<void>> stage_fleet(const ReleaseRequest& request);
  io::Task<Result<void>> start_fleet();
  io::Task<Result<void>> send_fleet_back();
  io::Task<Result<void>> check_fleet();
  io::Task<Result<void>> let_old_fleet_go();
  io::Task<Result<void>> settle_fleet();
  io::Task<Result<void>> refresh(TargetProgress& target, bool& waits_for_termination);
  io::Task<Result<void>> stop(TargetProgress& target);
  // The deployment of this release in a group, if it was created before a crash.
  io::Task<Result<std::string>> find_deployment(const std::string& application, const std::string& group, const std::string& description);

  // Each start ends in this, written down by whoever calls it.
  void begun(TargetProgress& target, const std::string& deployment_id);
  // Before going back: what had been created, and whose answer nobody heard, has to be stopped, too.
  io::Task<Result<void>> find_unheard_deployments();

  // metrics.cc
  io::Task<Result<std::vector<TrafficSeries>>> traffic();

  Duration poll_interval() const;

  io::Loop& loop_;
  aws::Client& client_;
  // Creates deployments, and tries once: whose answer was lost is looked for by its description before another is made.
  aws::Client once_;
  const Config& config_;
  StackFacts facts_;
  StackNames names_;
  Journal journal_;
  Progress progress_;
  Release release_;
  Timestamp traffic_since_{};            // control-plane clock: when the release's traffic began to move
  Timestamp last_minute_{}, bake_minute_{};   // the newest minute with traffic, and that at the beginning of baking
  MonoTime bake_began_{};
};

// "r-20261123-190443123-k3xq": sorts by time.
std::string new_release_id(Random& random, Timestamp now);
// "user@host pid start": who runs a release; and whether that process still lives, when it is one of this machine.
std::string this_holder();
bool holder_is_alive_here(const std::string& holder);

}  // namespace pds::deploy
