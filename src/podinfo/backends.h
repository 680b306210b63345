// What stands behind /echo: each --backend-url is sent the body of a request, all of them at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podinfo/app.h"
#include "podinfo/backend_way.h"
#include "podinfo/proxy_settings.h"

namespace pds::podinfo {

inline constexpr int redirects_max = 10;

class Backends {
 public:
  Backends(io::Loop& loop, const Logger& logger, const Options& options, const Release& release, ProxySettings proxies);
  ~Backends();

  bool empty() const { return all_.empty(); }
  // One text per backend in the order of the flags: its answer's body, or what went wrong.
  io::Task<std::vector<std::string>> call_all(const Call& call);

 private:
  struct Backend {
    std::string text;              // the address as it was given
    std::optional<http::Url> url;  // nothing: it is none
    std::unique_ptr<BackendWay> way;
  };
  http::Request request_to(const http::Url& url, const Call& call) const;
  Result<std::unique_ptr<BackendWay>> way_to(const http::Url& url) const;
  // As the way there wants it, and its answer as the backend meant it.
  io::Task<Result<http::Response>> send(BackendWay& way, const http::Url& url, http::Request request, CallParts* parts) const;
  io::Task<Result<http::Response>> ask(Backend& backend, const Call& call);
  io::Task<Result<http::Response>> exchange(Backend& backend, http::Request request, CallParts* parts);
  io::Task<Result<http::Response>> follow(http::Request request, http::Url from, http::Response answer, CallParts* parts);
  struct Round;
  io::Task<void> call_one(Backend& backend, const Call& call, Round& round, std::optional<std::string>& answer);
  std::string describe(const Backend& backend, const Call& call, const Result<http::Response>& response) const;
  std::string describe_failure(const Backend& backend, const Call& call, std::string_view why) const;

  io::Loop& loop_;
  const Logger& logger_;
  ProxySettings proxies_;
  Duration timeout_;
  std::string version_, revision_;
  std::vector<Backend> all_;
};

}  // namespace pds::podinfo
