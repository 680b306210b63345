#include "aws/credentials.h"

#include <algorithm>
#include <cstdlib>

#include "aws/credentials_source.h"
#include "io/clock.h"

namespace pds::aws {
namespace {

// AWS's own clients renew so long before the end, so that a call in flight never outlives its keys.
constexpr std::chrono::minutes renew_before{5};
// Between two tries to renew what is still used: while it is valid, and when only an instance's metadata has nothing newer.
constexpr std::chrono::seconds bridged_pause{10};
constexpr std::chrono::minutes outlived_pause{5};
// However often keys are refused, where they come from is not asked more often on that account.
constexpr std::chrono::seconds forget_pause{1};

class Static final : public CredentialsProvider {
 public:
  explicit Static(Credentials credentials) : credentials_(std::move(credentials)) {}
  io::Task<Result<Credentials>> get() override { co_return credentials_; }
  bool forget(const Credentials&) override { return false; }

 private:
  Credentials credentials_;
};

class Chain final : public CredentialsProvider {
 public:
  Chain(io::Loop& loop, EnvironmentReader environment) : loop_(loop), environment_(environment) {}

  io::Task<Result<Credentials>> get() override {
    if (cached_ && clock_.now() < renew_at_) co_return *cached_;
    std::shared_ptr<Search> search = search_;
    if (!search) {
      search = search_ = std::make_shared<Search>();
      searching_.spawn(run(search));
    }
    co_await search->over.wait();
    co_return search->outcome;
  }

  bool forget(const Credentials& refused) override {
    bool is_newest = cached_ && cached_->access_key_id == refused.access_key_id && cached_->session_token == refused.session_token;
    if (!is_newest) return true;
    MonoTime now = loop_.exact_now();
    if (forgot_at_ && now < *forgot_at_ + forget_pause) return false;
    forgot_at_ = now;
    cached_.reset();
    return true;
  }

 private:
  // One search serves all who wait for it, and goes on when they give up: what takes longer than they wait would else never be found.
  struct Search {
    Result<Credentials> outcome;
    io::Event over;
  };

  io::Task<void> run(std::shared_ptr<Search> search) {
    search->outcome = keep(co_await find());
    search_ = nullptr;
    // Not from inside this task: who waits may destroy the chain.
    loop_.post([search] { search->over.set(); });
  }

  Result<Credentials> keep(Result<Credentials> fresh) {
    Timestamp now = clock_.now();
    if (fresh && fresh->expires && *fresh->expires <= now && !fresh->outlive_expiry)
      fresh = fail("E_CREDENTIALS_EXPIRED", "the AWS credentials have expired: renew them where they come from");
    // What is still valid bridges an endpoint that is away for a moment.
    bool is_bridge = !fresh && cached_ && (now < *cached_->expires || cached_->outlive_expiry);
    if (is_bridge) fresh = *cached_;
    if (!fresh) return fresh;
    cached_ = *fresh;
    renew_at_ = renewal_of(*cached_, is_bridge, now);
    return fresh;
  }

  static Timestamp renewal_of(const Credentials& credentials, bool is_bridge, Timestamp now) {
    if (!credentials.expires) return Timestamp::max();
    if (*credentials.expires <= now) return now + outlived_pause;
    if (is_bridge) return std::min<Timestamp>(*credentials.expires, now + bridged_pause);
    return *credentials.expires - renew_before;
  }

  io::Task<Result<Credentials>> find() {
    CO_TRY(std::optional<Credentials> found, from_environment(environment_));
    if (!found) {
      CO_TRY(found, co_await from_web_identity(loop_, environment_));
    }
    if (!found) {
      CO_TRY(found, co_await from_shared_files(loop_, environment_));
    }
    if (!found) {
      CO_TRY(found, co_await from_container(loop_, environment_));
    }
    if (!found) {
      CO_TRY(found, co_await from_instance(loop_, environment_));
    }
    if (!found)
      co_return fail(
          "E_CREDENTIALS",
          "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (for the local cloud: eval \"$(pds env)\"), or "
          "AWS_PROFILE, or run where a role is given");
    co_return *std::move(found);
  }

  io::Loop& loop_;
  EnvironmentReader environment_;
  io::SystemClock clock_;
  std::optional<Credentials> cached_;
  Timestamp renew_at_;
  std::optional<MonoTime> forgot_at_;
  std::shared_ptr<Search> search_;  // under way
  io::TaskSet searching_;           // goes first: it uses the others
};

}  // namespace

std::shared_ptr<CredentialsProvider> static_credentials(Credentials credentials) {
  return std::make_shared<Static>(std::move(credentials));
}

std::string process_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::shared_ptr<CredentialsProvider> credentials_chain(io::Loop& loop, EnvironmentReader environment) {
  return std::make_shared<Chain>(loop, environment);
}

}  // namespace pds::aws
