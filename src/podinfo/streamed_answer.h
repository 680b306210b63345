// A responder for events whose sender takes an answer piece by piece: the head becomes the stream's prelude.
#pragma once

#include "podinfo/lambda_event.h"
#include "podinfo/lambda_runtime.h"
#include "podinfo/whole_answer.h"

namespace pds::podinfo {

class StreamedAnswer final : public http::Responder {
 public:
  explicit StreamedAnswer(LambdaStream& stream) : stream_(stream) {}

  io::Task<Result<void>> send(const http::ResponseHead& head, std::string_view body) override {
    whole_ = true;
    return begin(head, body);
  }
  using Responder::start;
  io::Task<Result<void>> start(const http::ResponseHead& head, std::string_view first_piece) override { return begin(head, first_piece); }
  io::Task<Result<void>> write(std::string_view piece) override { return stream_.write(piece); }
  io::Task<Result<void>> finish(const http::Headers*) override {
    whole_ = true;
    co_return Result<void>();
  }
  io::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
  io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const http::ResponseHead&) override { co_return no_connection(); }
  bool started() const override { return stream_.started(); }
  void close_after() override {}
  // It was begun and not brought to its end.
  bool broke_off() const { return started() && !whole_; }

 private:
  io::Task<Result<void>> begin(const http::ResponseHead& head, std::string_view piece) {
    std::string first = lambda_prelude(head).append(piece);
    co_return co_await stream_.start("application/vnd.awslambda.http-integration-response", first);
  }
  LambdaStream& stream_;
  bool whole_ = false;
};

}  // namespace pds::podinfo
