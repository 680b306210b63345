#include "daemon/options.h"

#include <fmt/core.h>

#include "base/json.h"
#include "io/files.h"

namespace pds::daemon {
namespace {

constexpr std::string_view key_id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view secret_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

Result<aws::Credentials> load_root_key(const std::string& data_dir) {
  std::string path = data_dir + "/credentials";
  if (!io::exists(path)) return fail("E_NOT_FOUND", fmt::format("no cloud was ever started in {}", data_dir));
  TRY(std::string text, io::read_file(path, 4096));
  Result<json::value> document = parse_json(text);
  aws::Credentials key;
  if (document && document->is_object()) {
    key.access_key_id = get_string(document->get_object(), "access_key_id");
    key.secret_access_key = get_string(document->get_object(), "secret_access_key");
  }
  if (key.access_key_id.empty() || key.secret_access_key.empty())
    return fail("E_STORE_CORRUPT", fmt::format("{} does not hold a key pair; restore it, or remove it to have a new one made", path));
  return key;
}

Result<aws::Credentials> load_or_make_root_key(const std::string& data_dir, Random& random) {
  if (io::exists(data_dir + "/credentials")) return load_root_key(data_dir);
  aws::Credentials key;
  key.access_key_id = "AKIA" + random.text(16, key_id_alphabet);
  key.secret_access_key = random.text(40, secret_alphabet);
  json::object document{{"access_key_id", key.access_key_id}, {"secret_access_key", key.secret_access_key}};
  CHECK(io::write_file_atomically(data_dir + "/credentials", to_text(document) + "\n", 0600));
  return key;
}

Result<void> write_running(const std::string& data_dir, const RunningCloud& running) {
  json::object document{{"pid", running.process.pid},
                        {"start_ticks", static_cast<int64_t>(running.process.start_ticks)},
                        {"url", running.url},
                        {"time_scale", running.time_scale}};
  CHECK(io::write_file_atomically(data_dir + "/cloud.json", to_text(document) + "\n"));
  return io::write_file_atomically(data_dir + "/endpoint", running.url + "\n");
}

Result<RunningCloud> find_running(const std::string& data_dir) {
  auto none = [&] { return fail("E_NOT_FOUND", fmt::format("no cloud is running on {}", data_dir)); };
  Result<std::string> text = io::read_file(data_dir + "/cloud.json", 4096);
  if (!text) return none();
  Result<json::value> document = parse_json(*text);
  if (!document || !document->is_object()) return none();
  const json::object& object = document->get_object();
  RunningCloud running;
  running.process.pid = static_cast<int>(get_int(object, "pid"));
  running.process.start_ticks = static_cast<uint64_t>(get_int(object, "start_ticks"));
  running.url = get_string(object, "url");
  running.time_scale = get_double(object, "time_scale", 1);
  if (running.process.pid <= 0 || !io::is_alive(running.process)) return none();
  return running;
}

}  // namespace pds::daemon
