#include "io/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "io/files.h"
#include "io/handover.h"

namespace pds::io {
namespace {

MonoTime soon() { return std::chrono::steady_clock::now() + 10s; }
MonoTime at_once() { return std::chrono::steady_clock::now() + 1ms; }

StreamPair socket_pair(Loop& loop) {
  int fds[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
  return {adopt_socket(loop, fds[0]), adopt_socket(loop, fds[1])};
}

// Every rule of a stream holds for sockets and for pairs in memory.
struct StreamRules : testing::TestWithParam<bool> {
  Loop loop;
  StreamPair pair = GetParam() ? make_stream_pair(loop) : socket_pair(loop);
};
INSTANTIATE_TEST_SUITE_P(Kinds, StreamRules, testing::Bool(), [](const auto& info) { return info.param ? "memory" : "socket"; });

Task<Result<void>> send_pattern(Stream& stream, size_t size) {
  std::string bytes(size, 0);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  Result<void> sent = co_await write_all(stream, bytes, soon());
  stream.shutdown_write();
  co_return sent;
}

Task<void> send_into(Stream& stream, size_t size, Result<void>& outcome) { outcome = co_await send_pattern(stream, size); }

Task<size_t> receive_pattern(Stream& stream, size_t piece_size) {
  std::vector<char> piece(piece_size);
  size_t total = 0;
  while (true) {
    Result<size_t> got = co_await read_some(stream, piece, soon());
    EXPECT_TRUE(got) << got.error().message;
    if (!got || *got == 0) co_return total;
    for (size_t i = 0; i < *got; ++i, ++total) {
      if (piece[i] != static_cast<char>(total * 7 + total / 251)) {
        ADD_FAILURE() << "byte " << total;
        co_return total;
      }
    }
  }
}

TEST_P(StreamRules, CarriesManyBytesInOrderWithBackPressure) {
  constexpr size_t size = 3'000'000;
  Result<void> sent = fail("E_NONE", "");
  TaskSet set;
  set.spawn(send_into(*pair.a, size, sent));
  EXPECT_FALSE(sent);  // far more than fits: the writer waits for the reader
  EXPECT_EQ(run_until_done(loop, receive_pattern(*pair.b, 8191)), size);
  EXPECT_TRUE(sent);
}

Task<std::string> read_code(Stream& stream, Deadline deadline) {
  char byte;
  Result<size_t> got = co_await read_some(stream, {&byte, 1}, deadline);
  co_return got ? (*got == 0 ? "end" : "byte") : got.error().code;
}

TEST_P(StreamRules, ReadingTimesOutAndWorksAfterwards) {
  EXPECT_EQ(run_until_done(loop, read_code(*pair.a, at_once())), "E_TIMEOUT");
  iovec part{const_cast<char*>("x"), 1};
  EXPECT_EQ(pair.b->try_write({&part, 1}).bytes, 1u);
  EXPECT_EQ(run_until_done(loop, read_code(*pair.a, soon())), "byte");
}

TEST_P(StreamRules, AHalfClosedPeerIsAnEndAndCanStillBeWrittenTo) {
  pair.b->shutdown_write();
  EXPECT_EQ(run_until_done(loop, read_code(*pair.a, soon())), "end");
  EXPECT_TRUE(run_until_done(loop, write_all(*pair.a, "still", soon())));
  char five[5];
  EXPECT_TRUE(run_until_done(loop, read_exactly(*pair.b, five, soon())));
}

TEST_P(StreamRules, WritingToAPeerThatIsGoneIsClosed) {
  pair.b.reset();
  Result<void> sent = run_until_done(loop, write_all(*pair.a, "x", soon()));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, "E_CLOSED");
}

TEST_P(StreamRules, WhatIsPutBackIsReadFirst) {
  iovec part{const_cast<char*>("def"), 3};
  pair.b->try_write({&part, 1});
  pair.a->unread("bc");
  pair.a->unread("a");
  std::string six(6, 0);
  ASSERT_TRUE(run_until_done(loop, read_exactly(*pair.a, six, soon())));
  EXPECT_EQ(six, "abcdef");
}

TEST_P(StreamRules, TellsOfInputWhoseEdgeHasNotComeYet) {
  char room[100];
  EXPECT_EQ(pair.a->try_read(room).status, IoResult::would_block);
  EXPECT_FALSE(pair.a->has_input());
  iovec part{const_cast<char*>("x"), 1};
  pair.b->try_write({&part, 1});
  EXPECT_TRUE(pair.a->has_input());
  EXPECT_EQ(run_until_done(loop, read_code(*pair.a, soon())), "byte");
  EXPECT_FALSE(pair.a->has_input());
  pair.b.reset();
  EXPECT_TRUE(pair.a->has_input());
}

TEST_P(StreamRules, AnEndBeforeAllBytesIsClosed) {
  iovec part{const_cast<char*>("abc"), 3};
  pair.b->try_write({&part, 1});
  pair.b.reset();
  char five[5];
  Result<void> got = run_until_done(loop, read_exactly(*pair.a, five, soon()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, "E_CLOSED");
}

TEST_P(StreamRules, DataAndEndThatCameTogetherAreBothSeen) {
  iovec part{const_cast<char*>("abc"), 3};
  pair.b->try_write({&part, 1});
  pair.b.reset();
  loop.run_once(0us);  // one edge for both
  char room[100];
  EXPECT_EQ(*run_until_done(loop, read_some(*pair.a, room, soon())), 3u);
  EXPECT_EQ(*run_until_done(loop, read_some(*pair.a, room, soon())), 0u);
}

Task<void> note_code(Stream& stream, std::string& code) { code = co_await read_code(stream, soon()); }

TEST_P(StreamRules, ClosingWakesTheReaderWithAnError) {
  std::string code;
  TaskSet set;
  set.spawn(note_code(*pair.a, code));
  pair.a->close();
  EXPECT_EQ(code, "");  // not from inside close(): its caller goes on first
  loop.run_once(0us);
  EXPECT_EQ(code, "E_CLOSED");
}

TEST_P(StreamRules, ACancelledReaderIsNotWoken) {
  std::string code;
  {
    TaskSet set;
    set.spawn(note_code(*pair.a, code));
  }
  iovec part{const_cast<char*>("x"), 1};
  pair.b->try_write({&part, 1});
  loop.run_once(0us);
  EXPECT_EQ(code, "");
  EXPECT_EQ(run_until_done(loop, read_code(*pair.a, soon())), "byte");
}

Task<void> read_and_destroy(std::unique_ptr<Stream>& stream, bool& destroyed) {
  char byte;
  [[maybe_unused]] Result<size_t> got = co_await read_some(*stream, {&byte, 1}, soon());
  stream.reset();
  destroyed = true;
}

TEST_P(StreamRules, AWokenTaskMayDestroyItsStream) {
  bool destroyed = false;
  TaskSet set;
  set.spawn(read_and_destroy(pair.a, destroyed));
  iovec part{const_cast<char*>("x"), 1};
  pair.b->try_write({&part, 1});
  while (!destroyed) loop.run_once(10s);
  EXPECT_EQ(pair.a, nullptr);
}

// ---- connectors and listeners ----

Task<Result<std::string>> hello_through(Loop& loop, Listener& listener, Connector& connector) {
  CO_TRY(auto client, co_await connector.connect(soon()));
  CO_CHECK(co_await write_all(*client, "hello", soon()));
  CO_TRY(auto server, co_await listener.accept());
  std::string text(5, 0);
  CO_CHECK(co_await read_exactly(*server, text, soon()));
  (void)loop;
  co_return text + " from " + server->peer_address();
}

TEST(Tcp, ConnectsByAddressAndByLoopbackNames) {
  Loop loop;
  auto listener = listen_tcp(loop, "127.0.0.1", 0);
  ASSERT_TRUE(listener);
  for (std::string host : {"127.0.0.1", "localhost", "api.us-east-1.localhost", "LOCALHOST."}) {
    auto connector = tcp_connector(loop, host, (*listener)->port());
    auto text = run_until_done(loop, hello_through(loop, **listener, *connector));
    ASSERT_TRUE(text) << host << ": " << text.error().message;
    EXPECT_TRUE(text->starts_with("hello from 127.0.0.1:")) << *text;
  }
}

TEST(Tcp, SpeaksIpv6) {
  Loop loop;
  auto listener = listen_tcp(loop, "::1", 0);
  if (!listener) GTEST_SKIP() << "no IPv6 on this machine";
  auto connector = tcp_connector(loop, "[::1]", (*listener)->port());
  auto text = run_until_done(loop, hello_through(loop, **listener, *connector));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text->starts_with("hello from [::1]:")) << *text;
}

Task<Result<std::unique_ptr<Stream>>> connect_to(Connector& connector) { co_return co_await connector.connect(soon()); }

TEST(Tcp, ARefusedConnectionNamesItsDestination) {
  Loop loop;
  uint16_t port = (*listen_tcp(loop, "127.0.0.1", 0))->port();  // free again
  auto connector = tcp_connector(loop, "127.0.0.1", port);
  auto stream = run_until_done(loop, connect_to(*connector));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, "E_CONNECT");
  EXPECT_NE(stream.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
  EXPECT_TRUE(stream.error().retryable);
}

TEST(Tcp, AnUnknownNameIsNotResolved) {
  Loop loop;
  auto connector = tcp_connector(loop, "no-such-host.invalid", 80);
  auto stream = run_until_done(loop, connect_to(*connector));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, "E_RESOLVE");
}

TEST(Tcp, APortInUseIsRefusedByName) {
  Loop loop;
  auto first = listen_tcp(loop, "127.0.0.1", 0);
  auto second = listen_tcp(loop, "127.0.0.1", (*first)->port());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "E_ADDRESS_IN_USE");
}

