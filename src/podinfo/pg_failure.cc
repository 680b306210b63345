#include "podinfo/pg_failure.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace pds::podinfo {
namespace {

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

// "LOCATION:  auth_failed, auth.c:326", whatever the language.
bool is_location(std::string_view line) {
  size_t file = line.rfind(".c:");
  return file != line.npos && line.find(", ") < file && line.find(":  ") < file &&
         std::ranges::all_of(line.substr(file + 3), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

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

// A line that is the server's own: "... FATAL:  28P01: password authentication failed for user ..."; the severity may be in any language.
ConnectRefusal read_connect_refusal(std::string_view verbose) {
  ConnectRefusal out;
  for (std::string_view line : split(verbose, '\n')) {
    if (is_location(line)) continue;
    if (size_t severity_end = line.find(":  "); severity_end != line.npos && line.substr(severity_end + 3).find(": ") == 5) {
      std::string_view state = line.substr(severity_end + 3, 5);
      if (is_sqlstate(state) && state.starts_with("28")) out.is_about_credentials = true;
    }
    if (!out.message.empty() && !line.empty()) out.message += '\n';
    out.message += line;
  }
  return out;
}

bool is_read_only(const Error& error) { return error.code == "25006"; }
bool is_missing_table(const Error& error) { return error.code == "42P01"; }

}  // namespace pds::podinfo
