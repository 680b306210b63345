#include "podinfo/directory_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>

namespace pds::podinfo {

Result<std::unique_ptr<DirectoryWatch>> DirectoryWatch::open(io::Loop& loop, const std::string& path) {
  io::Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd) return fail_errno("watch " + path, errno);
  if (::inotify_add_watch(fd.get(), path.c_str(),
                          IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR) < 0)
    return fail_errno("watch " + path, errno);
  std::unique_ptr<DirectoryWatch> watch(new DirectoryWatch(loop, std::move(fd)));
  CHECK(loop.watch(watch->fd_.get(), watch.get()));
  return watch;
}

DirectoryWatch::~DirectoryWatch() { loop_.unwatch(fd_.get()); }

void DirectoryWatch::on_ready(bool readable, bool) {
  alignas(inotify_event) char events[4096];
  bool any = false;
  while (readable && ::read(fd_.get(), events, sizeof events) > 0) any = true;
  if (any) changed_.set();
}

io::Task<void> DirectoryWatch::changed() {
  co_await changed_.wait();
  changed_.reset();
}

}  // namespace pds::podinfo
