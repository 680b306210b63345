// What a failed query says about where to go next. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::podinfo {

enum class PgBlame : uint8_t {
  query,    // the server answers, and this is its answer
  server,   // it is going, gone, or no primary (any more): the query was not done, and another connection may do better
  unknown,  // the connection was lost with the query under way: it may have been done
  late,     // no answer in time: it may have been done, and nobody waits longer
  crowd,    // a bound of our own: too many want a connection
};

PgBlame blame_of(const Error& error);
// SQLSTATE of a statement that wants to write where nothing may be written: a primary that has become a standby.
bool is_read_only(const Error& error);
// The table is not there (yet).
bool is_missing_table(const Error& error);

// Why there is no connection, from what libpq says with PQERRORS_VERBOSE: the same without the places in the server's source.
struct ConnectRefusal {
  std::string message;
  bool is_about_credentials = false;  // SQLSTATE class 28
};
ConnectRefusal read_connect_refusal(std::string_view verbose);

}  // namespace pds::podinfo