TEST(Tcp, SmallWritesAreNotDelayed) {
  Loop loop;
  auto listener = listen_tcp(loop, "127.0.0.1", 0);
  auto connector = tcp_connector(loop, "127.0.0.1", (*listener)->port());
  auto client = run_until_done(loop, connect_to(*connector));
  int value = 0;
  socklen_t size = sizeof value;
  getsockopt((*client)->fd(), IPPROTO_TCP, TCP_NODELAY, &value, &size);
  EXPECT_EQ(value, 1);
}

Task<void> accept_all(Listener& listener, std::vector<std::unique_ptr<Stream>>& accepted, std::string& end) {
  while (true) {
    auto stream = co_await listener.accept();
    if (!stream) {
      end = stream.error().code;
      co_return;
    }
    accepted.push_back(std::move(*stream));
  }
}

TEST(Tcp, ClosingAListenerEndsAccepting) {
  Loop loop;
  auto listener = listen_tcp(loop, "127.0.0.1", 0);
  std::vector<std::unique_ptr<Stream>> accepted;
  std::string end;
  TaskSet set;
  set.spawn(accept_all(**listener, accepted, end));
  (*listener)->close();
  EXPECT_EQ(end, "E_CLOSED");
}

// With no descriptor left, a connection is cut instead of hanging, and accepting goes on when descriptors are free again.
TEST(Tcp, RunningOutOfDescriptorsCutsConnectionsAndPasses) {
  Loop loop;
  auto listener = listen_tcp(loop, "127.0.0.1", 0);
  std::vector<std::unique_ptr<Stream>> accepted;
  std::string end;
  auto connector = tcp_connector(loop, "127.0.0.1", (*listener)->port());
  auto client = run_until_done(loop, connect_to(*connector));
  ASSERT_TRUE(client);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  int lowest_free = ::dup(0);
  ::close(lowest_free);
  rlimit none_left{static_cast<rlim_t>(lowest_free), before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none_left);
  TaskSet set;
  set.spawn(accept_all(**listener, accepted, end));
  std::string seen = run_until_done(loop, read_code(**client, soon()));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(seen == "E_CLOSED" || seen == "end") << seen;
  EXPECT_TRUE(accepted.empty());
  auto later = run_until_done(loop, connect_to(*connector));
  ASSERT_TRUE(later);
  while (accepted.empty()) loop.run_once(10s);
}

