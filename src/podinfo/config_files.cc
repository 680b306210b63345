#include "podinfo/config_files.h"

#include "io/files.h"
#include "podinfo/directory_watch.h"

namespace pds::podinfo {

Result<ConfigFiles> read_config_files(const std::string& path) {
  TRY(std::vector<std::string> names, io::list_directory(path));
  ConfigFiles files;
  for (const std::string& name : names) {
    if (name.find("..") != std::string::npos) continue;
    if (files.size() == config_files_max) break;
    Result<std::string> content = io::read_file(path + "/" + name, shown_file_bytes_max);
    if (content) files[name] = *std::move(content);
  }
  return files;
}

io::Task<void> follow_config_files(App& app) {
  const AppParts& parts = app.parts();
  const std::string& path = parts.options.config_path;
  // Watched before it is read, so that no change falls in between; and read at once, so that nobody is answered without it.
  auto watch = DirectoryWatch::open(parts.loop, path);
  Result<ConfigFiles> files = read_config_files(path);
  while (true) {
    if (files) {
      app.set_config_files(*std::move(files));
    } else {
      parts.logger.warn("config files not read", {{"error", files.error().message}});
    }
    if (!watch) {
      if (files) parts.logger.warn("config files not watched", {{"error", watch.error().message}});
      co_return;
    }
    co_await (*watch)->changed();
    files = co_await parts.loop.offload([path] { return read_config_files(path); });
  }
}

}  // namespace pds::podinfo
