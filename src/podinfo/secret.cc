#include "podinfo/secret.h"

#include <algorithm>

#include "base/text.h"

namespace pds::podinfo {
namespace {

constexpr Duration first_load_pause = 1s;

bool is_object(std::string_view value) {
  Result<json::value> parsed = parse_json(value);
  return parsed && parsed->is_object();
}

}  // namespace

bool is_sound_secret(std::string_view value) {
  if (value.empty() || !is_utf8(value)) return false;
  return !trim(value).starts_with('{') || is_object(value);
}

json::object secret_fields(std::string_view value) {
  Result<json::value> parsed = parse_json(value);
  return parsed && parsed->is_object() ? std::move(parsed->as_object()) : json::object();
}

Result<void> SecretHolder::judge(const Secret& next) const {
  if (!is_sound_secret(next.value)) return fail("MalformedSecret", "the secret is neither a JSON object nor a text");
  if (!current_ || current_->secret.version_id == next.version_id) return {};
  return accepts_ ? accepts_(next) : Result<void>();
}

io::Task<void> SecretHolder::refresh() {
  if (looking_) {
    looked_.reset();
    co_await looked_.wait();
    co_return;
  }
  struct Looking {  // also when it is cancelled
    SecretHolder& holder;
    Timestamp began;
    explicit Looking(SecretHolder& h) : holder(h), began(h.clock_.now()) { holder.looking_ = true; }
    ~Looking() {
      holder.looked_at_ = began;
      holder.looking_ = false;
      holder.tell_end_.start(MonoTime{});
    }
  } looking(*this);
  co_await look();
}

io::Task<void> SecretHolder::look() {
  Result<Secret> found = co_await source_.fetch(secret_id_);
  if (found) {
    if (Result<void> sound = judge(*found); !sound) found = std::unexpected(std::move(sound).error());
  }
  if (!found) {
    // The message of a service may quote what it was given: the code says enough.
    if (last_error_ != found.error().code)
      logger_.warn("secret not loaded", {{"secret", secret_id_}, {"error", found.error().code}});
    last_error_ = found.error().code;
    co_return;
  }
  last_error_.clear();
  if (current_ && current_->secret.version_id == found->version_id) co_return;
  auto loaded = std::make_shared<const Loaded>(Loaded{*std::move(found), clock_.now()});
  logger_.info(current_ ? "secret rotated" : "secret loaded",
               {{"secret", loaded->secret.name}, {"version", loaded->secret.version_id}});
  bool first = !current_;
  current_ = std::move(loaded);
  if (first && told_) told_();
}

Duration SecretHolder::pause(Duration every) const { return current_ ? every : std::min(every, first_load_pause); }

// A clock that was set back knows nothing.
bool SecretHolder::is_past(Timestamp then, Duration age) const {
  Duration passed = clock_.now() - then;
  return passed >= age || passed < 0s;
}

bool SecretHolder::is_due(Duration every) const { return is_past(looked_at_, pause(every)) && is_past(waited_at_, every); }

// A look that was under way when the process was frozen may bring what was true then: it counts from its beginning, and one of one's own
// follows. That one is recent enough whatever the clock says after it.
io::Task<Result<void>> SecretHolder::refresh_if_older_than(Duration every) {
  waited_at_ = clock_.now();
  if (!is_past(looked_at_, pause(every))) co_return Result<void>();
  bool joins = looking_;
  co_await refresh();
  if (joins && is_past(looked_at_, pause(every))) co_await refresh();
  co_return Result<void>();
}

io::Task<void> SecretHolder::watch(Duration every) {
  while (true) {
    co_await refresh();
    first_look_.set();
    co_await loop_.sleep_for(pause(every));
  }
}

}  // namespace pds::podinfo