TEST(Unix, ConnectsAndIsPrivateAndReplacesAStaleSocket) {
  Loop loop;
  char folder[] = "/tmp/pds-io-test-XXXXXX";
  ASSERT_TRUE(mkdtemp(folder));
  std::string path = std::string(folder) + "/socket";
  {
    int stale = ::open((path + ".lock").c_str(), O_CREAT | O_CLOEXEC | O_RDWR, 0600);
    ::close(stale);
    // A socket whose owner died without removing it.
    auto abandoned = listen_unix(loop, path);
    ASSERT_TRUE(abandoned);
    ASSERT_EQ(::rename(path.c_str(), (path + ".kept").c_str()), 0);
    abandoned->reset();
    ASSERT_EQ(::rename((path + ".kept").c_str(), path.c_str()), 0);
  }
  auto listener = listen_unix(loop, path);
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  auto connector = unix_connector(loop, path);
  auto text = run_until_done(loop, hello_through(loop, **listener, *connector));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, "hello from unix");
  auto second = listen_unix(loop, path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "E_ADDRESS_IN_USE");
  listener->reset();
  EXPECT_FALSE(exists(path));
  EXPECT_TRUE(remove_tree(folder));
}

TEST(Listener, SharesItsPortOnlyWhenAllAsk) {
  Loop loop;
  auto first = listen_tcp(loop, "127.0.0.1", 0, {.share_port = true});
  ASSERT_TRUE(first);
  EXPECT_TRUE(listen_tcp(loop, "127.0.0.1", (*first)->port(), {.share_port = true}));
  auto alone = listen_tcp(loop, "127.0.0.1", (*first)->port());
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, "E_ADDRESS_IN_USE");
}

