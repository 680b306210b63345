// Whatever frames a server answers with and however they are split, every exchange of the client ends when the server has gone.
#include <cstdint>
#include <cstdlib>

#include "http/client.h"

using namespace pds;
using namespace pds::http;

namespace {

class OneConnection final : public io::Connector {
 public:
  explicit OneConnection(std::unique_ptr<io::Stream> stream) : stream_(std::move(stream)) {}
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
    if (!stream_) co_return fail_world("E_CONNECT", "there is one connection only");
    co_return std::move(stream_);
  }
  std::string destination() const override { return "memory"; }

 private:
  std::unique_ptr<io::Stream> stream_;
};

io::Task<void> upload(Client& client) {
  RequestHead head;
  head.method = "POST";
  head.target = "/";
  head.headers.add("Host", "h");
  auto exchange = co_await client.begin(head, RequestBody::chunked);
  if (!exchange) co_return;
  auto sent = co_await (*exchange)->write(std::string(1000, 'x'));
  if (sent) sent = co_await (*exchange)->finish();
  auto answer = co_await (*exchange)->response();
  if (answer) [[maybe_unused]]
    auto body = co_await read_all((*exchange)->body(), 100'000);
}

io::Task<void> get(Client& client) {
  Request request;
  request.head.method = "GET";
  request.head.target = "/";
  request.head.headers.add("Host", "h");
  [[maybe_unused]] auto response = co_await client.send(request);
}

constexpr std::string_view settings("\0\0\0\4\0\0\0\0\0", 9);
// ":status: 200" for stream 1, whose body is still to come.
constexpr std::string_view answer("\0\0\1\1\4\0\0\0\1\x88", 10);

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static io::Loop loop;
  auto pair = io::make_stream_pair(loop, 4096);
  io::TaskSet asking;
  {
    Client client(loop, std::make_shared<OneConnection>(std::move(pair.b)), {.protocol = Protocol::http2});
    asking.spawn(upload(client));
    asking.spawn(get(client));
    std::string text(settings);
    if (data[0] & 1) text += answer;
    text.append(reinterpret_cast<const char*>(data) + 2, size - 2);
    size_t step = data[1] + size_t{1};
    for (size_t at = 0; at < text.size();) {
      std::string_view piece = std::string_view(text).substr(at, step);
      iovec part{const_cast<char*>(piece.data()), piece.size()};
      io::IoResult put = pair.a->try_write({&part, 1});
      if (put.status == io::IoResult::ok) {
        at += put.bytes;
      } else if (put.status != io::IoResult::would_block) {
        break;
      }
      char room[4096];
      for (int i = 0; i < 64 && loop.run_once(0us); ++i) {
        while (pair.a->try_read(room).status == io::IoResult::ok) {
        }
      }
    }
    pair.a.reset();
    for (int i = 0; i < 1000 && asking.size() > 0; ++i) loop.run_once(0us);
    if (asking.size() > 0) abort();
  }
  loop.run_once(0us);  // the connection goes in a turn of its own
  return 0;
}
