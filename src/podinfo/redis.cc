#include "podinfo/redis.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <array>
#include <cstdlib>

#include "http/tls_connector.h"

namespace pds::podinfo {
namespace {

constexpr size_t piece_bytes = 16 * 1024;

Result<RedisReply> take_reply(redisReply* raw) {
  std::unique_ptr<redisReply, void (*)(void*)> owned(raw, freeReplyObject);
  std::string text = raw->str ? std::string(raw->str, raw->len) : std::string();
  switch (raw->type) {
    case REDIS_REPLY_ERROR:
      return fail("E_REDIS", std::move(text));
    case REDIS_REPLY_INTEGER:
      return RedisReply{RedisReply::Kind::number, raw->integer, {}};
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      return RedisReply{RedisReply::Kind::text, 0, std::move(text)};
    case REDIS_REPLY_NIL:
      return RedisReply{};
    default:
      return fail("E_REDIS", "an answer of a kind that no command here has");
  }
}

Result<std::string> encode(const std::vector<std::string_view>& words) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (std::string_view word : words) texts.push_back(word.data()), sizes.push_back(word.size());
  char* raw = nullptr;
  int size = redisFormatCommandArgv(&raw, static_cast<int>(words.size()), texts.data(), sizes.data());
  if (size < 0) return fail("E_REDIS", "the command cannot be written");
  std::unique_ptr<char, void (*)(void*)> owned(raw, free);
  return std::string(raw, static_cast<size_t>(size));
}

}  // namespace

class Redis::Connection {
 public:
  explicit Connection(std::unique_ptr<io::Stream> stream) : stream_(std::move(stream)), reader_(redisReaderCreate(), redisReaderFree) {}

  MonoTime used{};
  bool broken = false;

  io::Task<Result<RedisReply>> ask(const std::vector<std::string_view>& words) {
    broken = true;  // until the whole answer is there
    io::Deadline deadline = stream_->loop().exact_now() + redis_timeout;
    CO_TRY(std::string bytes, encode(words));
    CO_CHECK(co_await io::write_all(*stream_, bytes, deadline));
    CO_TRY(redisReply * reply, co_await read(deadline));
    broken = false;
    co_return take_reply(reply);
  }

 private:
  io::Task<Result<redisReply*>> read(io::Deadline deadline) {
    std::array<char, piece_bytes> piece;
    size_t total = 0;
    while (true) {
      void* reply = nullptr;
      if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) co_return fail("E_REDIS", fmt::format("the server does not speak Redis' protocol: {}", reader_->errstr));
      if (reply) co_return static_cast<redisReply*>(reply);
      CO_TRY(size_t got, co_await io::read_some(*stream_, piece, deadline));
      if (got == 0) co_return fail_world("E_CLOSED", "Redis closed the connection");
      if ((total += got) > redis_reply_bytes_max) co_return fail("E_TOO_LARGE", "Redis' answer is too long");
      redisReaderFeed(reader_.get(), piece.data(), got);
    }
  }

  std::unique_ptr<io::Stream> stream_;
  std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
};

Redis::Redis(io::Loop& loop, RedisAddress address) : loop_(loop), address_(std::move(address)) {}
Redis::~Redis() = default;

std::unique_ptr<Redis::Connection> Redis::take_idle() {
  std::erase_if(idle_, [oldest = loop_.exact_now() - redis_idle_time](const auto& connection) { return connection->used < oldest; });
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> last = std::move(idle_.back());
  idle_.pop_back();
  return last;
}

void Redis::keep(std::unique_ptr<Connection> connection) {
  if (connection->broken || idle_.size() == redis_idle_max) return;
  connection->used = loop_.exact_now();
  idle_.push_back(std::move(connection));
}

io::Task<Result<std::unique_ptr<Redis::Connection>>> Redis::connect() {
  std::shared_ptr<io::Connector> connector = io::tcp_connector(loop_, address_.host, address_.port);
  if (address_.secure) {
    // Reading the system's authorities takes a while: once for all connections.
    if (!tls_) {
      CO_TRY(tls_, co_await loop_.offload([] { return http::TlsClientContext::make({}); }));
    }
    connector = http::tls_connector(std::move(connector), tls_, address_.host);
  }
  CO_TRY(std::unique_ptr<io::Stream> stream, co_await connector->connect(loop_.exact_now() + redis_connect_timeout));
  auto connection = std::make_unique<Connection>(std::move(stream));
  if (!address_.password.empty()) {
    std::vector<std::string_view> words{"AUTH"};
    if (!address_.user.empty()) words.push_back(address_.user);
    words.push_back(address_.password);
    CO_CHECK(co_await connection->ask(words));
  }
  if (address_.database > 0) {
    std::string database = std::to_string(address_.database);
    CO_CHECK(co_await connection->ask({"SELECT", database}));
  }
  co_return connection;
}

io::Task<Result<RedisReply>> Redis::command(std::vector<std::string_view> words) {
  struct Use {
    size_t& count;
    explicit Use(size_t& c) : count(++c) {}
    ~Use() { --count; }
  };
  if (in_use_ == redis_connections_max) co_return fail("E_OVERLOADED", "all connections to Redis are in use");
  Use use(in_use_);
  std::unique_ptr<Connection> connection = take_idle();
  bool was_kept = connection != nullptr;
  if (!connection) {
    CO_TRY(connection, co_await connect());
  }
  Result<RedisReply> reply = co_await connection->ask(words);
  if (!reply && was_kept && connection->broken && reply.error().code != "E_TIMEOUT") {
    idle_.clear();  // what was kept beside a dead connection is no fresher
    CO_TRY(connection, co_await connect());
    reply = co_await connection->ask(words);
  }
  keep(std::move(connection));
  co_return reply;
}

}  // namespace pds::podinfo
