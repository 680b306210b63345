// The client's side of a WebSocket (RFC 6455), as far as podcli needs it: texts out, messages in.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/crypto.h"
#include "http/client.h"

namespace pds::podinfo {

inline constexpr size_t ws_client_message_bytes_max = 1u << 20;

class WebSocketClient {
 public:
  // `address` is ws:// or wss://; `origin` may be empty. Errors: E_CHECK where the server does not change to WebSocket, and a connection's own.
  static io::Task<Result<std::unique_ptr<WebSocketClient>>> connect(io::Loop& loop, const std::string& address, const std::string& origin, Duration timeout);

  io::Task<Result<void>> send(std::string_view text, io::Deadline deadline);
  // The next message, be it text or not; nothing once the other side has closed. Pings are answered. Errors: E_BAD_MESSAGE, a connection's own.
  io::Task<Result<std::optional<std::string>>> read(io::Deadline deadline);
  io::Task<Result<void>> close(io::Deadline deadline);

 private:
  struct Frame {
    int opcode = 0;
    bool is_last = false;
    std::string payload;
  };
  WebSocketClient(std::unique_ptr<http::Client> client, std::unique_ptr<io::Stream> stream) : client_(std::move(client)), stream_(std::move(stream)) {}
  io::Task<Result<Frame>> read_frame(io::Deadline deadline);
  io::Task<Result<void>> send_frame(int opcode, std::string_view payload, io::Deadline deadline);

  std::unique_ptr<http::Client> client_;  // before the stream, which is its connection
  std::unique_ptr<io::Stream> stream_;
  SystemRandom random_;
};

}  // namespace pds::podinfo
