#include "oci/builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "oci/elf.h"

namespace pds::oci {
namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Files by their path in the image. The same path from two sides is fine when both mean the same thing.
class Contents {
 public:
  Result<void> add(LayerEntry entry) {
    auto [place, added] = entries_.try_emplace(entry.path, entry);
    const LayerEntry& there = place->second;
    bool same =
        there.kind == entry.kind && there.source == entry.source && there.target == entry.target && there.content == entry.content;
    if (added || same) return {};
    return fail("E_LAYER_INVALID", fmt::format("two different things are to be put at '{}' in the image", entry.path));
  }
  Result<void> file(const std::string& path, std::string content, int mode = 0644) {
    return add({.path = path, .mode = mode, .content = std::move(content)});
  }
  Result<void> copy(const std::string& path, const std::string& source, int mode) {
    return add({.path = path, .mode = mode, .source = source});
  }
  Result<void> directory(const std::string& path, int mode = 0755) {
    return add({.kind = LayerEntry::Kind::directory, .path = path, .mode = mode});
  }
  Result<void> symlink(const std::string& path, const std::string& target) {
    return add({.kind = LayerEntry::Kind::symlink, .path = path, .mode = 0777, .target = target});
  }
  bool has(const std::string& path) const { return entries_.contains(path); }
  std::vector<LayerEntry> take() {
    std::vector<LayerEntry> out;
    for (auto& [path, entry] : entries_) out.push_back(std::move(entry));
    entries_.clear();
    return out;
  }

