// The OCI distribution API v1.1 over a Registry: push (one request or chunks, or mounted from another repository), pull with ranges, tags,
// referrers, deletion. Errors are the specification's JSON envelope and codes. Mount it where requests for /v2/ arrive.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "http/service.h"
#include "oci/registry.h"

namespace pds::oci {

enum class RegistryAction { ping, pull, push, remove };

struct RegistryAccess {
  RegistryAction action;
  std::string repository;              // empty for ping
  std::string authorization;           // the Authorization header as sent; "" when absent
  std::string host;                    // the Host header: account and region are in it
};

// What the owner of the registry decides. An error refuses the request with its http_status: 401 gets a WWW-Authenticate challenge,
// 403 is DENIED, 404 is NAME_UNKNOWN. Success names the registry that serves it (accounts and regions have one each).
using RegistryAuthorizer = std::function<Result<Registry*>(const RegistryAccess& access)>;

struct RegistryServiceOptions {
  std::string challenge = R"(Basic realm="pds")";
  size_t uploads_max = 64;             // open at once; more are answered 429
  Duration upload_idle_max = 10min;    // an upload untouched for longer is removed
  size_t page_max = 1000;              // entries of one listing
  // Immutable tags and the like: asked before a tag is set. An error refuses it.
  std::function<Result<void>(const RegistryAccess&, const std::string& tag, const Digest& digest)> before_tag;
  // Told after a manifest was stored.
  std::function<void(const RegistryAccess&, const ManifestRecord&)> after_push;
};

class RegistryService final : public http::Service {
 public:
  // `clock` runs the upload expiry and outlives the service, as do the loop and the registries the authorizer hands out.
  RegistryService(io::Loop& loop, const Clock& clock, RegistryAuthorizer authorizer, RegistryServiceOptions options = {});
  ~RegistryService() override;
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;

  // Removes uploads nobody has touched for upload_idle_max; called on every new upload too.
  void expire_uploads();
  size_t open_uploads() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::oci
