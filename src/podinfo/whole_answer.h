// A responder that keeps what it is told, for senders that take one whole answer: Lambda, and tests.
#pragma once

#include <string>

#include "http/service.h"

namespace pds::podinfo {

// Where there is no connection there is none to take over: who asks for that asks for what is not there.
inline std::unexpected<Error> no_connection() { return fail("E_UNSUPPORTED", "there is no connection to take over", 400); }

class WholeAnswer final : public http::Responder {
 public:
  io::Task<Result<void>> send(const http::ResponseHead& head, std::string_view body) override {
    whole_ = true;
    return keep(head, body);
  }
  using Responder::start;
  io::Task<Result<void>> start(const http::ResponseHead& head, std::string_view first_piece) override { return keep(head, first_piece); }
  io::Task<Result<void>> write(std::string_view piece) override {
    response_.body += piece;
    co_return Result<void>();
  }
  io::Task<Result<void>> finish(const http::Headers*) override {
    whole_ = true;
    co_return Result<void>();
  }
  io::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
  io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const http::ResponseHead&) override { co_return no_connection(); }
  // Nothing has gone out before all is there: until then another answer can take its place.
  bool started() const override { return whole_; }
  void close_after() override {}

  http::Response take() && { return std::move(response_); }

 private:
  io::Task<Result<void>> keep(const http::ResponseHead& head, std::string_view body) {
    response_.head = head;
    response_.body = body;
    co_return Result<void>();
  }
  http::Response response_;
  bool whole_ = false;
};

}  // namespace pds::podinfo
