// Whatever frames a peer sends and however they are split, the server neither breaks nor keeps anything when the peer has gone.
#include <cstdint>
#include <cstdlib>

#include "http/server.h"

using namespace pds;
using namespace pds::http;

namespace {

// Reads, answers in a piece or streamed, with trailers, or not at all.
class Answers final : public Service {
 public:
  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    std::string_view path = request.head.path();
    if (path.size() % 3 == 0) co_return;
    if (path.size() % 3 == 1) {
      Result<std::string> body = co_await read_all(request.body, 100'000);
      if (!body) co_return;
      Response response = Response::text(200, *body);
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
      co_return;
    }
    auto going = co_await responder.start(ResponseHead{}, "first");
    while (going) {
      auto piece = co_await request.body.read();
      if (!piece) co_return;
      if (piece->empty()) break;
      going = co_await responder.write(*piece);
    }
    if (going) [[maybe_unused]]
      auto finished = co_await responder.finish(&request.body.trailers());
  }
};

// "PRI * HTTP/2.0", an empty SETTINGS frame, and a request for "/" whose body is still to come.
constexpr std::string_view preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
constexpr std::string_view request("\0\0\6\1\4\0\0\0\1\x83\x84\x86\x41\x01\x61", 15);

void turn(io::Loop& loop, io::Stream& peer) {
  char room[4096];
  for (int i = 0; i < 64 && loop.run_once(0us); ++i) {
    while (peer.try_read(room).status == io::IoResult::ok) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static io::Loop loop;
  Answers answers;
  Server server(loop, answers, {.http2_prior_knowledge = true});
  auto pair = io::make_stream_pair(loop, 4096);
  server.serve(std::move(pair.b));
  std::string text(preface);
  if (data[0] & 1) text += request;
  text.append(reinterpret_cast<const char*>(data) + 2, size - 2);
  size_t step = data[1] + size_t{1};
  for (size_t at = 0; at < text.size() && pair.a;) {
    std::string_view piece = std::string_view(text).substr(at, step);
    iovec part{const_cast<char*>(piece.data()), piece.size()};
    io::IoResult put = pair.a->try_write({&part, 1});
    if (put.status == io::IoResult::ok) {
      at += put.bytes;
    } else if (put.status != io::IoResult::would_block) {
      break;
    }
    turn(loop, *pair.a);
  }
  pair.a.reset();
  for (int i = 0; i < 1000 && server.connections() > 0; ++i) loop.run_once(0us);
  if (server.connections() > 0 || server.requests_in_flight() > 0) abort();
  return 0;
}
