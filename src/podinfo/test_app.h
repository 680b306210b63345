// For tests: a podinfo that is asked in process, with a clock, random numbers and secrets of the test's own.
#pragma once

#include <gtest/gtest.h>

#include "base/json.h"
#include "io/clock.h"
#include "podinfo/app.h"

namespace pds::podinfo {

class TextBody final : public http::Body {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  io::Task<Result<std::string_view>> read() override {
    if (std::exchange(read_, true)) co_return std::string_view();
    co_return std::string_view(text_);
  }
  std::optional<uint64_t> length() const override { return text_.size(); }
  const http::Headers& trailers() const override { return none_; }

 private:
  std::string text_;
  bool read_ = false;
  http::Headers none_;
};

// Gives versions one after the other.
class ListedSecrets final : public SecretSource {
 public:
  std::vector<Result<Secret>> answers;
  size_t asked = 0;
  io::Task<Result<Secret>> fetch(const std::string&) override {
    size_t index = std::min(asked++, answers.size() - 1);
    co_return answers[index];
  }
};

struct AppTest : testing::Test {
  io::Loop loop;
  io::ManualClock clock{from_epoch_seconds(1'800'000'000)};
  SeededRandom random{1};
  std::vector<std::string> log;
  Logger logger{[this](std::string_view line) { log.emplace_back(line); }, LogLevel::debug};
  int exit_status = -1;
  Options options{.level = LogLevel::debug};
  Release release{.version = "1.2.3", .revision = "abc"};
  ListedSecrets source;
  SecretHolder secrets{loop, clock, logger, source, "db"};
  bool holds_secret = false;
  std::unique_ptr<App> made;

  App& app() {
    if (!made) {
      made.reset(new App({loop,
                          clock,
                          random,
                          logger,
                          options,
                          release,
                          "host-1",
                          {"A=1", "DB_PASSWORD=hunter2", "AWS_SESSION_TOKEN=x", "api_key=y", "PATH=/bin"},
                          holds_secret ? &secrets : nullptr,
                          [this](int status) { exit_status = status; }}));
      made->set_healthy(true);
      made->set_ready(true);
    }
    return *made;
  }
  http::Response ask(std::string method, std::string target, http::Headers headers = {}, std::string body = "") {
    http::RequestHead head{.method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
    TextBody text(std::move(body));
    return io::run_until_done(loop, app().answer(head, text));
  }
  json::object object(const http::Response& response) { return parse_json(response.body)->as_object(); }
};

inline http::Headers with(std::string_view name, std::string_view value) {
  http::Headers headers;
  headers.add(name, value);
  return headers;
}

}  // namespace pds::podinfo
