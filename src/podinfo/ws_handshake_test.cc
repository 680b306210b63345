#include "podinfo/ws_handshake.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

struct Change {
  const char *name, *value;  // null: without this field
};

http::RequestHead handshake(std::string method, Change change) {
  http::RequestHead head{.method = std::move(method), .target = "/ws/echo"};
  const Change fields[] = {{"Host", "Example.com:80"},
                           {"Connection", "keep-alive, Upgrade"},
                           {"Upgrade", "WebSocket"},
                           {"Sec-WebSocket-Version", "13"},
                           {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  for (const Change& field : fields) {
    if (std::string_view(field.name) != change.name) head.headers.add(field.name, field.value);
  }
  if (change.value) head.headers.add(change.name, change.value);
  return head;
}

TEST(WebSocketHandshake, IsJudgedInPodinfosOrder) {
  struct {
    const char* method;
    Change change;
    int status;
  } cases[] = {
      {"GET", {"X", nullptr}, 101},
      {"GET", {"Origin", "https://example.com:80"}, 101},
      {"GET", {"Origin", "https://example.com:80/page"}, 101},
      {"GET", {"Origin", "https://evil.com"}, 403},
      {"GET", {"Origin", "null"}, 403},
      {"GET", {"Origin", "example.com:80"}, 403},
      {"GET", {"Origin", "http://u@example.com:80"}, 101},
      {"GET", {"Origin", "http://example.com:80?z"}, 101},
      {"GET", {"Connection", nullptr}, 400},
      {"GET", {"Upgrade", "h2c"}, 400},
      {"POST", {"Upgrade", nullptr}, 400},
      {"POST", {"X", nullptr}, 405},
      {"GET", {"Sec-WebSocket-Version", "8"}, 400},
      {"GET", {"Sec-WebSocket-Key", "abc"}, 400},
      {"GET", {"Sec-WebSocket-Key", nullptr}, 400},
  };
  for (auto& c : cases) {
    auto answer = check_handshake(handshake(c.method, c.change));
    EXPECT_EQ(answer ? answer->status : answer.error().http_status, c.status) << c.change.name;
  }
  EXPECT_EQ(check_handshake(handshake("GET", {"X", nullptr}))->headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace pds::podinfo
