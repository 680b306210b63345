#include "podinfo/proxy_tunnel.h"

#include <fmt/format.h>

namespace pds::podinfo {
namespace {

class Tunnel final : public io::Connector {
 public:
  Tunnel(io::Loop& loop, HttpProxy proxy, const http::Url& destination)
      : loop_(loop), proxy_(std::move(proxy)), destination_(fmt::format("{}:{}", destination.host, destination.port)) {}

  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline deadline) override {
    http::ClientOptions options;
    options.connect_timeout = options.response_timeout = std::max<Duration>(std::chrono::duration_cast<Duration>(deadline - loop_.exact_now()), 1ms);
    http::Client client(loop_, io::tcp_connector(loop_, proxy_.host, proxy_.port), options);
    http::RequestHead head;
    head.method = "CONNECT";
    head.target = destination_;
    head.headers.add("Host", destination_);
    if (!proxy_.authorization.empty()) head.headers.add("Proxy-Authorization", proxy_.authorization);
    CO_TRY(auto exchange, co_await client.begin(head, http::RequestBody::none));
    CO_TRY(const http::ResponseHead* answer, co_await exchange->response());
    if (answer->status / 100 != 2) co_return fail_world("E_PROXY", fmt::format("the proxy answered CONNECT {} with {}", destination_, answer->status), false);
    co_return exchange->take_stream();
  }
  std::string destination() const override { return destination_; }

 private:
  io::Loop& loop_;
  HttpProxy proxy_;
  std::string destination_;
};

}  // namespace

std::shared_ptr<io::Connector> proxy_tunnel(io::Loop& loop, HttpProxy proxy, const http::Url& destination) {
  return std::make_shared<Tunnel>(loop, std::move(proxy), destination);
}

}  // namespace pds::podinfo
