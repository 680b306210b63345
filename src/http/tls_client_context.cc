#include <arpa/inet.h>

#include <cstdlib>

#include "base/text.h"
#include "http/tls_sessions.h"
#include "http/tls_setup.h"

namespace pds::http {
namespace {

// Debian's, which OpenSSL's own default directory does not hold as one file.
constexpr const char* system_bundle = "/etc/ssl/certs/ca-certificates.crt";

bool is_address(const std::string& name) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 || inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

Result<void> trust(SSL_CTX* context, const TlsClientOptions& options) {
  SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.verify) return {};
  if (!options.authorities_pem.empty()) {
    TRY(X509StorePtr store, new_trust_store(options.authorities_pem));
    SSL_CTX_set_cert_store(context, store.release());
    return {};
  }
  std::string file = options.authorities_file;
  if (file.empty()) {
    // The variable that OpenSSL's and Go's programs know.
    const char* named = ::secure_getenv("SSL_CERT_FILE");
    file = named && *named ? named : system_bundle;
  }
  if (SSL_CTX_load_verify_file(context, file.c_str()) == 1) return {};
  // Elsewhere than on Debian: what OpenSSL was built with.
  if (options.authorities_file.empty() && SSL_CTX_set_default_verify_paths(context) == 1) return {};
  return bad_certificate("the authorities in " + file + " cannot be read: " + take_openssl_error());
}

// TLS 1.3's tickets, which come at any time. 1: the session is ours now.
int on_new_session(SSL* session, SSL_SESSION* resumable) {
  TlsSessions* sessions = TlsSessions::of(session);
  if (!sessions || SSL_SESSION_get_protocol_version(resumable) < TLS1_3_VERSION) return 0;
  sessions->keep(resumable);
  return 1;
}

}  // namespace

struct TlsClientContext::Impl {
  SslCtxPtr context;
  bool verify;
};

TlsClientContext::TlsClientContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClientContext::~TlsClientContext() = default;

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::make(const TlsClientOptions& options) {
  TRY(SslCtxPtr context, new_tls_context(TLS_client_method(), TlsVersion::v1_2, TlsVersion::v1_3));
  SSL_CTX* raw = context.get();
  if (SSL_CTX_set_cipher_list(raw, std::string(tls_ciphers_default).c_str()) != 1) return bad_options("ciphers");
  if (SSL_CTX_set_ciphersuites(raw, std::string(tls_suites_default).c_str()) != 1) return bad_options("suites");
  CHECK(trust(raw, options));
  if (!options.identity.chain_pem.empty()) CHECK(use_identity(raw, options.identity));
  TRY(std::string protocols, pack_protocols(options.protocols));
  // This one call says 0 when it has succeeded.
  if (!protocols.empty() &&
      SSL_CTX_set_alpn_protos(raw, reinterpret_cast<const unsigned char*>(protocols.data()), static_cast<unsigned int>(protocols.size())) != 0)
    return bad_options("ALPN");
  // Sessions are kept by the connector, which knows the destination.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, on_new_session);
  auto impl = std::unique_ptr<Impl>(new Impl{std::move(context), options.verify});
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(std::move(impl)));
}

Result<ssl_st*> TlsClientContext::new_session(const std::string& server_name) const {
  SslPtr session(SSL_new(impl_->context.get()));
  if (!session) throw std::bad_alloc();
  SSL* raw = session.get();
  SSL_set_connect_state(raw);
  std::string name = server_name;
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  if (name.ends_with('.')) name.pop_back();
  bool address = is_address(name);
  if (!address && SSL_set_tlsext_host_name(raw, name.c_str()) != 1) return bad_options("the name \"" + name + "\"");
  if (!impl_->verify) return session.release();
  SSL_set_hostflags(raw, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  int named = address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), name.c_str()) : SSL_set1_host(raw, name.c_str());
  if (named != 1) return bad_options("the name \"" + name + "\"");
  return session.release();
}

}  // namespace pds::http
