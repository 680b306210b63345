// What commands about a stack begin with: configuration, client, the registry, what exists.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/client.h"
#include "cli/context.h"
#include "deploy/engine.h"
#include "deploy/stack.h"
#include "oci/registry_client.h"
#include "oci/store.h"
#include "supply/supply.h"

namespace pds::cli {

struct Session {
  deploy::Config config;
  std::unique_ptr<aws::Client> client;
};

// Applies --output, reads the configuration, finds the credentials.
Result<std::unique_ptr<Session>> open_session(Context& context, const Args& args);

// Paths in the configuration begin at its folder.
std::string resolve(const deploy::Config& config, const std::string& path);
// The public keys the configuration trusts. E_CONFIG when one cannot be read.
Result<std::vector<trust::TrustedKey>> trusted_keys(const deploy::Config& config);
// Where `pds build` keeps images: <data>/images.
Result<std::unique_ptr<oci::Store>> open_images(const Args& args, const Clock& clock);

struct RegistryAccess {
  std::unique_ptr<oci::RegistryClient> client;
  std::string registry;        // host and port
  std::string repository;
};
// The stack's repository, with a fresh login; made when `create` is set. E_NOT_FOUND when there is none.
io::Task<Result<RegistryAccess>> open_registry(io::Loop& loop, aws::Client& client, const deploy::Config& config, bool create);
// What a person typed, "1.1.0", "podinfo:1.1.0", "podinfo@sha256:...", or a whole reference, as a digest in the stack's registry.
io::Task<Result<oci::DigestReference>> resolve_image(RegistryAccess& access, std::string text);

// The verdict on an image in the registry by the stack's policy: signed by a trusted key, both SBOMs present and complete.
io::Task<Result<trust::Verdict>> check_image(RegistryAccess& access, oci::DigestReference image, const deploy::Config& config);

// What exists of the stack, without changing anything.
io::Task<Result<deploy::StackFacts>> look_at_stack(io::Loop& loop, aws::Client& client, const deploy::Config& config);

std::string short_image(const std::string& image);          // repository@sha256:0123456789ab
deploy::Progress progress_of(Context& context);

}  // namespace pds::cli
