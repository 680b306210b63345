#include "aws/credentials.h"

#include <cstdlib>

#include "aws/credentials_source.h"
#include "io/clock.h"

namespace pds::aws {
namespace {

// AWS's own clients renew so long before the end, so that a call in flight never outlives its keys.
constexpr std::chrono::minutes renew_before{5};

class Static final : public CredentialsProvider {
 public:
  explicit Static(Credentials credentials) : credentials_(std::move(credentials)) {}
  io::Task<Result<Credentials>> get() override { co_return credentials_; }

 private:
  Credentials credentials_;
};

class Chain final : public CredentialsProvider {
 public:
  Chain(io::Loop& loop, EnvironmentReader environment) : loop_(loop), environment_(environment) {}

  io::Task<Result<Credentials>> get() override {
    Timestamp now = clock_.now();
    if (cached_ && (!cached_->expires || now < *cached_->expires - renew_before)) co_return *cached_;
    Result<Credentials> fresh = co_await find();
    if (fresh && fresh->expires && *fresh->expires <= now)
      fresh = fail("E_CREDENTIALS_EXPIRED", "the AWS credentials have expired: renew them where they come from");
    // What is still valid bridges an endpoint that is away for a moment.
    if (!fresh && cached_ && now < *cached_->expires) co_return *cached_;
    if (fresh) cached_ = *fresh;
    co_return fresh;
  }

 private:
  io::Task<Result<Credentials>> find() {
    CO_TRY(std::optional<Credentials> found, from_environment(environment_));
    if (!found) {
      CO_TRY(found, co_await from_shared_file(loop_, environment_));
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
