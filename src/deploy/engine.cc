#include "deploy/engine.h"

#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/process.h"

namespace pds::deploy {
namespace {

Timestamp real_now() { return io::SystemClock().now(); }

std::string short_digest(const std::string& image) {
  size_t at = image.find("@sha256:");
  return at == std::string::npos ? image : image.substr(at + 1, 19);
}

aws::ClientConfig single_attempt(aws::ClientConfig config) {
  config.attempts_max = 1;
  return config;
}

}  // namespace

std::string new_release_id(Random& random, Timestamp now) {
  std::string stamp = to_iso8601_basic(now);
  // To the millisecond: a release that is refused at once may be followed by the next within the same second.
  auto millis = (now - std::chrono::floor<std::chrono::seconds>(now)) / 1ms;
  return fmt::format("r-{}-{}{:03}-{}", stamp.substr(0, 8), stamp.substr(9, 6), millis, random.text(4, "abcdefghjkmnpqrstuvwxyz23456789"));
}

std::string this_holder() {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  const passwd* user = ::getpwuid(::getuid());
  Result<io::ProcessIdentity> self = io::identify_process(::getpid());
  return fmt::format("{}@{} {} {}", user ? user->pw_name : "?", host, ::getpid(), self ? self->start_ticks : 0);
}

bool holder_is_alive_here(const std::string& holder) {
  std::vector<std::string_view> words = split(holder, ' ');
  std::vector<std::string> mine;
  std::string me = this_holder();
  if (words.size() != 3 || words[0] != me.substr(0, me.find(' '))) return false;
  io::ProcessIdentity identity{static_cast<int>(parse_int(words[1]).value_or(0)), static_cast<uint64_t>(parse_int(words[2]).value_or(0))};
  return identity.pid > 0 && io::is_alive(identity);
}

Engine::Engine(io::Loop& loop, aws::Client& client, const Config& config, StackFacts facts, Progress progress)
    : loop_(loop),
      client_(client),
      once_(loop, single_attempt(client.config())),
      config_(config),
      facts_(std::move(facts)),
      names_(config, facts_.account),
      journal_(client, names_.bucket),
      progress_(std::move(progress)) {}

// AWS's control plane is asked at a pace it does not mind; a cloud on this machine minds nothing.
Duration Engine::poll_interval() const {
  const std::string& endpoint = client_.config().endpoint_url;
  bool local = endpoint.find("//127.") != std::string::npos || endpoint.find("//localhost") != std::string::npos;
  return local ? Duration{200ms} : Duration{5s};
}

io::Task<Result<void>> Engine::note(std::string text) {
  // Written down before anybody is told: what was said of a release is true of it, also for whoever takes it up.
  release_.events.push_back({real_now(), text});
  CO_CHECK(co_await journal_.write(release_));
  progress_.happened(text);
  co_return Result<void>{};
}

io::Task<Result<Release>> Engine::deploy(ReleaseRequest request, std::string id, std::string holder) {
  release_ = Release{};
  release_.id = std::move(id);
  release_.stack = config_.stack();
  release_.image = request.image.text();
  release_.version = request.version;
  release_.holder = std::move(holder);
  release_.began = real_now();
  CO_CHECK(co_await journal_.lock({.holder = release_.holder, .release_id = release_.id, .reason = request.reason, .since = release_.began}));
  CO_TRY(auto serving, co_await journal_.current());
  // The same image once more has the same way back.
  if (serving) release_.previous_image = serving->image == release_.image ? serving->previous_image : serving->image;
  CO_CHECK(co_await note(fmt::format("release {} of {} {} begins", release_.id, request.version, short_digest(release_.image))));
  if (Result<void> staged = co_await stage(request); !staged) {
    // Nothing has been touched that serves: the release ends here, and the error is the person's.
    release_.reason = staged.error().message;
    CO_CHECK(co_await end("reverted"));
    co_return std::unexpected(staged.error());
  }
  if (release_.fleet.skipped && release_.function.skipped) {
    // Nothing moves, so there is nothing to watch; `current` stays the release that moved it.
    CO_CHECK(co_await end("released"));
    co_return release_;
  }
  co_return co_await drive();
}

io::Task<Result<Release>> Engine::resume(Release release, std::string holder) {
  release_ = std::move(release);
  release_.holder = std::move(holder);
  CO_CHECK(co_await journal_.lock({.holder = release_.holder, .release_id = release_.id, .reason = "resume", .since = real_now()}));
  if (release_.phase == "staging") {
    // What staging makes is found again or harmless; what serves has not been touched.
    release_.reason = "interrupted while it was being prepared";
    CO_CHECK(co_await end("reverted"));
    co_return release_;
  }
  CO_CHECK(co_await note(fmt::format("release {} is taken up in phase {}", release_.id, release_.phase)));
  // The phase is written before the fleet's deployment is told: whoever wrote it may have died between the two.
  if (release_.phase == "finishing") CO_CHECK(co_await let_old_fleet_go());
  co_return co_await drive();
}

io::Task<Result<void>> Engine::stage(const ReleaseRequest& request) {
  CO_CHECK(co_await stage_fleet(request));
  CO_CHECK(co_await stage_function(request));
  release_.phase = "rolling";
  if (release_.fleet.skipped && release_.function.skipped) co_return co_await note("both targets serve this image already");
  co_return co_await note(fmt::format("staged: fleet {}, function {}", release_.fleet.skipped ? "unchanged" : release_.bundle_key,
                                      release_.function.skipped ? "unchanged" : "version " + release_.function.to));
}

io::Task<Result<Release>> Engine::drive() {
  while (!is_over(release_)) {
    Result<Observed> observed = co_await observe();
    if (!observed && !observed.error().retryable) co_return std::unexpected(observed.error());
    if (observed) {
      Decision decision = decide(release_, *observed);
      if (decision.step != Step::wait) {
        CO_CHECK(co_await act(decision));
        continue;
      }
      say_what_is_awaited(*observed);
    }
    co_await loop_.sleep_for(poll_interval());
  }
  co_return release_;
}

void Engine::say_what_is_awaited(const Observed& observed) {
  std::string text;
  if (release_.phase == "rolling") {
    text = fmt::format("fleet {}, function {}",
                       observed.fleet_waits_for_termination ? "moved, old fleet kept" : release_.fleet.skipped ? "unchanged" : release_.fleet.status,
                       release_.function.skipped ? "unchanged" : release_.function.status);
  } else if (release_.phase == "baking") {
    text = fmt::format("all traffic is on the new version; watching it for {}", human_duration(config_.duration("guardrail.bake")));
  } else if (release_.phase == "finishing") {
    text = "the old fleet goes";
  } else if (release_.phase == "reverting") {
    text = fmt::format("going back: fleet {}, function {}", release_.fleet.rollback_status.empty() ? release_.fleet.status : release_.fleet.rollback_status,
                       release_.function.rollback_status.empty() ? release_.function.status : release_.function.rollback_status);
  }
  progress_.waiting(text);
}

io::Task<Result<Observed>> Engine::observe() {
  Observed observed;
  bool ignored = false;
  CO_CHECK(co_await refresh(release_.fleet, observed.fleet_waits_for_termination));
  CO_CHECK(co_await refresh(release_.function, ignored));
  if (release_.phase != "rolling" && release_.phase != "baking") co_return observed;

  if (!release_.abort_requested) {
    // `pds abort` leaves a mark of its own, so that it cannot lose a race against the record being rewritten.
    CO_TRY(auto marked, co_await journal_.abort_requested(release_.id));
    release_.abort_requested = marked;
  }
  CO_TRY(auto series, co_await traffic());
  observed.judgement = judge(series, {.error_ratio_max = config_.ratio("guardrail.error_ratio"), .errors_min = static_cast<double>(config_.integer("guardrail.errors_min"))});
  if (release_.phase == "baking") {
    // By the control plane's minutes as the metrics show them, or, when nobody uses the service, by real time.
    if (bake_began_ == MonoTime{}) bake_began_ = std::chrono::steady_clock::now(), bake_minute_ = release_.baking_since;
    Duration bake = config_.duration("guardrail.bake");
    if (bake_minute_ == Timestamp{}) bake_minute_ = last_minute_;
    bool by_metrics = bake_minute_ != Timestamp{} && last_minute_ - bake_minute_ > bake;
    observed.bake_is_over = by_metrics || std::chrono::steady_clock::now() - bake_began_ > bake;
  }
  co_return observed;
}

io::Task<Result<void>> Engine::act(const Decision& decision) {
  switch (decision.step) {
    case Step::start_fleet: co_return co_await start_fleet();
    case Step::start_function: co_return co_await start_function();
    case Step::begin_bake:
      release_.phase = "baking";
      release_.baking_since = last_minute_;
      co_return co_await note("all traffic is on the new version; both targets are being watched");
    case Step::begin_finish:
      release_.phase = "finishing";
      CO_CHECK(co_await note("the guardrail is content: the old fleet may go"));
      co_return co_await let_old_fleet_go();
    case Step::complete:
      CO_CHECK(co_await settle_fleet());
      CO_CHECK(co_await journal_.set_current(release_.id));
      co_return co_await end("released");
    case Step::begin_revert:
      CO_CHECK(co_await find_unheard_deployments());
      release_.phase = "reverting";
      release_.reason = decision.why;
      release_.evidence = decision.evidence;
      co_return co_await note(fmt::format("going back: {}{}", decision.why, decision.evidence.empty() ? "" : " (" + decision.evidence + ")"));
    case Step::stop_function: co_return co_await stop(release_.function);
    case Step::stop_fleet: co_return co_await stop(release_.fleet);
    case Step::send_function_back: co_return co_await send_function_back();
    case Step::send_fleet_back: co_return co_await send_fleet_back();
    case Step::check_function: co_return co_await check_function();
    case Step::check_fleet: co_return co_await check_fleet();
    case Step::give_up:
      release_.reason += "; " + decision.why;
      co_return co_await end("stuck");
    case Step::finish_revert: co_return co_await end("reverted");
    case Step::wait: co_return Result<void>{};
  }
  co_return Result<void>{};
}

io::Task<Result<void>> Engine::end(std::string phase) {
  release_.phase = std::move(phase);
  release_.ended = real_now();
  std::string word = release_.phase == "released" ? "released" : release_.phase == "reverted" ? "gone back" : "stuck: a person is needed";
  CO_CHECK(co_await note(fmt::format("{} after {}", word, human_duration(release_.ended - release_.began))));
  co_return co_await journal_.unlock();
}

}  // namespace pds::deploy
