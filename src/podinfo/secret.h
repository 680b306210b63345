// The secret podinfo holds. Its value is swapped whole and leaves this object by no endpoint and no log.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/log.h"
#include "io/loop.h"

namespace pds::podinfo {

struct Secret {
  std::string name, arn, version_id;
  std::string value;  // never printed
};

// A secret is a JSON object, or a text that is none and does not look like one. Anything else is not taken: a value cut off on its way would
// otherwise replace a good one.
bool is_sound_secret(std::string_view value);
// The fields of a secret that is an object; none of any other.
json::object secret_fields(std::string_view value);

// Where secrets come from: Secrets Manager, or a test.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  // The version labelled AWSCURRENT.
  virtual io::Task<Result<Secret>> fetch(const std::string& secret_id) = 0;
};

class SecretHolder {
 public:
  struct Loaded {
    Secret secret;
    Timestamp at;
  };
  SecretHolder(io::Loop& loop, const Clock& clock, const Logger& logger, SecretSource& source, std::string secret_id)
      : loop_(loop), clock_(clock), logger_(logger), source_(source), secret_id_(std::move(secret_id)) {}

  // Called when the first value is there: from then on there always is one.
  void on_first_load(std::function<void()> told) { told_ = std::move(told); }
  // Asked before a new version takes the place of another; an error keeps what there is.
  void set_acceptance(std::function<Result<void>(const Secret&)> accepts) { accepts_ = std::move(accepts); }
  // One look; keeps what it has when that fails. Who comes while another one looks waits for that look.
  io::Task<void> refresh();
  // For a process that is frozen at times, when watch() does nothing: looks where the last look that is over began longer ago: one that is
  // under way is waited for. Who has waited for that once,
  // perhaps in vain, is not asked to wait again so soon.
  bool is_due(Duration every) const;
  io::Task<Result<void>> refresh_if_older_than(Duration every);
  // Looks for ever. When nothing could be loaded yet it looks more often.
  io::Task<void> watch(Duration every);
  // Set once the first look is over, whatever came of it.
  io::Event& first_look() { return first_look_; }

  const std::string& secret_id() const { return secret_id_; }
  std::shared_ptr<const Loaded> current() const { return current_; }
  const std::string& last_error() const { return last_error_; }  // an error code; empty after a success

 private:
  Result<void> judge(const Secret& next) const;
  io::Task<void> look();
  Duration pause(Duration every) const;
  bool is_past(Timestamp then, Duration age) const;

  io::Loop& loop_;
  const Clock& clock_;
  const Logger& logger_;
  SecretSource& source_;
  std::string secret_id_;
  std::shared_ptr<const Loaded> current_;
  std::string last_error_;
  std::function<void()> told_;
  std::function<Result<void>(const Secret&)> accepts_;
  io::Event first_look_;
  // When the last look that is over began, and when one was last waited for; by a clock that goes on while the process does not.
  Timestamp looked_at_{}, waited_at_{};
  bool looking_ = false;
  io::Event looked_;
  // From the loop: who is woken by the end of a look may be who ends it.
  io::Timer tell_end_{loop_, [this] { looked_.set(); }};
};

}  // namespace pds::podinfo
