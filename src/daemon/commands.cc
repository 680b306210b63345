#include "daemon/commands.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "cli/context.h"
#include "daemon/cloud.h"
#include "daemon/options.h"
#include "http/client.h"
#include "io/files.h"

namespace pds::daemon {
namespace {

using cli::Args;
using cli::Context;

std::vector<cli::Flag> with_data_flag(std::vector<cli::Flag> flags) {
  flags.push_back({"--data", "DIR", "the data directory ($PDS_DATA, else ~/.local/share/pds)"});
  return flags;
}

std::string own_program() {
  char path[4096];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "/proc/self/exe";
}

Result<CloudOptions> read_options(const Args& args) {
  CloudOptions options;
  options.data_dir = Context::data_dir(args);
  options.program = own_program();
  auto port = parse_int(args.get("port", "4566"));
  if (!port || *port < 0 || *port > 65535) return fail("E_USAGE", fmt::format("--port is a number from 0 to 65535, not '{}'", args.get("port")));
  options.port = static_cast<uint16_t>(*port);
  auto scale = parse_double(args.get("time-scale", "1"));
  if (!scale || *scale < 1 || *scale > 3600)
    return fail("E_USAGE", fmt::format("--time-scale is a number from 1 to 3600, not '{}'", args.get("time-scale")));
  options.time_scale = *scale;
  options.address = args.get("listen", "127.0.0.1");
  if (std::string slow = args.get("slow-request"); !slow.empty()) {
    TRY(options.slow_request, deploy::parse_duration(slow));
  }
  options.permissive = args.has("permissive");
  if (options.permissive && !options.address.starts_with("127."))
    return fail("E_USAGE", "--permissive accepts any key and is therefore for loopback only: leave --listen out");
  return options;
}

// Starts this program again in the foreground, detached, and waits until it says that it is ready, or ends.
int start_in_background(Context& context, const Args& args, const CloudOptions& options) {
  if (Result<void> made = io::make_directories(options.data_dir); !made) return context.fail(made.error());
  std::string log_path = options.data_dir + "/cloud.log";
  int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int ready[2];
  if (log < 0 || ::pipe2(ready, O_CLOEXEC) != 0) return context.fail(fail_errno("cannot write " + log_path, errno).error());

  std::vector<std::string> words = {options.program, "cloud", "start", "--foreground", "--data", options.data_dir, "--port", std::to_string(options.port),
                                    "--time-scale", args.get("time-scale", "1"), "--listen", options.address, "--ready-fd", "3"};
  if (options.permissive) words.push_back("--permissive");
  if (std::string slow = args.get("slow-request"); !slow.empty()) words.insert(words.end(), {"--slow-request", slow});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::dup2(ready[1], 3);
    ::execv(options.program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(ready[1]);
  std::string message;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::read(ready[0], buffer, sizeof buffer)) > 0;) message.append(buffer, static_cast<size_t>(size));
  ::close(ready[0]);
  ::close(log);
  if (message.starts_with("ready ")) {
    std::string url(trim(std::string_view(message).substr(6)));
    context.out().result(json::object{{"url", url}, {"pid", child}, {"data", options.data_dir}},
                         fmt::format("The cloud answers at {} (pid {}, data {}). Ready.", url, child, options.data_dir));
    return cli::exit_ok;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  size_t code = message.find(' ');
  if (code == std::string::npos)
    return context.fail(Error{"E_START", "the cloud ended before it was ready; its log is " + log_path});
  return context.fail(Error{message.substr(0, code), std::string(trim(std::string_view(message).substr(code + 1)))});
}

void tell(int fd, const std::string& text) {
  if (fd < 0) return;
  [[maybe_unused]] ssize_t written = ::write(fd, text.data(), text.size());
  ::close(fd);
}

int start(Context& context, const Args& args) {
  if (Result<void> ok = cli::apply_output(context, args); !ok) return context.fail(ok.error());
  Result<CloudOptions> options = read_options(args);
  if (!options) return context.fail(options.error());
  if (!args.has("foreground")) {
    if (Result<RunningCloud> running = find_running(options->data_dir))
      return context.fail(Error{"E_LOCKED", fmt::format("a cloud already runs on {} (pid {}, {})", options->data_dir, running->process.pid, running->url)},
                          "pds cloud status, or another --data");
    return start_in_background(context, args, *options);
  }
  int ready_fd = static_cast<int>(parse_int(args.get("ready-fd", "-1")).value_or(-1));
  int exit_code = cli::exit_ok;
  Result<void> served = serve_cloud(*options, [&](const std::string& url) {
    if (ready_fd >= 0) tell(ready_fd, "ready " + url + "\n");
    else context.out().result(json::object{{"url", url}, {"data", options->data_dir}}, fmt::format("The cloud answers at {} (data {}). Ready.", url, options->data_dir));
  });
  if (!served) {
    tell(ready_fd, served.error().code + " " + served.error().message + "\n");
    exit_code = context.fail(served.error());
  }
  return exit_code;
}

int stop(Context& context, const Args& args) {
  if (Result<void> ok = cli::apply_output(context, args); !ok) return context.fail(ok.error());
  Result<RunningCloud> running = find_running(Context::data_dir(args));
  if (!running) {
    context.out().result(json::object{{"stopped", false}}, running.error().message);
    return cli::exit_ok;
  }
  context.out().waiting(fmt::format("the cloud (pid {}) ends its instances and functions", running->process.pid));
  io::signal_process(running->process, SIGTERM);
  context.run(io::wait_for_exit(context.loop(), running->process));
  context.out().result(json::object{{"stopped", true}, {"pid", running->process.pid}}, fmt::format("The cloud at {} has stopped.", running->url));
  return cli::exit_ok;
}

int status(Context& context, const Args& args) {
  if (Result<void> ok = cli::apply_output(context, args); !ok) return context.fail(ok.error());
  std::string data = Context::data_dir(args);
  Result<RunningCloud> running = find_running(data);
  if (!running) return context.fail(running.error(), "pds cloud start");
  Result<http::Response> health = context.run(http::fetch(context.loop(), "GET", running->url + "/_pds/health"));
  if (!health) return context.fail(health.error());
  Result<json::value> document = parse_json(health->body);
  json::object fields;
  if (document && document->is_object()) fields = document->get_object();
  fields["url"] = running->url;
  fields["pid"] = running->process.pid;
  fields["data"] = data;
  context.out().result(fields, fmt::format("The cloud answers at {} (pid {}, data {}, clock x{}).", running->url, running->process.pid, data,
                                           running->time_scale));
  return cli::exit_ok;
}

// The last lines of the daemon's own log.
int logs(Context& context, const Args& args) {
  std::string path = Context::data_dir(args) + "/cloud.log";
  Result<std::string> text = io::read_file(path);
  if (!text) return context.fail(Error{"E_NOT_FOUND", "there is no log at " + path}, "pds cloud start");
  auto lines = parse_int(args.get("lines", "200")).value_or(200);
  size_t begin = text->size();
  for (int64_t left = lines + 1; left > 0 && begin > 0; --left) {
    size_t newline = text->rfind('\n', begin - 1);
    if (newline == std::string::npos) {
      begin = 0;
      break;
    }
    begin = newline;
  }
  std::string_view tail = std::string_view(*text).substr(begin == 0 ? 0 : begin + 1);
  if (!tail.empty()) context.out().line(std::string(trim(tail)));
  return cli::exit_ok;
}

int env(Context& context, const Args& args) {
  if (Result<void> ok = cli::apply_output(context, args); !ok) return context.fail(ok.error());
  std::string data = Context::data_dir(args);
  Result<RunningCloud> running = find_running(data);
  if (!running) return context.fail(running.error(), "pds cloud start");
  Result<aws::Credentials> key = load_root_key(data);
  if (!key) return context.fail(key.error());
  std::string region = args.get("region", "us-east-1");
  // This prints a secret on purpose: it is how a shell is given the key. Nothing else does.
  json::object fields{{"AWS_ENDPOINT_URL", running->url},
                      {"AWS_ACCESS_KEY_ID", key->access_key_id},
                      {"AWS_SECRET_ACCESS_KEY", key->secret_access_key},
                      {"AWS_REGION", region},
                      {"AWS_DEFAULT_REGION", region}};
  std::string script;
  for (const auto& field : fields)
    script += fmt::format("{}export {}={}", script.empty() ? "" : "\n", std::string_view(field.key()), std::string_view(field.value().as_string()));
  context.out().result(fields, script);
  return cli::exit_ok;
}

}  // namespace

cli::Command cloud_command() {
  cli::Command command{"cloud", "the embedded cloud on this machine"};
  command.children = {
      {.name = "start",
       .summary = "starts it in the background; the last line says Ready.",
       .description = "State is kept in the data directory: after a crash or a restart the cloud goes on where it was.",
       .flags = cli::with_output_flag(with_data_flag({{"--port", "N", "where the API answers; 0 picks a free port", "4566"},
                                                      {"--time-scale", "X", "how much faster the control plane's clock runs", "1"},
                                                      {"--listen", "ADDRESS", "the address to listen on", "127.0.0.1"},
                                                      {"--slow-request", "TIME", "log requests through balancers that take so long"},
                                                      {"--permissive", "", "accept any key, and unsigned requests, as root"},
                                                      {"--foreground", "", "stay in the foreground; log to standard error"},
                                                      {"--ready-fd", "FD", "tell this descriptor when ready"}})),
       .run = start},
      {.name = "stop", .summary = "ends it, with its instances and functions", .flags = cli::with_output_flag(with_data_flag({})), .run = stop},
      {.name = "status", .summary = "says whether it runs, and where", .flags = cli::with_output_flag(with_data_flag({})), .run = status},
      {.name = "logs", .summary = "shows the end of its own log", .flags = with_data_flag({{"-n,--lines", "N", "how many lines", "200"}}), .run = logs},
  };
  return command;
}

cli::Command env_command() {
  return {.name = "env",
          .summary = "prints the shell lines that point AWS clients at the local cloud",
          .description = "Use it as:  eval \"$(pds env)\"",
          .flags = cli::with_output_flag(with_data_flag({{"--region", "NAME", "the region to use", "us-east-1"}})),
          .run = env};
}

}  // namespace pds::daemon