TEST(Handover, AFailedReplacementLeavesEverythingAsItWas) {
  Loop loop;
  auto listener = *listen_tcp(loop, "127.0.0.1", 0);
  uint16_t port = listener->port();
  {
    Handover handover;
    ASSERT_TRUE(handover.keep(*listener));
    listener.reset();
    EXPECT_EQ(handover.replace_process("/nonexistent/program", {"program"}).error().code, "E_SYSTEM");
    EXPECT_EQ(::getenv("PDS_LISTENERS"), nullptr);
    EXPECT_FALSE(listen_tcp(loop, "127.0.0.1", port));  // still kept
  }
  EXPECT_TRUE(listen_tcp(loop, "127.0.0.1", port));
}

// What a wait was told, and when.
struct Waited {
  Wake wake;
  MonoTime at;
};

Task<void> wait_in_turn(Stream& stream, std::vector<Duration> patiences, std::vector<Waited>& waits) {
  for (Duration patience : patiences) {
    Wake wake = co_await stream.readable(stream.loop().now() + patience);
    waits.push_back({wake, stream.loop().now()});
    char byte;
    (void)stream.try_read({&byte, 1});
  }
}

TEST(StreamDeadlines, AreThoseOfTheLastWaitWhateverTheOnesBeforeIt) {
  ManualTime time;
  Loop loop(time);
  StreamPair pair = make_stream_pair(loop);
  std::vector<Waited> waits;
  TaskSet tasks;
  MonoTime began = time.now();
  tasks.spawn(wait_in_turn(*pair.a, {10s, 30s, 5s, 20s}, waits));
  // The first is woken after a second; what was set for it passes in the middle of the second.
  loop.run_once(1s);
  iovec part{const_cast<char*>("x"), 1};
  ASSERT_EQ(pair.b->try_write({&part, 1}).status, IoResult::ok);
  while (tasks.size() > 0) loop.run_once(Duration::max());
  ASSERT_EQ(waits.size(), 4u);
  EXPECT_EQ(waits[0].wake, Wake::ready);
  EXPECT_EQ(waits[0].at, began + 1s);
  EXPECT_EQ(waits[1].wake, Wake::timed_out);
  EXPECT_EQ(waits[1].at, began + 31s);
  EXPECT_EQ(waits[2].wake, Wake::timed_out);
  EXPECT_EQ(waits[2].at, began + 36s);
  EXPECT_EQ(waits[3].wake, Wake::timed_out);
  EXPECT_EQ(waits[3].at, began + 56s);
}

Task<void> note_when_ready(Stream& stream, MonoTime& noticed) {
  (void)co_await stream.readable(soon());
  noticed = stream.loop().now();
}

// What is woken reckons its own deadlines from this time: it must not be that before a long wait.
TEST(LoopNow, IsTheTimeAfterTheWait) {
  Loop loop;
  StreamPair pair = socket_pair(loop);
  MonoTime noticed{}, written{};
  TaskSet tasks;
  loop.run_once(0us);  // the edges of a new socket
  loop.run_once(0us);
  char byte;
  (void)pair.a->try_read({&byte, 1});
  tasks.spawn(note_when_ready(*pair.a, noticed));
  while (tasks.size() > 0 && noticed == MonoTime{}) {
    std::thread writer([&] {
      written = std::chrono::steady_clock::now();
      iovec part{const_cast<char*>("x"), 1};
      (void)pair.b->try_write({&part, 1});
    });
    loop.run_once(10s);
    writer.join();
  }
  EXPECT_GE(noticed, written);
}

}  // namespace
}  // namespace pds::io
