// sbom, sign, push, verify: from an image in the local store to one that may be deployed.
#include <fmt/core.h>

#include <cstdlib>

#include "cli/commands.h"
#include "cli/session.h"
#include "io/clock.h"
#include "io/files.h"
#include "supply/dpkg.h"
#include "supply/key_file.h"

namespace pds::cli {
namespace {

struct LocalImage {
  std::unique_ptr<oci::Store> store;
  oci::ManifestRecord record;
  std::string version;
};

// The image of a version in the local store.
Result<LocalImage> local_image(const Args& args, const deploy::Config& config, const Clock& clock) {
  LocalImage image;
  TRY(image.store, open_images(args, clock));
  std::string wanted = args.get("image");
  std::string repository = config.text("image.repository");
  std::optional<oci::ManifestRecord> found;
  if (wanted.starts_with("sha256:")) {
    TRY(Digest digest, Digest::parse(wanted));
    found = image.store->find_manifest(digest);
  } else {
    if (size_t colon = wanted.rfind(':'); colon != std::string::npos) wanted = wanted.substr(colon + 1);
    found = image.store->find_tag(repository + "-" + wanted);
  }
  if (!found) return fail("E_NOT_FOUND", fmt::format("no image '{}' has been built here: run `pds build --version {}`", args.get("image"), args.get("image")));
  image.record = *found;
  auto version = found->annotations.find("org.opencontainers.image.version");
  image.version = version == found->annotations.end() ? "" : version->second;
  return image;
}

int sbom(Context& context, const Args& args) {
  io::SystemClock clock;
  auto run = [&]() -> Result<supply::Sboms> {
    CHECK(apply_output(context, args));
    TRY(deploy::Config config, context.config(args));
    TRY(LocalImage image, local_image(args, config, clock));
    TRY(auto packages, supply::open_dpkg(args.get("sysroot", "/")));
    return supply::make_sboms(*image.store, image.record.digest, *packages, config.text("image.repository"));
  };
  Result<supply::Sboms> sboms = run();
  if (!sboms) return context.fail(sboms.error());
  std::string format = args.get("format", "spdx");
  if (format != "spdx" && format != "cyclonedx") return context.fail(Error{"E_USAGE", "--format is spdx or cyclonedx"});
  context.out().result(json::object{{"spdx", sboms->spdx}, {"cyclonedx", sboms->cyclonedx}}, to_pretty_text(format == "spdx" ? sboms->spdx : sboms->cyclonedx));
  return exit_ok;
}

io::Task<Result<size_t>> sign_image(LocalImage& image, std::string repository, supply::AsyncSigner signer, supply::Sboms sboms, Timestamp created) {
  CO_TRY(auto signatures, co_await supply::sign_image(*image.store, repository, image.record.digest, signer, created));
  CO_TRY(auto attestations, co_await supply::attest_sboms(*image.store, repository, image.record.digest, std::move(sboms), signer, created));
  co_return signatures.size() + attestations.size();
}

// The repository's whole name, as signatures bear it.
io::Task<Result<std::string>> full_repository(io::Loop& loop, aws::Client& client, const deploy::Config& config) {
  CO_TRY(RegistryAccess access, co_await open_registry(loop, client, config, true));
  co_return access.registry + "/" + access.repository;
}

int sign(Context& context, const Args& args) {
  io::SystemClock clock;
  auto run = [&]() -> Result<json::object> {
    TRY(auto session, open_session(context, args));
    TRY(LocalImage image, local_image(args, session->config, clock));
    std::string key_path = args.get("key");
    if (key_path.empty()) {
      key_path = resolve(session->config, session->config.text("trust.private_key"));
      CHECK(io::make_directories(key_path.substr(0, key_path.rfind('/') + 1)));
      CHECK(supply::ensure_key_file(key_path));
    } else if (!io::exists(key_path)) {
      CHECK(supply::ensure_key_file(key_path));
    }
    const char* password = std::getenv("COSIGN_PASSWORD");
    TRY(trust::Signer signer, supply::load_signer(key_path, password ? std::optional<std::string>(password) : std::nullopt));
    TRY(auto packages, supply::open_dpkg(args.get("sysroot", "/")));
    TRY(supply::Sboms sboms, supply::make_sboms(*image.store, image.record.digest, *packages, session->config.text("image.repository")));
    TRY(std::string repository, context.run(full_repository(context.loop(), *session->client, session->config)));
    TRY(size_t artifacts, context.run(sign_image(image, repository, supply::async_signer(signer), std::move(sboms), clock.now())));
    return json::object{{"digest", image.record.digest.text()}, {"key", key_path}, {"artifacts", artifacts}};
  };
  Result<json::object> done = run();
  if (!done) return context.fail(done.error());
  context.out().result(*done, fmt::format("signed {} with {}: .sig, bundle, SPDX and CycloneDX attestations", get_string(*done, "digest"), get_string(*done, "key")));
  return exit_ok;
}

io::Task<Result<std::string>> push_image(Context& context, Session& session, LocalImage& image, std::optional<std::string> tag) {
  CO_TRY(RegistryAccess access, co_await open_registry(context.loop(), *session.client, session.config, true));
  context.out().waiting("pushing to " + access.registry);
  CO_CHECK(co_await supply::push(*access.client, access.repository, *image.store, image.record.digest, tag));
  co_return fmt::format("{}/{}@{}", access.registry, access.repository, image.record.digest.text());
}

int push(Context& context, const Args& args) {
  io::SystemClock clock;
  auto run = [&]() -> Result<std::string> {
    TRY(auto session, open_session(context, args));
    TRY(LocalImage image, local_image(args, session->config, clock));
    std::string tag = args.get("tag", image.version);
    return context.run(push_image(context, *session, image, tag.empty() ? std::nullopt : std::optional<std::string>(tag)));
  };
  Result<std::string> reference = run();
  if (!reference) return context.fail(reference.error());
  context.out().result(json::object{{"image", *reference}}, *reference);
  return exit_ok;
}

io::Task<Result<trust::Verdict>> verdict_of(Context& context, Session& session, std::string image) {
  CO_TRY(RegistryAccess access, co_await open_registry(context.loop(), *session.client, session.config, false));
  CO_TRY(oci::DigestReference reference, co_await resolve_image(access, std::move(image)));
  co_return co_await check_image(access, std::move(reference), session.config);
}

int verify(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  Result<trust::Verdict> verdict = context.run(verdict_of(context, **session, args.get("image")));
  if (!verdict) return context.fail(verdict.error());
  context.out().result(verdict->to_json().as_object(), verdict->text());
  return verdict->passed ? exit_ok : exit_refused;
}

std::vector<Positional> image_argument(const char* help) { return {{"image", help, true}}; }

}  // namespace

Command sbom_command() {
  return {.name = "sbom", .summary = "prints what is in an image, and which package each file belongs to",
          .flags = with_config_flags({{"--format", "FORMAT", "spdx or cyclonedx", "spdx"}, sysroot_flag(), {"--data", "DIR", "where images are kept"}}),
          .positionals = image_argument("a version that was built, or its digest"), .run = sbom};
}
Command sign_command() {
  return {.name = "sign",
          .summary = "signs an image and attests its SBOMs",
          .description =
              "Makes the key pair of trust.private_key at the first use. Writes both the cosign .sig form and v0.3 bundles. "
              "A key that cosign encrypted is opened with the password in COSIGN_PASSWORD.",
          .flags = with_config_flags({{"--key", "FILE", "another private key"}, sysroot_flag(), {"--data", "DIR", "where images are kept"}}),
          .positionals = image_argument("a version that was built, or its digest"),
          .run = sign};
}
Command push_command() {
  return {.name = "push", .summary = "pushes an image, its signatures and SBOMs to the stack's registry",
          .flags = with_config_flags({{"--tag", "TAG", "another tag than the version"}, {"--data", "DIR", "where images are kept"}}),
          .positionals = image_argument("a version that was built, or its digest"), .run = push};
}
Command verify_command() {
  return {.name = "verify", .summary = "says whether an image in the registry may be deployed, rule by rule",
          .flags = with_config_flags({}), .positionals = image_argument("a tag, digest or whole reference"), .run = verify};
}

}  // namespace pds::cli
