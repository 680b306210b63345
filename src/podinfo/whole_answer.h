// A responder that keeps what it is told, for senders that take one whole answer: Lambda, and tests.
#pragma once

#include <string>

#include "http/service.h"

namespace pds::podinfo {

class WholeAnswer final : public http::Responder {
 public:
  io::Task<Result<void>> send(const http::ResponseHead& head, std::string_view body) override {
    response_.head = head;
    response_.body = body;
    started_ = true;
    co_return Result<void>();
  }
  using Responder::start;
  io::Task<Result<void>> start(const http::ResponseHead& head, std::string_view first_piece) override {
    return send(head, first_piece);
  }
  io::Task<Result<void>> write(std::string_view piece) override {
    response_.body += piece;
    co_return Result<void>();
  }
  io::Task<Result<void>> finish(const http::Headers*) override { co_return Result<void>(); }
  io::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
  io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const http::ResponseHead&) override {
    co_return fail("E_UNSUPPORTED", "there is no connection to take over", 501);
  }
  bool started() const override { return started_; }
  void close_after() override {}

  // Where there was no answer, the one that a gateway would give.
  http::Response take() && {
    if (!started_) response_ = http::Response::text(504, "there was no answer in time\n");
    return std::move(response_);
  }

 private:
  http::Response response_;
  bool started_ = false;
};

}  // namespace pds::podinfo
