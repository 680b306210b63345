#include "cli/context.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cli {
namespace {

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written <= 0) return;   // a reader that has gone
    text.remove_prefix(static_cast<size_t>(written));
  }
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string now_text() { return to_iso8601(io::SystemClock().now()); }

}  // namespace

Output::Output() {
  terminal_ = ::isatty(STDERR_FILENO) && variable("TERM") != "dumb";
  colour_ = (terminal_ && variable("NO_COLOR").empty()) || !variable("CLICOLOR_FORCE").empty();
}

std::string Output::paint(std::string_view text, std::string_view colour) const {
  static const std::map<std::string_view, const char*> codes = {{"green", "32"}, {"red", "31"}, {"yellow", "33"}, {"dim", "2"}, {"bold", "1"}};
  auto code = codes.find(colour);
  if (!colour_ || code == codes.end()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code->second, text);
}

void Output::clear_waiting() {
  if (terminal_ && !waiting_.empty()) write_all(STDERR_FILENO, "\r\x1b[K");
  waiting_.clear();
}

void Output::result(const json::object& document, const std::string& for_people) {
  clear_waiting();
  write_all(STDOUT_FILENO, (json_ ? to_text(document) : for_people) + "\n");
}

void Output::line(const std::string& text) {
  clear_waiting();
  if (!json_) write_all(STDOUT_FILENO, text + "\n");
}

void Output::redraw(const std::vector<std::string>& lines, const std::string& change) {
  clear_waiting();
  bool in_place = terminal_ && ::isatty(STDOUT_FILENO);
  if (!in_place && change == drawn_) return;
  drawn_ = change;
  // A line that wrapped would be two when the next table goes over it.
  winsize window{};
  size_t columns = in_place && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : std::string::npos;
  std::string text;
  if (in_place && drawn_lines_ > 0) text = fmt::format("\x1b[{}A\x1b[J", drawn_lines_);
  for (const std::string& line : lines) text += line.substr(0, columns) + "\n";
  drawn_lines_ = lines.size();
  write_all(STDOUT_FILENO, text);
}

void Output::event(const std::string& kind, const json::object& fields, const std::string& for_people) {
  clear_waiting();
  if (json_) {
    json::object document{{"event", kind}, {"at", now_text()}};
    for (const auto& field : fields) document[field.key()] = field.value();
    write_all(STDOUT_FILENO, to_text(document) + "\n");
  } else if (terminal_) {
    write_all(STDERR_FILENO, for_people + "\n");
  } else {
    write_all(STDERR_FILENO, now_text() + "  " + for_people + "\n");
  }
}

void Output::waiting(const std::string& text) {
  if (json_ || text == waiting_) return;
  if (terminal_) {
    write_all(STDERR_FILENO, "\r\x1b[K" + paint("  … " + text, "dim"));
  } else {
    write_all(STDERR_FILENO, now_text() + "  waiting: " + text + "\n");
  }
  waiting_ = text;
}

void Output::error(const Error& error, const std::string& next_step) {
  clear_waiting();
  if (json_) write_all(STDOUT_FILENO, to_text(json::object{{"event", "error"}, {"code", error.code}, {"message", error.message}, {"next", next_step}}) + "\n");
  std::string text = fmt::format("{} {}  {}\n", paint("error", "red"), error.code, error.message);
  if (!next_step.empty()) text += "next:  " + next_step + "\n";
  write_all(STDERR_FILENO, text);
}

Context::Context(io::Loop& loop, Random& random, std::string version) : loop_(loop), random_(random), version_(std::move(version)) {}

Result<deploy::Config> Context::config(const Args& args) const {
  std::string file = args.get("file", "deploy.yaml");
  std::string environment = args.get("environment");
  std::string overlay;
  if (!environment.empty()) {
    size_t dot = file.rfind('.');
    overlay = file.substr(0, dot) + "." + environment + (dot == std::string::npos ? "" : file.substr(dot));
  }
  return deploy::Config::load(file, overlay, aws::process_environment);
}

