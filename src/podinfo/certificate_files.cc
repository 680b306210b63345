#include "podinfo/certificate_files.h"

#include "io/files.h"
#include "podinfo/directory_watch.h"

namespace pds::podinfo {

Result<std::shared_ptr<const http::TlsServerContext>> load_certificate(const std::string& path) {
  http::TlsServerOptions options;
  options.protocols = {"h2", "http/1.1"};
  http::TlsIdentity identity;
  TRY(identity.chain_pem, io::read_file(path + "/tls.crt", certificate_bytes_max));
  TRY(identity.key_pem, io::read_file(path + "/tls.key", certificate_bytes_max));
  options.identities.push_back(std::move(identity));
  return http::TlsServerContext::make(options);
}

io::Task<void> follow_certificate(App& app, std::shared_ptr<http::TlsAcceptor> acceptor) {
  const AppParts& parts = app.parts();
  auto watch = DirectoryWatch::open(parts.loop, parts.options.cert_path);
  if (!watch) {
    parts.logger.warn("certificate not watched", {{"error", watch.error().message}});
    co_return;
  }
  while (true) {
    co_await (*watch)->changed();
    auto context = co_await parts.loop.offload([path = parts.options.cert_path] { return load_certificate(path); });
    if (context) {
      acceptor->set_context(*std::move(context));
      parts.logger.info("certificate loaded", {{"path", parts.options.cert_path}});
    } else {
      // Between two files that are being replaced this is as it should be: the next change brings the rest.
      parts.logger.warn("certificate not loaded", {{"error", context.error().message}});
    }
  }
}

}  // namespace pds::podinfo
