#include "podinfo/libpq.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

#include "base/dlopen_note.h"

namespace pds::podinfo {
namespace {

PDS_DLOPEN_NOTE(libpq_note,
                R"([{"feature":"database","description":"PostgreSQL behind /api/data","priority":"recommended","soname":["libpq.so.5"]}])");

// Variables that libpq would send as start-up parameters: a pooler such as PgBouncer refuses those it does not know.
constexpr const char* startup_variables[] = {"PGOPTIONS", "PGGEQO", "PGTZ", "PGDATESTYLE"};

template <class Function>
bool find(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  return out != nullptr;
}

Result<Libpq> load() {
  void* library = ::dlopen(libpq_file, RTLD_LAZY | RTLD_LOCAL);
  if (!library) return fail("E_LIBRARY", fmt::format("the PostgreSQL client library cannot be loaded: {}", ::dlerror()));
  Libpq table;
#define PDS_LIBPQ_FIND(name) \
  if (!find(library, #name, table.name)) return fail("E_LIBRARY", fmt::format("{} has no {}", libpq_file, #name));
  PDS_LIBPQ_FUNCTIONS(PDS_LIBPQ_FIND)
#undef PDS_LIBPQ_FIND
  for (const char* variable : startup_variables) ::unsetenv(variable);
  return table;
}

}  // namespace

Result<const Libpq*> load_libpq() {
  static const Result<Libpq> loaded = load();
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace pds::podinfo
