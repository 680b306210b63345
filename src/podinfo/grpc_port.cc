#include "podinfo/grpc_port.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/dlopen_note.h"
#include "podinfo/env.h"
#include "podinfo/info.h"
#include "podinfo/jwt.h"
#include "podinfo/local_time.h"

namespace pds::podinfo {
namespace {

constexpr size_t logged_body_bytes_max = 1024;

PDS_DLOPEN_NOTE(grpc_note,
                R"([{"feature":"grpc","description":"the gRPC server of --grpc-port","priority":"recommended","soname":["podinfo_grpc.so"]}])");

std::string program_folder() {
  char path[4096];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  std::string self(path, size > 0 ? static_cast<size_t>(size) : 0);
  return self.substr(0, self.rfind('/') + 1);
}

// It stays loaded: gRPC has threads of its own.
Result<rpc::Start> load_module() {
  void* module = ::dlopen((program_folder() + rpc::module_file).c_str(), RTLD_NOW | RTLD_LOCAL);
  void* start = module ? ::dlsym(module, rpc::start_symbol) : nullptr;
  if (!start) return fail("E_MODULE", ::dlerror());
  return reinterpret_cast<rpc::Start>(start);
}

rpc::TokenVerdict::Kind kind_of(const Error& error) {
  if (error.code == token_expired) return rpc::TokenVerdict::Kind::expired;
  if (error.code == token_forged) return rpc::TokenVerdict::Kind::forged;
  return error.code == token_of_another_issuer ? rpc::TokenVerdict::Kind::of_another_issuer : rpc::TokenVerdict::Kind::unreadable;
}

}  // namespace

// On the server's threads: nothing that it reads changes while the app lives.
class GrpcPort::Answers final : public rpc::Podinfo {
 public:
  explicit Answers(const App& app) : app_(app), parts_(app.parts()) {}
  rpc::Info info() const override { return info_of(app_); }
  std::vector<std::string> environment() const override { return shown_environment(parts_.environment); }
  rpc::Token make_token() const override {
    TokenClaims claims = claims_for("anonymous", parts_.clock.now());
    return {sign_token(claims, parts_.options.jwt_secret), to_local_go_text(claims.expires)};
  }
  rpc::TokenVerdict check_token(std::string_view token) const override {
    Result<TokenClaims> claims = verify_token(token, parts_.options.jwt_secret, parts_.clock.now());
    if (!claims) return {.kind = kind_of(claims.error()), .message = claims.error().message};
    return {.kind = rpc::TokenVerdict::Kind::good, .name = claims->name, .expires_at = to_local_go_text(claims->expires)};
  }
  void panic() const override {
    constexpr int status = 225;  // that of HTTP is another
    parts_.logger.info("Panic command received");
    parts_.exit(status);
  }
  void log_problem(std::string_view message) const override { parts_.logger.warn("gRPC", {{"error", message}}); }
  void log_echo(std::string_view body) const override { parts_.logger.info("Received message body from client:", {{"input body", body.substr(0, logged_body_bytes_max)}}); }

 private:
  const App& app_;
  const AppParts& parts_;
};

GrpcPort::GrpcPort(App& app, std::unique_ptr<Answers> answers, rpc::Server* server)
    : app_(app), answers_(std::move(answers)), server_(server) {
  app_.follow_readiness([server](bool ready) { server->set_serving(ready); });
}

GrpcPort::~GrpcPort() { app_.follow_readiness(nullptr); }

std::unique_ptr<GrpcPort> GrpcPort::open(App& app) {
  const AppParts& parts = app.parts();
  int port = parts.options.grpc_port;
  if (port > port_max) {
    parts.logger.error("failed to listen", {{"port", port}, {"error", fmt::format("listen tcp: address {}: invalid port", port)}});
    return nullptr;
  }
  rpc::Setup setup{static_cast<uint16_t>(port), parts.options.grpc_service_name, delay_max};
  auto answers = std::make_unique<Answers>(app);
  Result<rpc::Start> start = load_module();
  std::string problem = start ? "" : start.error().message;
  rpc::Server* server = start ? (*start)(setup, *answers, problem) : nullptr;
  if (server) return std::unique_ptr<GrpcPort>(new GrpcPort(app, std::move(answers), server));
  parts.logger.error("failed to listen", {{"port", setup.port}, {"error", problem}});
  return nullptr;
}

io::Task<void> GrpcPort::stop(MonoTime deadline) {
  return app_.parts().loop.offload([server = server_, deadline] { server->stop(deadline); });
}

}  // namespace pds::podinfo
