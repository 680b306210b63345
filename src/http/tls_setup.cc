#include "http/tls_setup.h"

#include <openssl/pem.h>

#include "http/certificate.h"

namespace pds::http {
namespace {

int no_passphrase(char*, int, int, void*) { return -1; }

int wire_version(TlsVersion version) { return version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION; }

}  // namespace

std::unexpected<Error> bad_certificate(std::string why) {
  ERR_clear_error();
  return fail("E_CERTIFICATE", std::move(why));
}

std::unexpected<Error> bad_options(std::string why) { return fail("E_TLS_OPTIONS", std::move(why) + ": " + take_openssl_error()); }

Result<SslCtxPtr> new_tls_context(const SSL_METHOD* method, TlsVersion min, TlsVersion max) {
  SslCtxPtr context(SSL_CTX_new(method));
  if (!context) return bad_options("no TLS context");
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, wire_version(min));
  SSL_CTX_set_max_proto_version(raw, wire_version(max));
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);  // a record in one receive, not in one for its five first bytes and one for the rest
  if (SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") != 1) return bad_options("key exchange groups");
  return context;
}

Result<void> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  CHECK(count_certificates(identity.chain_pem, certificate_chain_max));
  CHECK(check_key(identity.chain_pem, identity.key_pem));
  BioPtr chain = bio_over(identity.chain_pem), key_text = bio_over(identity.key_pem);
  X509Ptr leaf(PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr));
  PkeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr));
  // Fails for what is too weak, too.
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return bad_certificate("the certificate cannot be used: " + take_openssl_error());
  while (X509* signer = PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, signer) == 1) continue;
    X509_free(signer);
    return bad_certificate("the chain cannot be used: " + take_openssl_error());
  }
  ERR_clear_error();
  return {};
}

Result<X509StorePtr> new_trust_store(std::string_view authorities_pem) {
  X509StorePtr store(X509_STORE_new());
  BioPtr bio = bio_over(authorities_pem);
  size_t count = 0;
  while (X509* raw = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    X509Ptr authority(raw);
    if (X509_STORE_add_cert(store.get(), authority.get()) != 1) return bad_certificate("an authority cannot be used: " + take_openssl_error());
    ++count;
  }
  bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end || count == 0) return bad_certificate("the authorities are not certificates in PEM form");
  return store;
}

Result<std::string> pack_protocols(const std::vector<std::string>& protocols) {
  std::string packed;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) return fail("E_TLS_OPTIONS", "an ALPN protocol has 1 to 255 bytes");
    packed.push_back(static_cast<char>(protocol.size()));
    packed += protocol;
  }
  return packed;
}

}  // namespace pds::http
