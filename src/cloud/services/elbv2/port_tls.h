// What one port shows of itself when its listeners are HTTPS: the certificates of all of them, chosen by the name a client asks for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cloud/certificates.h"
#include "cloud/core.h"
#include "cloud/services/elbv2/state.h"
#include "http/tls_acceptor.h"

namespace pds::cloud::elbv2 {

bool is_https(const ListenerRecord& listener);
// The default one first.
std::vector<std::string> certificates_of(const ListenerRecord& listener);

// Makes contexts, and makes them anew only when something in them has changed.
class PortTls {
 public:
  PortTls(Core& core, CertificateSource& source) : source_(source), tickets_(std::make_shared<http::TicketKeys>(core.clock, core.random)) {}

  // For the listeners of one port, the oldest first, all HTTPS and of one policy. The acceptor lives as long as the port is wanted.
  Result<std::shared_ptr<http::TlsAcceptor>> acceptor(uint16_t port, const std::vector<const ListenerRecord*>& listeners, bool http2);
  void forget(uint16_t port) { acceptors_.erase(port); }
  void certificate_changed(const std::string& arn) { ++imports_[arn]; }

 private:
  struct Held {
    std::string definition;   // what its context was made from
    std::shared_ptr<http::TlsAcceptor> acceptor;
  };
  Result<std::shared_ptr<const http::TlsServerContext>> make_context(const std::string& policy, const std::vector<std::string>& arns,
                                                                    bool http2) const;

  CertificateSource& source_;
  std::shared_ptr<http::TicketKeys> tickets_;   // of all ports: a ticket is good for the name it was given for
  std::map<std::string, uint64_t> imports_;     // seen, by certificate
  std::map<uint16_t, Held> acceptors_;
};

}  // namespace pds::cloud::elbv2
