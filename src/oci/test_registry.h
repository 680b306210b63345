// For tests: a registry that listens on a port of the kernel's choice, and a client of it.
#pragma once

#include <memory>
#include <string>

#include "http/server.h"
#include "oci/registry_client.h"
#include "oci/registry_service.h"
#include "oci/test_support.h"

namespace pds::oci {

class TestRegistry {
 public:
  explicit TestRegistry(RegistryServiceOptions options = {}, StoreLimits limits = {})
      : registry(directory / "registry", clock, limits),
        service(loop, clock, [this](const RegistryAccess& access) { return allow(access); }, options),
        server(loop, service) {
    auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
    host = "localhost:" + std::to_string(listener->port());
    server.listen(std::move(listener));
    ASSERT(registry.create_repository("team/podinfo"));
  }

  std::unique_ptr<RegistryClient> client(RegistryClientOptions options = {}) {
    if (options.authorization.empty()) options.authorization = authorization;
    options.first_pause = 1ms;
    return *connect_registry(loop, host, options);
  }

  http::Response ask(std::string method, std::string target, std::string body = "", http::Headers headers = {}) {
    if (!headers.find("authorization")) headers.add("Authorization", authorization);
    auto response = io::run_until_done(loop, http::fetch(loop, method, "http://" + host + target, std::move(headers), std::move(body)));
    ASSERT(response);
    return *std::move(response);
  }

  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(loop, std::move(task));
  }

  TemporaryDirectory directory;
  StillClock clock;
  io::Loop loop;
  const std::string authorization = basic_authorization("AWS", "token");
  std::string host;
  Registry registry;
  RegistryService service;
  http::Server server;

 private:
  Result<Registry*> allow(const RegistryAccess& access) {
    if (access.authorization != authorization) return fail("E_UNAUTHORIZED", "log in first", 401);
    if (access.repository == "secret") return fail("E_DENIED", "not for you", 403);
    return &registry;
  }
};

}  // namespace pds::oci
