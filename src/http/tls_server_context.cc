#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "http/certificate.h"
#include "http/tls_setup.h"

namespace pds::http {

struct TlsServerContext::Impl {
  // One context per identity: OpenSSL moves a session from the default's to another's when it knows the name.
  struct Entry {
    std::string name;
    SslCtxPtr context;
  };
  std::vector<std::unique_ptr<Entry>> entries;
  std::unordered_map<std::string, SSL_CTX*> exact, wildcard;   // wildcards by what follows the first label: ".example.com"
  std::string protocols;
  std::shared_ptr<TicketKeys> tickets;

  static int index() {
    static const int taken = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return taken;
  }
  static int entry_index() {
    static const int taken = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return taken;
  }
  static Impl* of(const SSL* session) { return static_cast<Impl*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), index())); }

  Result<void> add(const TlsServerOptions& options, const TlsIdentity& identity);
  Result<void> trust_clients(SSL_CTX* context, const std::string& authorities_pem);
  void add_names(const CertificateFacts& facts, SSL_CTX* context);
  SSL_CTX* context_for(std::string_view server_name) const;

  static int on_server_name(SSL* session, int* alert, void* self);
  static int on_alpn(SSL* session, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                     unsigned int offered_size, void* self);
  static int on_ticket(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int sealing);
};

// ---- callbacks ----

SSL_CTX* TlsServerContext::Impl::context_for(std::string_view server_name) const {
  std::string name = to_lower(server_name);
  if (name.ends_with('.')) name.pop_back();
  if (auto it = exact.find(name); it != exact.end()) return it->second;
  size_t dot = name.find('.');
  if (dot == std::string::npos || dot == 0) return nullptr;
  auto it = wildcard.find(name.substr(dot));
  return it == wildcard.end() ? nullptr : it->second;
}

int TlsServerContext::Impl::on_server_name(SSL* session, int*, void* self) {
  const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* context = static_cast<Impl*>(self)->context_for(name);
  if (context && context != SSL_get_SSL_CTX(session)) SSL_set_SSL_CTX(session, context);
  return SSL_TLSEXT_ERR_OK;
}

int TlsServerContext::Impl::on_alpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                                    unsigned int offered_size, void* self) {
  const std::string& ours = static_cast<Impl*>(self)->protocols;
  int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                    static_cast<unsigned int>(ours.size()), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

namespace {

bool key_mac(EVP_MAC_CTX* mac, const TicketKey& key) {
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.mac.data()), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0), OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, params) == 1;
}

// Fetched once: asking by name each time would search the providers for each ticket.
const EVP_CIPHER* ticket_cipher() {
  static const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  return cipher;
}

}  // namespace

// 1: done; 2: the ticket is good, and a new one should be given; 0: unknown, a full handshake; -1: failed.
int TlsServerContext::Impl::on_ticket(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                                      int sealing) {
  TicketKeys& keys = *of(session)->tickets;
  if (sealing) {
    const TicketKey& key = keys.current();
    memcpy(name, key.name.data(), key.name.size());
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1) return -1;
    if (EVP_EncryptInit_ex2(cipher, ticket_cipher(), key.cipher.data(), iv, nullptr) != 1 || !key_mac(mac, key)) return -1;
    return 1;
  }
  const TicketKey* key = keys.find({reinterpret_cast<const char*>(name), 16});
  if (!key) return 0;
  if (!key_mac(mac, *key) || EVP_DecryptInit_ex2(cipher, ticket_cipher(), key->cipher.data(), iv, nullptr) != 1) return -1;
  // A TLS 1.3 ticket is used once, so another must come with the session.
  return key == &keys.current() && SSL_version(session) < TLS1_3_VERSION ? 1 : 2;
}

// ---- making ----

Result<void> TlsServerContext::Impl::trust_clients(SSL_CTX* context, const std::string& authorities_pem) {
  TRY(X509StorePtr store, new_trust_store(authorities_pem));
  SSL_CTX_set0_verify_cert_store(context, store.release());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // So that clients with several certificates know which to show.
  BioPtr bio = bio_over(authorities_pem);
  STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
  while (X509* raw = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509Ptr authority(raw);
    if (X509_NAME* copy = X509_NAME_dup(X509_get_subject_name(raw))) sk_X509_NAME_push(names, copy);
  }
  ERR_clear_error();
  SSL_CTX_set_client_CA_list(context, names);
  return {};
}

void TlsServerContext::Impl::add_names(const CertificateFacts& facts, SSL_CTX* context) {
  for (const std::string& name : facts.dns_names) {
    if (name.starts_with("*.")) {
      wildcard.try_emplace(name.substr(1), context);
    } else {
      exact.try_emplace(name, context);
    }
  }
}

Result<void> TlsServerContext::Impl::add(const TlsServerOptions& options, const TlsIdentity& identity) {
  TRY(SslCtxPtr context, new_tls_context(TLS_server_method(), options.version_min, options.version_max));
  SSL_CTX* raw = context.get();
  if (SSL_CTX_set_cipher_list(raw, options.ciphers.c_str()) != 1) return bad_options("ciphers \"" + options.ciphers + "\"");
  if (SSL_CTX_set_ciphersuites(raw, options.suites.c_str()) != 1) return bad_options("suites \"" + options.suites + "\"");
  CHECK(use_identity(raw, identity));
  TRY(CertificateFacts facts, read_certificate(identity.chain_pem));
  if (!options.client_authorities_pem.empty()) CHECK(trust_clients(raw, options.client_authorities_pem));

  // A session is good only where the same clients are trusted.
  std::string trusted = sha256(options.client_authorities_pem);
  SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>(trusted.data()), static_cast<unsigned int>(trusted.size()));
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, tickets ? 1 : 0);
  if (tickets) {
    SSL_CTX_set_timeout(raw, static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(tickets->lifetime()).count()));
    SSL_CTX_set_tlsext_ticket_key_evp_cb(raw, on_ticket);
  } else {
    SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
  }
  SSL_CTX_set_tlsext_servername_callback(raw, on_server_name);
  SSL_CTX_set_tlsext_servername_arg(raw, this);
  if (!protocols.empty()) SSL_CTX_set_alpn_select_cb(raw, on_alpn, this);

  add_names(facts, raw);
  entries.push_back(std::make_unique<Entry>(Entry{identity.name, std::move(context)}));
  SSL_CTX_set_ex_data(raw, index(), this);
  SSL_CTX_set_ex_data(raw, entry_index(), entries.back().get());
  return {};
}

TlsServerContext::TlsServerContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsServerContext::~TlsServerContext() = default;

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::make(const TlsServerOptions& options) {
  if (options.identities.empty()) return fail("E_TLS_OPTIONS", "a TLS server needs a certificate");
  auto impl = std::make_unique<Impl>();
  TRY(impl->protocols, pack_protocols(options.protocols));
  impl->tickets = options.tickets;
  for (const TlsIdentity& identity : options.identities) CHECK(impl->add(options, identity));
  return std::shared_ptr<const TlsServerContext>(new TlsServerContext(std::move(impl)));
}

ssl_st* TlsServerContext::new_session() const {
  SSL* session = SSL_new(impl_->entries.front()->context.get());
  if (!session) throw std::bad_alloc();
  SSL_set_accept_state(session);
  return session;
}

std::string_view TlsServerContext::shown_certificate(const ssl_st* session) {
  auto* entry = static_cast<Impl::Entry*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), Impl::entry_index()));
  return entry ? std::string_view(entry->name) : std::string_view();
}

}  // namespace pds::http
