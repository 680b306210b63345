#include "base/crypto.h"
#include "base/text.h"
#include "io/files.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr int file_mode = 0644;
constexpr size_t hash_digits = 40;

// Nothing but a hash ever becomes part of a path.
bool is_hash(std::string_view text) {
  return text.size() == hash_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string path_of(const App& app, const std::string& hash) { return app.parts().options.data_path + "/" + hash; }

http::Response failed(App& app, const Call& call, std::string_view what, const std::string& path, const Error& error) {
  app.parts().logger.warn(what, {{"error", error.message}, {"file", path}, {"correlation_id", call.correlation_id}});
  return error_document(500, what);
}

}  // namespace

io::Task<http::Response> store_write(App& app, const Call& call) {
  std::string hash = to_hex(sha1(call.body));
  std::string path = path_of(app, hash);
  Result<void> written =
      co_await app.parts().loop.offload([path, body = call.body] { return io::write_file_atomically(path, body, file_mode); });
  if (!written) co_return failed(app, call, "writing file failed", path, written.error());
  co_return document(202, json::object{{"hash", hash}});
}

io::Task<http::Response> store_read(App& app, const Call& call) {
  if (!is_hash(call.argument)) co_return error_document(400, "invalid hash");
  std::string path = path_of(app, call.argument);
  Result<std::string> content = co_await app.parts().loop.offload([path] { return io::read_file(path, body_bytes_max); });
  if (!content) co_return failed(app, call, "reading file failed", path, content.error());
  co_return raw(202, *std::move(content));
}

}  // namespace pds::podinfo
