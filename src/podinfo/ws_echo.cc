// Each message comes back with the time it came at; between them the server says every five seconds who it is.
#include <fmt/format.h>

#include "http/websocket.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"
#include "podinfo/local_time.h"
#include "podinfo/ws_handshake.h"

namespace pds::podinfo {
namespace {

constexpr Duration status_pause = 5s;
constexpr size_t message_bytes_max = 1u << 20;
constexpr Duration write_timeout = 10s;

// A conversation's end that neither of the two wished for.
struct Breakdown {
  bool while_writing;
  Error error;
};

// Two write, one at a time: the task that answers and the one that tells the status.
class Conversation {
 public:
  Conversation(App& app, std::unique_ptr<io::Stream> stream)
      : app_(app),
        stream_(*stream),
        socket_(std::move(stream), {.message_bytes_max = message_bytes_max, .write_timeout = write_timeout, .check_text = false}),
        // From the loop, not from the task that wrote: who is woken may end that one.
        next_writer_(app.parts().loop, [this] { written_.set(); }) {}

  io::Task<std::optional<Breakdown>> run() {
    io::TaskSet beside;
    beside.spawn(tell_status());
    beside.spawn(end_with_server());
    while (true) {
      Result<std::optional<http::WebSocket::Message>> message = co_await socket_.read();
      if (!message) co_return Breakdown{false, message.error()};
      if (!*message) co_return std::nullopt;
      Result<void> said = co_await say("msg", (*message)->data);
      if (!said) co_return Breakdown{true, said.error()};
    }
  }

 private:
  io::Task<Result<void>> say(std::string_view key, std::string_view value) {
    std::string text = fmt::format("{{\"ts\":\"{}\",\"{}\":", to_local_nano_text(app_.parts().clock.now()), key);
    append_json_string(text, value);
    text += "}\n";
    while (writing_) {
      waiting_ = true;
      written_.reset();
      co_await written_.wait();
    }
    writing_ = true;
    Result<void> sent = co_await socket_.send(http::Opcode::text, text);
    writing_ = false;
    if (std::exchange(waiting_, false)) next_writer_.start(MonoTime{});
    co_return sent;
  }

  io::Task<void> tell_status() {
    while (true) {
      co_await app_.parts().loop.sleep_for(status_pause);
      if (writing_) continue;  // a peer that reads slowly hears of it next time
      // What goes wrong with the connection, the reader learns.
      [[maybe_unused]] Result<void> sent = co_await say("server", app_.parts().hostname);
    }
  }

  io::Task<void> end_with_server() {
    co_await app_.closing().wait();
    stream_.close();
  }

  App& app_;
  io::Stream& stream_;  // the socket's
  http::WebSocket socket_;
  io::Timer next_writer_;
  io::Event written_;
  bool writing_ = false, waiting_ = false;  // for the other to have written
};

// Peers go as they like, and so do we; who has gone with an answer on its way to it may miss that.
void log_end(App& app, const Call& call, const Breakdown& end) {
  if (app.closing().is_set() || (end.error.code == "E_CLOSED" && !end.while_writing)) return;
  app.parts().logger.warn(end.while_writing ? "websocket write error" : "websocket read error",
                          {{"error", end.error.message}, {"correlation_id", call.correlation_id}});
}

// 501 over HTTP/2, and 400 where there is no connection at all.
http::Response refusal_of(const Error& error) {
  return plain_error(error.http_status, std::string(http::standard_reason(error.http_status)) + "\n");
}

}  // namespace

io::Task<int> ws_echo(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder) {
  Result<http::ResponseHead> head = check_handshake(request.head);
  if (!head) {
    app.parts().logger.warn("websocket upgrade error", {{"error", head.error().message}, {"correlation_id", call.correlation_id}});
    http::Response refusal = refusal_of(head.error());
    refusal.head.headers.add("Sec-Websocket-Version", "13");
    co_return co_await app.send(call, std::move(refusal), responder);
  }
  app.mark(*head, call);
  Result<std::unique_ptr<io::Stream>> stream = co_await responder.upgrade(*head);
  if (!stream && !responder.started()) co_return co_await app.send(call, refusal_of(stream.error()), responder);
  if (!stream) co_return 200;  // the peer has gone
  Conversation conversation(app, *std::move(stream));
  std::optional<Breakdown> end = co_await conversation.run();
  if (end) log_end(app, call, *end);
  co_return 200;
}

}  // namespace pds::podinfo
