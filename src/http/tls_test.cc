// TLS end to end in memory: server and client streams over a pair, a real server and client over both.
#include <gmock/gmock.h>

#include "http/client.h"
#include "http/server.h"
#include "http/test_certificates.h"
#include "http/tls_connector.h"
#include "http/tls_stream.h"
#include "io/clock.h"

namespace pds::http {
namespace {

using ::testing::HasSubstr;

MonoTime soon() { return std::chrono::steady_clock::now() + 10s; }

// Passes a stream on, at most so many bytes at a time; counts writes; can end as if the connection were cut.
class Through final : public io::Stream {
 public:
  Through(std::unique_ptr<io::Stream> below, size_t piece) : Stream(below->loop()), below_(std::move(below)), piece_(piece) {
    take_edges_of(*below_);
  }
  io::IoResult try_read(std::span<char> into) override {
    if (cut) return {.status = io::IoResult::end};
    io::IoResult got = below_->try_read(into.subspan(0, std::min(into.size(), piece_)));
    if (changed && got.bytes > 0) into[got.bytes - 1] ^= 1;
    return got;
  }
  bool has_input() override { return cut || below_->has_input(); }
  io::IoResult try_write(std::span<const iovec> parts) override {
    ++writes;
    iovec first = parts[0];
    first.iov_len = std::min(first.iov_len, piece_);
    return below_->try_write({&first, 1});
  }
  void shutdown_write() override { below_->shutdown_write(); }
  void close() override { below_->close(); }
  std::string peer_address() const override { return "through"; }

  int writes = 0;
  bool cut = false, changed = false;

 private:
  std::unique_ptr<io::Stream> below_;
  size_t piece_;
};

// What a test may change before its two ends shake hands.
struct Setting {
  TlsServerOptions server;
  TlsClientOptions client;
  std::string name = "a.example";
  size_t capacity = 65536, piece = SIZE_MAX;
  std::shared_ptr<TlsSessions> sessions;
};

struct Ends {
  std::unique_ptr<TlsStream> server, client;
  Through *below_server = nullptr, *below_client = nullptr;
  Result<void> server_done, client_done;
};

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    setting_.server.identities = {authority_.issue({.names = {"a.example"}}, "arn:a")};
    setting_.client.authorities_pem = authority_.pem();
  }

  static io::Task<void> shake(TlsStream& stream, Result<void>& done) {
    done = co_await stream.handshake(soon());
    if (!done) stream.close();
  }
  static io::Task<void> shake_both(Ends& ends) {
    io::TaskSet tasks;
    tasks.spawn(shake(*ends.server, ends.server_done));
    tasks.spawn(shake(*ends.client, ends.client_done));
    co_await tasks.wait_empty();
  }

  Ends connect() {
    auto server = TlsServerContext::make(setting_.server);
    EXPECT_TRUE(server) << server.error().message;
    auto client = TlsClientContext::make(setting_.client);
    EXPECT_TRUE(client) << client.error().message;
    return connect(*server, *client);
  }
  Ends connect(std::shared_ptr<const TlsServerContext> server, std::shared_ptr<const TlsClientContext> client) {
    io::StreamPair pair = io::make_stream_pair(loop_, setting_.capacity);
    Ends ends;
    auto a = std::make_unique<Through>(std::move(pair.a), setting_.piece), b = std::make_unique<Through>(std::move(pair.b), setting_.piece);
    ends.below_server = a.get(), ends.below_client = b.get();
    ends.server = std::make_unique<TlsStream>(std::move(a), server->new_session(), server);
    ends.client = std::make_unique<TlsStream>(std::move(b), *client->new_session(setting_.name), client, setting_.sessions);
    io::run_until_done(loop_, shake_both(ends));
    return ends;
  }

  Result<void> write(io::Stream& stream, std::string_view bytes) { return io::run_until_done(loop_, io::write_all(stream, bytes, soon())); }
  std::string read(io::Stream& stream, size_t bytes) {
    std::string text(bytes, ' ');
    auto got = io::run_until_done(loop_, io::read_exactly(stream, text, soon()));
    return got ? text : got.error().code;
  }
  // A client's connection that gets one answer, after which a ticket has arrived, too.
  void talk(Ends& ends) {
    ASSERT_TRUE(ends.server_done && ends.client_done);
    ASSERT_TRUE(write(*ends.server, "hello"));
    ASSERT_EQ(read(*ends.client, 5), "hello");
  }

  io::Loop loop_;
  TestAuthority authority_;
  Setting setting_;
};

