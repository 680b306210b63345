// What TLS handshakes are made with: certificates, versions, ciphers, whom to trust. Contexts are immutable: to change something, make
// another and give it to the acceptor or connector. Connections under way keep the one they began with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/tls_tickets.h"

struct ssl_st;

namespace pds::http {

enum class TlsVersion : uint8_t { v1_2, v1_3 };

// What a server, or a client that is asked to, shows of itself.
struct TlsIdentity {
  std::string name;        // its owner's, such as an ARN; comes back in io::SecureSession::certificate
  std::string chain_pem;   // the certificate first, then what signed it, without the root
  std::string key_pem;     // PKCS#8, PKCS#1 or SEC1, unencrypted
};

// Forward secrecy and authenticated encryption only; cheap ones first.
inline constexpr std::string_view tls_ciphers_default =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
inline constexpr std::string_view tls_suites_default = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

struct TlsServerOptions {
  // Chosen by the name a client asks for, exact names before wildcards, the earlier before the later; the first when none fits or no
  // name is given.
  std::vector<TlsIdentity> identities;
  TlsVersion version_min = TlsVersion::v1_2, version_max = TlsVersion::v1_3;
  std::string ciphers{tls_ciphers_default};   // of TLS 1.2, in OpenSSL's names, preferred ones first
  std::string suites{tls_suites_default};     // of TLS 1.3
  std::vector<std::string> protocols = {"http/1.1"};   // ALPN, preferred ones first; a client that offers only others is refused
  std::string client_authorities_pem;         // not empty: a client must show a certificate that one of these has signed
  std::shared_ptr<TicketKeys> tickets;        // null: no session is resumed
};

class TlsServerContext {
 public:
  // E_CERTIFICATE, E_TLS_OPTIONS.
  static Result<std::shared_ptr<const TlsServerContext>> make(const TlsServerOptions& options);
  ~TlsServerContext();
  // For a connection; owned by the caller.
  ssl_st* new_session() const;
  // The name that the owner gave to the certificate which a session of such a context shows.
  static std::string_view shown_certificate(const ssl_st* session);

 private:
  struct Impl;
  explicit TlsServerContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct TlsClientOptions {
  bool verify = true;             // the server's certificate and its name
  std::string authorities_pem;    // whom to trust; empty: authorities_file
  std::string authorities_file;   // empty: SSL_CERT_FILE of the environment, or the system's bundle
  std::vector<std::string> protocols;   // ALPN; empty: none is offered
  TlsIdentity identity;           // shown when asked for; empty: none
};

class TlsClientContext {
 public:
  // Reads the bundle, which takes some 20 ms for the system's: share what is made. E_CERTIFICATE, E_TLS_OPTIONS.
  static Result<std::shared_ptr<const TlsClientContext>> make(const TlsClientOptions& options);
  ~TlsClientContext();
  // For a connection to a name or address; owned by the caller.
  Result<ssl_st*> new_session(const std::string& server_name) const;

 private:
  struct Impl;
  explicit TlsClientContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::http
