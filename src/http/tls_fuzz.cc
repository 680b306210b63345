// A server in the middle of a handshake and after it, whose client's bytes come in any pieces and changed: nothing crashes, and what the
// server reads is what the client wrote, or a beginning of it. With a second kind of input the bytes are no client's at all.
#include <cstdint>
#include <cstring>

#include "http/test_certificates.h"
#include "http/tls_stream.h"

namespace {

using namespace pds;
using namespace pds::http;

constexpr std::string_view said = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr int turns_max = 200;

// What is read through it has been changed: byte i by changes[i].
class Tampering final : public io::Stream {
 public:
  Tampering(std::unique_ptr<io::Stream> below, size_t piece, std::string_view changes)
      : Stream(below->loop()), below_(std::move(below)), piece_(piece), changes_(changes) {
    take_edges_of(*below_);
  }
  io::IoResult try_read(std::span<char> into) override {
    io::IoResult got = below_->try_read(into.subspan(0, std::min(into.size(), piece_)));
    for (size_t i = 0; i < got.bytes && !changes_.empty(); ++i, changes_.remove_prefix(1)) into[i] ^= changes_[0];
    return got;
  }
  bool has_input() override { return below_->has_input(); }
  io::IoResult try_write(std::span<const iovec> parts) override { return below_->try_write(parts); }
  void shutdown_write() override { below_->shutdown_write(); }
  void close() override { below_->close(); }
  std::string peer_address() const override { return "fuzz"; }

 private:
  std::unique_ptr<io::Stream> below_;
  size_t piece_;
  std::string_view changes_;
};

struct Contexts {
  TestAuthority authority;
  std::shared_ptr<const TlsServerContext> server = *TlsServerContext::make({.identities = {authority.issue({.names = {"a.example"}})}});
  std::shared_ptr<const TlsClientContext> client = *TlsClientContext::make({.authorities_pem = authority.pem()});
};

io::Task<void> serve(TlsStream& stream, std::string& heard) {
  Result<void> done = co_await stream.handshake(io::never);
  char piece[7];
  while (done) {
    Result<size_t> got = co_await io::read_some(stream, piece, io::never);
    if (!got || *got == 0) co_return;
    heard.append(piece, *got);
  }
}

io::Task<void> speak(TlsStream& stream) {
  Result<void> done = co_await stream.handshake(io::never);
  if (done) done = co_await io::write_all(stream, said, io::never);
  if (done) stream.shutdown_write();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Contexts contexts;
  if (size < 2) return 0;
  bool garbage = data[0] & 1;
  size_t piece = data[1] ? data[1] : 4096;
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);

  io::Loop loop;
  io::StreamPair pair = io::make_stream_pair(loop);
  auto below = std::make_unique<Tampering>(std::move(pair.a), piece, garbage ? std::string_view() : rest);
  std::string heard;
  TlsStream server(std::move(below), contexts.server->new_session(), contexts.server);
  TlsStream client(std::move(pair.b), *contexts.client->new_session("a.example"), contexts.client);
  io::TaskSet tasks;
  tasks.spawn(serve(server, heard));
  if (garbage) {
    iovec part{const_cast<char*>(rest.data()), rest.size()};
    client.below().try_write({&part, 1});
    client.below().shutdown_write();
  } else {
    tasks.spawn(speak(client));
  }
  for (int turn = 0; turn < turns_max && tasks.size() > 0; ++turn) {
    if (!loop.run_once(Duration{0})) break;
  }
  tasks.cancel_all();
  bool genuine = said.starts_with(heard) && !(garbage && !heard.empty());
  if (!genuine) __builtin_trap();
  return 0;
}
