#include <fmt/core.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "io/clock.h"
#include "io/files.h"
#include "supply/dpkg.h"

namespace pds::cli {
namespace {

// The podinfo that was built together with this program.
std::string sibling_podinfo() {
  char path[4096];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  std::string self = size > 0 ? std::string(path, static_cast<size_t>(size)) : "pds";
  return self.substr(0, self.rfind('/') + 1) + "podinfo";
}

// /etc/podinfo/release.json: the version an image answers with, and, for rehearsals, how it misbehaves.
Result<std::string> release_file(const Args& args) {
  json::object document{{"version", args.get("version")}, {"revision", args.get("revision", "unknown")}};
  if (args.has("faulty")) {
    auto ratio = parse_double(args.get("faulty"));
    auto after = deploy::parse_duration(args.get("faulty-after", "5s"));
    if (!ratio || *ratio <= 0 || *ratio > 1 || !after)
      return fail("E_USAGE", "--faulty takes a ratio like 0.3, and --faulty-after a duration like 5s");
    document["faulty"] = json::object{{"after_seconds", static_cast<double>(after->count()) / 1e6}, {"error_ratio", *ratio}};
  }
  return to_pretty_text(json::value(document)) + "\n";
}

int build(Context& context, const Args& args) {
  if (Result<void> ok = apply_output(context, args); !ok) return context.fail(ok.error());
  io::SystemClock clock;
  auto run = [&]() -> Result<oci::BuiltImage> {
    TRY(deploy::Config config, context.config(args));
    TRY(std::string release, release_file(args));
    TRY(Timestamp created, oci::parse_source_date_epoch(aws::process_environment("SOURCE_DATE_EPOCH")));
    TRY(auto images, open_images(args, clock));
    oci::ImageSpec spec;
    spec.binary = args.get("binary", sibling_podinfo());
    spec.sysroot = args.get("sysroot");
    spec.with_optional = !args.has("minimal");
    // As the original's image has it: its charts say ./podinfo, its probes podcli.
    spec.install_path = "/home/app/podinfo";
    spec.working_directory = "/home/app";
    spec.entrypoint = std::vector<std::string>{};
    spec.command = {"./podinfo"};
    spec.user = "app", spec.uid = 100, spec.gid = 101;
    spec.exposed_ports = {fmt::format("{}/tcp", config.integer("fleet.port"))};
    spec.extra_files = {{.path = "/etc/podinfo/release.json", .mode = 0644, .content = release}};
    for (const char* name : {"podinfo", "podcli", "hook", "rotate"})   // what it does by each of them: podinfo/main.cc
      spec.extra_files.push_back({.kind = oci::LayerEntry::Kind::symlink, .path = std::string("/usr/local/bin/") + name, .mode = 0777, .target = "../../../home/app/podinfo"});
    spec.annotations = {{"org.opencontainers.image.title", "podinfo"},
                        {"org.opencontainers.image.version", args.get("version")},
                        {"org.opencontainers.image.revision", args.get("revision", "unknown")},
                        {"org.opencontainers.image.licenses", "Apache-2.0"},
                        {"org.opencontainers.image.vendor", "podinfo deployment system"}};
    spec.created = created;
    return oci::build_image(*images, spec, config.text("image.repository") + "-" + args.get("version"));
  };
  Result<oci::BuiltImage> built = run();
  if (!built) return context.fail(built.error(), "build podinfo first, or name it with --binary");
  uint64_t bytes = 0;
  for (const oci::Layer& layer : built->layers) bytes += layer.descriptor.size;
  json::array libraries;
  for (const std::string& library : built->libraries) libraries.emplace_back(library);
  context.out().result(json::object{{"version", args.get("version")}, {"digest", built->manifest.digest.text()}, {"layer_bytes", bytes}, {"libraries", libraries}},
                       fmt::format("podinfo {}  {}  {:.1f} MB, {} shared libraries", args.get("version"), built->manifest.digest.text(),
                                   static_cast<double>(bytes) / 1e6, built->libraries.size()));
  return exit_ok;
}

}  // namespace

Command build_command() {
  return {.name = "build",
          .summary = "makes an image of podinfo, without a container engine",
          .description = "The binary, the libraries it needs, CA certificates and a user; no shell. Laid out as podinfo's own image is (/home/app, ./podinfo, podcli). Building twice gives the same digest.",
          .flags = with_config_flags({{"--version", "VERSION", "the version the image answers with", "1.0.0"},
                                      {"--revision", "TEXT", "the source revision"},
                                      {"--binary", "FILE", "the podinfo program (the one beside pds)"},
                                      sysroot_flag(),
                                      {"--minimal", "", "without what only --grpc-port and --database-url load: a third of the size"},
                                      {"--faulty", "RATIO", "for rehearsals: answer 500 to this share of the requests"},
                                      {"--faulty-after", "TIME", "but not before this time after it became ready", "5s"},
                                      {"--data", "DIR", "where images are kept"}}),
          .run = build};
}

}  // namespace pds::cli
