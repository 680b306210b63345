// The supply chain as the CLI, the agent and Lambda use it: build, SBOM, sign, push, verify, pull. Here trust (pure) meets oci (stores and
// registries). Images are named by digest once they exist; verification and pulling take nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "oci/builder.h"
#include "oci/reference.h"
#include "oci/registry_client.h"
#include "oci/store.h"
#include "oci/unpack.h"
#include "trust/package.h"
#include "trust/sbom.h"
#include "trust/signature.h"
#include "trust/verify.h"

namespace pds::supply {

// ---- SBOM (blocking) ----

inline constexpr size_t inventory_file_bytes_max = 512u << 20;

// Reads every layer of the image, names the owner of each file. Title, version, licence and vendor come from the manifest's annotations
// (org.opencontainers.image.*); without a vendor the SBOM has no supplier and fails the minimum elements.
Result<trust::Inventory> take_inventory(const oci::Store& store, const Digest& manifest, trust::PackageReader& packages,
                                        const std::string& repository = "");

struct Sboms {
  json::value spdx;
  json::value cyclonedx;
};
Result<Sboms> make_sboms(const oci::Store& store, const Digest& manifest, trust::PackageReader& packages, const std::string& repository = "",
                         trust::CycloneDxVersion version = trust::CycloneDxVersion::v1_6);

// ---- signing ----

// Signs a SHA-256 somewhere: a key file at once, KMS after a while.
using AsyncSign = std::function<io::Task<Result<std::string>>(std::string digest32)>;
struct AsyncSigner {
  std::string public_der;
  AsyncSign sign;
};
AsyncSigner async_signer(trust::Signer signer);

// Signs for `repository` (registry/repository, as it will be pushed) and keeps the artifacts in the store beside the image: the .sig tag and
// the signing bundle. Earlier ones by the same key are replaced, those by other keys stay. Returns the digests of their manifests.
// The store is written to between two waits (small files): for the CLI, not for a busy loop.
io::Task<Result<std::vector<Digest>>> sign_image(oci::Store& store, std::string repository, Digest manifest, const AsyncSigner& signer,
                                                 Timestamp created);
// Attests both SBOMs as bundles, kept in the store.
io::Task<Result<std::vector<Digest>>> attest_sboms(oci::Store& store, std::string repository, Digest manifest, Sboms sboms,
                                                   const AsyncSigner& signer, Timestamp created);

// ---- registries ----

// `repository` is the path within the registry here. The image, then what refers to it (.sig tag, bundles), then the tag: whoever sees the tag can verify the image.
io::Task<Result<void>> push(oci::RegistryClient& registry, std::string repository, const oci::Store& store, Digest manifest,
                            std::optional<std::string> tag);

// Everything a verdict needs, fetched from the registry; a manifest that does not match its digest is part of the evidence, not an error.
io::Task<Result<trust::Evidence>> fetch_evidence(oci::RegistryClient& registry, oci::DigestReference image);
// A verdict, or an error when the registry could not be asked (then nothing may run either). E_MANIFEST_UNKNOWN when there is no such image.
io::Task<Result<trust::Verdict>> verify(oci::RegistryClient& registry, oci::DigestReference image, const trust::Policy& policy);

// Verifies, pulls into `store` and unpacks below `cache_directory`. E_IMAGE_REFUSED with the failed rules when the verdict is no.
io::Task<Result<oci::RootFilesystem>> pull_verified(io::Loop& loop, oci::RegistryClient& registry, oci::DigestReference image,
                                                    const trust::Policy& policy, oci::Store& store, std::string cache_directory);
// Without a policy, for targets that verified at deployment time (a function's image).
io::Task<Result<oci::RootFilesystem>> pull(io::Loop& loop, oci::RegistryClient& registry, oci::DigestReference image, oci::Store& store,
                                           std::string cache_directory);

}  // namespace pds::supply