TEST_F(TlsTest, both_ends_know_what_was_agreed_on) {
  setting_.server.protocols = {"h2", "http/1.1"};
  setting_.client.protocols = {"http/1.1", "h2"};
  Ends ends = connect();
  ASSERT_TRUE(ends.server_done) << ends.server_done.error().message;
  ASSERT_TRUE(ends.client_done) << ends.client_done.error().message;
  const io::SecureSession& server = *ends.server->secure_session();
  EXPECT_EQ(server.version, "TLSv1.3");
  EXPECT_EQ(server.cipher, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(server.protocol, "h2");  // the server's preference
  EXPECT_EQ(server.server_name, "a.example");
  EXPECT_EQ(server.certificate, "arn:a");
  EXPECT_EQ(server.peer_certificate, "");
  EXPECT_FALSE(server.resumed);
  EXPECT_EQ(ends.client->secure_session()->protocol, "h2");
  EXPECT_EQ(ends.client->peer_address(), "through");
}

TEST_F(TlsTest, bytes_arrive_whatever_the_pieces_are) {
  std::string sent;
  for (int i = 0; sent.size() < 100'000; ++i) sent += std::to_string(i);
  for (TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    for (size_t piece : {size_t{1}, size_t{7}, size_t{1000}, SIZE_MAX}) {
      setting_.server.version_min = setting_.server.version_max = version;
      setting_.piece = piece;
      setting_.capacity = 4096;
      Ends ends = connect();
      ASSERT_TRUE(ends.server_done && ends.client_done) << piece;
      EXPECT_EQ(ends.server->secure_session()->version, version == TlsVersion::v1_2 ? "TLSv1.2" : "TLSv1.3");
      auto both = [](TlsTest& test, Ends& e, const std::string& bytes) -> io::Task<std::string> {
        static_cast<void>(test);
        std::string got(bytes.size(), ' ');
        io::TaskSet writing;
        auto write = [](io::Stream& stream, const std::string& b) -> io::Task<void> {
          auto written = co_await io::write_all(stream, b, soon());
          EXPECT_TRUE(written) << written.error().message;
        };
        writing.spawn(write(*e.server, bytes));
        auto read = co_await io::read_exactly(*e.client, got, soon());
        EXPECT_TRUE(read) << read.error().message;
        co_return got;
      };
      EXPECT_EQ(io::run_until_done(loop_, both(*this, ends, sent)), sent) << piece;
      EXPECT_TRUE(write(*ends.client, "back"));
      EXPECT_EQ(read(*ends.server, 4), "back");
    }
  }
}

TEST_F(TlsTest, head_and_body_go_in_one_record_and_one_write) {
  Ends ends = connect();
  talk(ends);
  std::string head = "head", body = "body";
  iovec parts[] = {{head.data(), head.size()}, {body.data(), body.size()}};
  int before = ends.below_server->writes;
  io::IoResult put = ends.server->try_write(parts);
  EXPECT_EQ(put.bytes, 8u);
  EXPECT_EQ(ends.below_server->writes, before + 1);
  EXPECT_EQ(read(*ends.client, 8), "headbody");
}

TEST_F(TlsTest, the_end_is_what_the_peer_says_it_is) {
  Ends ends = connect();
  talk(ends);
  ends.server->shutdown_write();
  char byte;
  Result<size_t> got = io::run_until_done(loop_, io::read_some(*ends.client, {&byte, 1}, soon()));
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, 0u);
  EXPECT_TRUE(write(*ends.client, "still heard"));  // half closed
  EXPECT_EQ(read(*ends.server, 11), "still heard");
  EXPECT_FALSE(write(*ends.server, "late"));
}

TEST_F(TlsTest, a_connection_that_is_cut_has_failed_and_not_ended) {
  Ends ends = connect();
  talk(ends);
  ends.below_client->cut = true;
  char byte;
  Result<size_t> got = io::run_until_done(loop_, io::read_some(*ends.client, {&byte, 1}, soon()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, "E_CLOSED");
}

TEST_F(TlsTest, a_changed_byte_ends_the_connection) {
  Ends ends = connect();
  talk(ends);
  ends.below_client->changed = true;
  ASSERT_TRUE(write(*ends.server, "hello"));
  char byte;
  EXPECT_EQ(ends.client->try_read({&byte, 1}).error, EPROTO);
  EXPECT_EQ(ends.client->try_read({&byte, 1}).status, io::IoResult::failed);
  EXPECT_FALSE(write(*ends.client, "more"));
}

TEST_F(TlsTest, what_is_no_tls_is_no_handshake) {
  io::StreamPair pair = io::make_stream_pair(loop_);
  auto context = TlsServerContext::make(setting_.server);
  TlsStream server(std::move(pair.a), (*context)->new_session(), *context);
  ASSERT_TRUE(write(*pair.b, std::string_view("\x16\x03\x01\0\x05garbage", 12)));
  auto done = io::run_until_done(loop_, server.handshake(soon()));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "E_TLS");
  char byte;
  EXPECT_EQ(server.try_read({&byte, 1}).status, io::IoResult::failed);
}

TEST_F(TlsTest, looking_for_input_tells_data_from_tickets) {
  io::ManualClock clock{Timestamp(1'000'000s)};
  SeededRandom random(1);
  setting_.server.tickets = std::make_shared<TicketKeys>(clock, random);
  Ends ends = connect();
  ASSERT_TRUE(ends.client_done);
  EXPECT_FALSE(ends.client->has_input());  // a ticket is there, and is no data
  ASSERT_TRUE(write(*ends.server, "x"));
  EXPECT_TRUE(ends.client->has_input());
  EXPECT_EQ(read(*ends.client, 1), "x");
  EXPECT_FALSE(ends.client->has_input());
}

// ---- certificates ----

TEST_F(TlsTest, the_certificate_is_chosen_by_name) {
  setting_.server.identities = {authority_.issue({.names = {"default.example"}}, "default"),
                                authority_.issue({.names = {"*.b.example"}}, "wildcard"),
                                authority_.issue({.names = {"x.b.example", "y.example"}}, "exact")};
  const std::pair<const char*, const char*> cases[] = {{"default.example", "default"}, {"z.b.example", "wildcard"},
                                                       {"x.b.example", "exact"},       {"Y.EXAMPLE", "exact"},
                                                       {"z.z.b.example", "default"},   {"b.example", "default"},
                                                       {"other.example", "default"},   {"127.0.0.1", "default"}};
  setting_.client.verify = false;
  for (auto [name, chosen] : cases) {
    setting_.name = name;
    Ends ends = connect();
    ASSERT_TRUE(ends.server_done) << name;
    EXPECT_EQ(ends.server->secure_session()->certificate, chosen) << name;
  }
}

TEST_F(TlsTest, a_client_that_verifies_takes_only_what_it_should) {
  TestAuthority stranger("Stranger");
  struct Case {
    const char* why;
    TlsIdentity identity;
    std::string name, refusal;
  };
  const Case cases[] = {
      {"right", authority_.issue({.names = {"a.example"}}), "a.example", ""},
      {"by address", authority_.issue({.names = {"IP:127.0.0.1"}}), "127.0.0.1", ""},
      {"RSA", authority_.issue({.names = {"a.example"}, .rsa = true}), "a.example", ""},
      {"another host", authority_.issue({.names = {"b.example"}}), "a.example", "hostname mismatch"},
      {"another address", authority_.issue({.names = {"IP:127.0.0.2"}}), "127.0.0.1", "IP address mismatch"},
      {"half a wildcard", authority_.issue({.names = {"a*.example"}}), "aa.example", "hostname mismatch"},
      {"expired", authority_.issue({.names = {"a.example"}, .days_from = -2, .days_to = -1}), "a.example", "has expired"},
      {"not yet", authority_.issue({.names = {"a.example"}, .days_from = 1, .days_to = 2}), "a.example", "not yet valid"},
      {"unknown authority", stranger.issue({.names = {"a.example"}}), "a.example", "unable to get local issuer certificate"},
  };
  for (const Case& c : cases) {
    setting_.server.identities = {c.identity};
    setting_.name = c.name;
    Ends ends = connect();
    EXPECT_EQ(ends.client_done.has_value(), c.refusal.empty()) << c.why;
    if (ends.client_done) continue;
    EXPECT_EQ(ends.client_done.error().code, "E_TLS_CERTIFICATE") << c.why;
    EXPECT_THAT(ends.client_done.error().message, HasSubstr(c.refusal)) << c.why;
    // In TLS 1.3 the server learns of it with the first thing it reads.
    char byte;
    bool server_knows = !ends.server_done || !io::run_until_done(loop_, io::read_some(*ends.server, {&byte, 1}, soon()));
    EXPECT_TRUE(server_knows) << c.why;
  }
  setting_.server.identities = {stranger.issue({.names = {"b.example"}})};
  setting_.client.verify = false;
  EXPECT_TRUE(connect().client_done);
}

TEST_F(TlsTest, a_server_that_asks_for_certificates_serves_only_their_owners) {
  TestAuthority clients("Clients"), stranger("Stranger");
  setting_.server.client_authorities_pem = clients.pem();
  for (TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    setting_.server.version_min = setting_.server.version_max = version;
    setting_.client.identity = clients.issue({});
    Ends known = connect();
    ASSERT_TRUE(known.server_done) << known.server_done.error().message;
    EXPECT_EQ(known.server->secure_session()->peer_certificate, setting_.client.identity.chain_pem);
    for (const TlsIdentity& identity : {TlsIdentity{}, stranger.issue({}), clients.issue({.days_from = -2, .days_to = -1})}) {
      setting_.client.identity = identity;
      EXPECT_FALSE(connect().server_done);
    }
  }
}

TEST_F(TlsTest, what_cannot_be_served_is_refused_when_it_is_set_up) {
  TlsIdentity one = authority_.issue({.names = {"a"}}), other = authority_.issue({.names = {"b"}});
  auto code = [&](TlsServerOptions options) {
    auto made = TlsServerContext::make(options);
    return made ? "" : made.error().code + ": " + made.error().message;
  };
  EXPECT_EQ(code({.identities = {one}}), "");
  EXPECT_THAT(code({}), HasSubstr("E_TLS_OPTIONS"));
  EXPECT_EQ(code({.identities = {{"", one.chain_pem, other.key_pem}}}), "E_CERTIFICATE: the private key is not the certificate's");
  EXPECT_THAT(code({.identities = {{"", "nothing", one.key_pem}}}), HasSubstr("E_CERTIFICATE: not a certificate in PEM form"));
  EXPECT_THAT(code({.identities = {{"", one.chain_pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", one.key_pem}}}),
              HasSubstr("E_CERTIFICATE"));
  EXPECT_THAT(code({.identities = {one}, .ciphers = "NO-SUCH"}), HasSubstr("E_TLS_OPTIONS"));
  EXPECT_THAT(code({.identities = {one}, .client_authorities_pem = "nothing"}), HasSubstr("E_CERTIFICATE"));
}

TEST_F(TlsTest, versions_and_protocols_that_do_not_meet_end_the_handshake) {
  setting_.client.protocols = {"h2"};
  Ends alpn = connect();
  ASSERT_FALSE(alpn.client_done);
  EXPECT_EQ(alpn.client_done.error().code, "E_TLS");
  EXPECT_THAT(alpn.client_done.error().message, HasSubstr("no application protocol"));
  EXPECT_FALSE(alpn.server_done);
  setting_.client.protocols = {};
  Ends none = connect();
  ASSERT_TRUE(none.server_done);
  EXPECT_EQ(none.server->secure_session()->protocol, "");
}

// ---- sessions ----

TEST_F(TlsTest, tickets_are_good_until_the_second_rotation_of_their_keys) {
  io::ManualClock clock{Timestamp(1'000'000s)};
  SeededRandom random(1);
  for (TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    setting_.server.version_min = setting_.server.version_max = version;
    setting_.server.tickets = std::make_shared<TicketKeys>(clock, random, 1h);
    auto server = *TlsServerContext::make(setting_.server);
    auto client = *TlsClientContext::make(setting_.client);
    setting_.sessions = std::make_shared<TlsSessions>();
    auto resumed = [&] {
      Ends ends = connect(server, client);
      talk(ends);
      EXPECT_EQ(ends.client->secure_session()->resumed, ends.server->secure_session()->resumed);
      return ends.server->secure_session()->resumed;
    };
    EXPECT_FALSE(resumed());
    EXPECT_TRUE(resumed());
    server = *TlsServerContext::make(setting_.server);  // a reload: the keys are the same
    EXPECT_TRUE(resumed());
    clock.advance(61min);
    EXPECT_TRUE(resumed());  // by the previous key; and a ticket of the new one comes with it
    clock.advance(61min);
    EXPECT_TRUE(resumed());
    clock.advance(121min);
    EXPECT_FALSE(resumed());
    setting_.server.tickets = nullptr;
    server = *TlsServerContext::make(setting_.server);
    EXPECT_FALSE(resumed());
    EXPECT_FALSE(resumed());
  }
}

TEST_F(TlsTest, a_session_is_not_resumed_where_other_clients_are_trusted) {
  io::ManualClock clock{Timestamp(1'000'000s)};
  SeededRandom random(1);
  TestAuthority before("Before"), after("After");
  setting_.server.tickets = std::make_shared<TicketKeys>(clock, random);
  setting_.server.client_authorities_pem = before.pem();
  setting_.client.identity = before.issue({});
  setting_.sessions = std::make_shared<TlsSessions>();
  auto client = *TlsClientContext::make(setting_.client);
  Ends first = connect(*TlsServerContext::make(setting_.server), client);
  talk(first);
  first.client.reset();
  setting_.server.client_authorities_pem = after.pem();
  Ends second = connect(*TlsServerContext::make(setting_.server), client);
  EXPECT_FALSE(second.server_done);
}

}  // namespace
}  // namespace pds::http
