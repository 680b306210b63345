#include "http/tls_connector.h"

#include "http/tls_stream.h"

namespace pds::http {
namespace {

class TlsConnector final : public io::Connector {
 public:
  TlsConnector(std::shared_ptr<io::Connector> inner, std::shared_ptr<const TlsClientContext> context, std::string server_name)
      : inner_(std::move(inner)), context_(std::move(context)), server_name_(std::move(server_name)) {}

  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline deadline) override {
    // The connector may go while this waits; what the stream needs it has a share in.
    auto context = context_;
    auto sessions = sessions_;
    std::string name = server_name_;
    CO_TRY(std::unique_ptr<io::Stream> below, co_await inner_->connect(deadline));
    CO_TRY(ssl_st* session, context->new_session(name));
    auto stream = std::make_unique<TlsStream>(std::move(below), session, std::move(context), std::move(sessions));
    CO_CHECK(co_await stream->handshake(deadline));
    co_return std::unique_ptr<io::Stream>(std::move(stream));
  }
  std::string destination() const override { return inner_->destination(); }

 private:
  std::shared_ptr<io::Connector> inner_;
  std::shared_ptr<const TlsClientContext> context_;
  std::string server_name_;
  std::shared_ptr<TlsSessions> sessions_ = std::make_shared<TlsSessions>();
};

}  // namespace

std::shared_ptr<io::Connector> tls_connector(std::shared_ptr<io::Connector> inner, std::shared_ptr<const TlsClientContext> context,
                                             std::string server_name) {
  return std::make_shared<TlsConnector>(std::move(inner), std::move(context), std::move(server_name));
}

Result<std::shared_ptr<io::Connector>> url_connector(io::Loop& loop, const Url& url, std::shared_ptr<const TlsClientContext> context) {
  std::shared_ptr<io::Connector> plain = io::tcp_connector(loop, url.host, url.port);
  if (url.scheme == "http") return plain;
  if (!context) {
    TRY(context, TlsClientContext::make({}));
  }
  return tls_connector(std::move(plain), std::move(context), url.host);
}

}  // namespace pds::http