 private:
  std::map<std::string, LayerEntry> entries_;
};

// Debian has merged /lib into /usr/lib; the image has the same shape, so that every path the loader may try leads to the one copy.
std::string merged(const std::string& path) {
  for (std::string_view top : {"/lib/", "/lib64/", "/bin/", "/sbin/"}) {
    if (path.starts_with(top)) return "/usr" + path;
  }
  return path;
}

Result<void> add_base(Contents& contents, const ImageSpec& spec) {
  for (std::string_view top : {"lib", "lib64", "bin"}) {
    CHECK(contents.directory(fmt::format("/usr/{}", top)));
    CHECK(contents.symlink(fmt::format("/{}", top), fmt::format("usr/{}", top)));
  }
  // Places to mount on: the root is read-only when it runs.
  for (const char* path : {"/dev", "/proc", "/sys", "/run", "/etc", "/var"}) CHECK(contents.directory(path));
  CHECK(contents.directory("/tmp", 01777));
  CHECK(contents.directory("/var/tmp", 01777));
  CHECK(contents.file("/etc/hostname", "localhost\n"));
  CHECK(contents.file("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n"));
  CHECK(contents.file("/etc/resolv.conf", ""));
  CHECK(contents.file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"));
  CHECK(contents.file("/etc/passwd", fmt::format("root:x:0:0:root:/:/sbin/nologin\n{0}:x:{1}:{2}:{0}:{3}:/sbin/nologin\n",
                                                 spec.user, spec.uid, spec.gid, spec.working_directory)));
  CHECK(contents.file("/etc/group", fmt::format("root:x:0:\n{}:x:{}:\n", spec.user, spec.gid)));
  if (!spec.ca_certificates.empty()) CHECK(contents.copy("/etc/ssl/certs/ca-certificates.crt", spec.ca_certificates, 0644));
  return {};
}

// The file under its own name, and a link for the name it is asked by.
Result<void> add_library(Contents& contents, const Library& library, std::vector<std::string>& paths) {
  std::string file = merged(library.file), asked = merged(library.found);
  CHECK(contents.copy(file, library.source, 0755));
  paths.push_back(file);
  if (asked != file) CHECK(contents.symlink(asked, folder_of(asked) == folder_of(file) ? name_of(file) : file));
  return {};
}

// Without a loader's cache in the image only the default directories are searched: what lies elsewhere gets a name there too.
Result<void> link_into_default(Contents& contents, const Library& library, const std::string& default_folder) {
  std::string wanted = default_folder + "/" + library.soname;
  if (library.soname.find('/') != std::string::npos || contents.has(wanted)) return {};
  return contents.symlink(wanted, merged(library.file));
}

// Beside the program, as they are here.
Result<void> add_modules(Contents& contents, const LibraryClosure& closure, const std::string& install_path, std::vector<std::string>& paths) {
  for (const Library& module : closure.modules) {
    std::string path = folder_of(install_path) + "/" + module.soname;
    CHECK(contents.copy(path, module.source, 0755));
    paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());
  return {};
}

Result<std::vector<std::string>> add_libraries(Contents& contents, const LibraryClosure& closure, const std::string& sysroot) {
  std::vector<std::string> paths;
  std::string default_folder = closure.architecture == "arm64" ? "/usr/lib/aarch64-linux-gnu" : "/usr/lib/x86_64-linux-gnu";
  for (const Library& library : closure.libraries) CHECK(add_library(contents, library, paths));
  for (const Library& library : closure.libraries) CHECK(link_into_default(contents, library, default_folder));
  if (!closure.interpreter.empty()) {
    TRY(Library interpreter, library_at(sysroot, closure.interpreter));
    CHECK(add_library(contents, interpreter, paths));
  }
  std::sort(paths.begin(), paths.end());  // to find what is there twice
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

ImageConfig config_of(const ImageSpec& spec, const std::string& install_path, const std::string& architecture) {
  ImageConfig config{.created = to_iso8601(spec.created), .architecture = architecture};
  config.user = fmt::format("{}:{}", spec.uid, spec.gid);
  config.exposed_ports = spec.exposed_ports;
  config.environment = spec.environment;
  auto is_path = [](const std::string& text) { return text.starts_with("PATH="); };
  if (std::none_of(spec.environment.begin(), spec.environment.end(), is_path)) {
    config.environment.insert(config.environment.begin(), "PATH=/usr/local/bin:/usr/bin:/bin");
  }
  config.entrypoint = spec.entrypoint.value_or(std::vector{install_path});
  config.command = spec.command;
  config.working_directory = spec.working_directory;
  config.labels = spec.labels;
  return config;
}

}  // namespace

Result<Timestamp> parse_source_date_epoch(std::string_view text) {
  if (text.empty()) return Timestamp{};
  auto seconds = parse_int(text);
  constexpr int64_t year_10000 = 253402300800;
  if (!seconds || *seconds < 0 || *seconds >= year_10000) {
    return fail("E_VALUE", fmt::format("SOURCE_DATE_EPOCH is '{}': whole seconds since 1970 are needed", text));
  }
  return Timestamp(std::chrono::seconds(*seconds));
}

Result<BuiltImage> build_image(Store& store, const ImageSpec& spec, const std::optional<std::string>& tag) {
  if (!io::exists(spec.binary))
    return fail("E_NOT_FOUND", fmt::format("{}: there is no such program; build it first", spec.binary));
  std::string sysroot;
  if (!spec.sysroot.empty()) {
    TRY(sysroot, real_path(spec.sysroot));
  }
  TRY(LibraryClosure closure, library_closure(spec.binary, sysroot, spec.with_optional));
  std::string install_path = spec.install_path.empty() ? "/usr/local/bin/" + name_of(spec.binary) : spec.install_path;

  // Two layers: what changes with the system, and what changes with every release. The first is then pushed and pulled once.
  Contents system, application;
  CHECK(add_base(system, spec));
  BuiltImage image;
  TRY(image.libraries, add_libraries(system, closure, sysroot));
  CHECK(application.copy(install_path, spec.binary, 0755));
  CHECK(add_modules(application, closure, install_path, image.libraries));
  for (const LayerEntry& extra : spec.extra_files) CHECK(application.add(extra));

  ImageConfig config = config_of(spec, install_path, closure.architecture);
  for (Contents* contents : {&system, &application}) {
    TRY(Layer layer, write_layer(store, contents->take(), spec.created));
    config.diff_ids.push_back(layer.diff_id);
    image.layers.push_back(std::move(layer));
  }
  TRY(image.config, store.put_blob(serialise(config), media::config));
  Manifest manifest{.config = image.config, .annotations = spec.annotations};
  for (const Layer& layer : image.layers) manifest.layers.push_back(layer.descriptor);
  manifest.annotations.try_emplace("org.opencontainers.image.created", to_iso8601(spec.created));
  std::string bytes = serialise(manifest);
  TRY(ManifestRecord record, store.put_manifest(bytes, media::manifest, tag));
  image.manifest = {.media_type = record.media_type, .digest = record.digest, .size = record.size};
  return image;
}

}  // namespace pds::oci
