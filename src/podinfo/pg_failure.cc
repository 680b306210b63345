#include "podinfo/pg_failure.h"

#include <string_view>

namespace pds::podinfo {

PgBlame blame_of(const Error& error) {
  std::string_view code = error.code;
  if (code == "E_LOST") return PgBlame::unknown;
  if (code == "E_TIMEOUT") return PgBlame::late;
  if (code == "E_OVERLOADED") return PgBlame::crowd;
  if (code.starts_with("E_")) return PgBlame::server;  // E_CONNECT, E_RESOLVE
  // 57P01 to 57P03: shut down by its operator, by a crash, or not up yet; 08: PgBouncer about its server; 53300: too many connections;
  // 40001 with a standby: a conflict with recovery.
  for (std::string_view sign : {"57P0", "08", "53300", "40001"}) {
    if (code.starts_with(sign)) return PgBlame::server;
  }
  return is_read_only(error) ? PgBlame::server : PgBlame::query;
}

bool is_read_only(const Error& error) { return error.code == "25006"; }
bool is_missing_table(const Error& error) { return error.code == "42P01"; }

}  // namespace pds::podinfo