std::string Context::data_dir(const Args& args) {
  std::string dir = args.get("data");
  if (dir.empty()) dir = variable("PDS_DATA");
  if (dir.empty()) dir = (variable("HOME").empty() ? "/tmp" : variable("HOME")) + "/.local/share/pds";
  if (dir.front() != '/') {
    char here[4096];
    if (::getcwd(here, sizeof here)) dir = std::string(here) + "/" + dir;
  }
  return dir;
}

Result<std::string> Context::endpoint_url() const {
  std::string url = variable("AWS_ENDPOINT_URL");
  if (!url.empty()) return url;
  Result<std::string> ready = io::read_file(data_dir(Args{}) + "/endpoint", 4096);
  if (!ready)
    return pds::fail("E_NO_ENDPOINT", "no cloud to talk to: AWS_ENDPOINT_URL is not set and no local cloud has been started here");
  return std::string(trim(*ready));
}

Result<std::unique_ptr<aws::Client>> Context::client(const deploy::Config& config) {
  aws::ClientConfig client_config = aws::config_from_environment(loop_);
  client_config.region = config.region();
  TRY(client_config.endpoint_url, endpoint_url());
  return std::make_unique<aws::Client>(loop_, std::move(client_config));
}

int Context::fail(const Error& error, const std::string& next_step) {
  static const std::map<std::string_view, std::pair<Exit, const char*>> known = {
      {"E_CONFIG", {exit_usage, "mend the file and run the command again"}},
      {"E_USAGE", {exit_usage, "pds --help"}},
      {"E_GATE", {exit_refused, "pds verify <image>"}},
      {"E_ROLLED_BACK", {exit_rolled_back, "pds history"}},
      {"E_NEEDS_PERSON", {exit_needs_person, "pds doctor"}},
      {"E_LOCKED", {exit_locked, "pds watch, or pds unlock when its holder is gone"}},
      {"E_TIMED_OUT", {exit_timed_out, "pds watch"}},
      {"E_NOT_FOUND", {exit_not_found, "pds status"}},
      {"E_NO_ENDPOINT", {exit_failed, "pds cloud start && eval \"$(pds env)\""}},
      {"E_RESOLVE", {exit_failed, "mend the host name in AWS_ENDPOINT_URL; for the local cloud: eval \"$(pds env)\""}},
      {"E_CONNECT", {exit_failed, "pds cloud status; when it runs: eval \"$(pds env)\", for its port may be another"}},
      {"E_TIMEOUT", {exit_failed, "pds cloud status"}},
      {"E_KEY_PASSWORD", {exit_failed, "set COSIGN_PASSWORD to the key's password and run the command again"}},
      {"E_CLOSED", {exit_failed, "pds cloud status"}},
      {"E_INTERRUPTED", {exit_interrupted, "pds watch"}},
  };
  auto it = known.find(error.code);
  out_.error(error, !next_step.empty() ? next_step : it != known.end() ? it->second.second : "");
  return it != known.end() ? it->second.first : exit_failed;
}

Flag sysroot_flag() { return {"--sysroot", "DIR", "for another architecture: the system that the image's libraries come from"}; }

std::vector<Flag> with_output_flag(std::vector<Flag> flags) {
  flags.push_back({"-o,--output", "FORMAT", "text or json (one JSON object per line)", "text"});
  return flags;
}

std::vector<Flag> with_config_flags(std::vector<Flag> flags) {
  flags.push_back({"-f,--file", "FILE", "the stack's configuration", "deploy.yaml"});
  flags.push_back({"-e,--environment", "NAME", "also read deploy.NAME.yaml over it"});
  return with_output_flag(std::move(flags));
}

Result<void> apply_output(Context& context, const Args& args) {
  std::string format = args.get("output", "text");
  if (format != "text" && format != "json") return pds::fail("E_USAGE", fmt::format("--output is text or json, not '{}'", format));
  context.out().set_json(format == "json");
  return {};
}

}  // namespace pds::cli
