// libpq as a table of functions. The library and what it brings along (LDAP, Kerberos, GnuTLS) would cost every start of podinfo its
// time, so it is loaded when a database is asked for and not linked.
#pragma once

#include <postgresql/libpq-fe.h>

#include "base/result.h"

namespace pds::podinfo {

// The library's file, as an image must hold it.
inline constexpr const char* libpq_file = "libpq.so.5";

#define PDS_LIBPQ_FUNCTIONS(X)                                                                                             \
  X(PQconninfoParse)                                                                                                       \
  X(PQconninfoFree)                                                                                                        \
  X(PQfreemem)                                                                                                             \
  X(PQconnectStartParams)                                                                                                  \
  X(PQconnectPoll)                                                                                                         \
  X(PQstatus)                                                                                                              \
  X(PQtransactionStatus)                                                                                                   \
  X(PQsocket)                                                                                                              \
  X(PQerrorMessage)                                                                                                        \
  X(PQfinish)                                                                                                              \
  X(PQsetnonblocking)                                                                                                      \
  X(PQsetNoticeProcessor)                                                                                                  \
  X(PQsetErrorVerbosity)                                                                                                   \
  X(PQsendQueryParams)                                                                                                     \
  X(PQflush)                                                                                                               \
  X(PQconsumeInput)                                                                                                        \
  X(PQisBusy)                                                                                                              \
  X(PQgetResult)                                                                                                           \
  X(PQresultStatus)                                                                                                        \
  X(PQresultErrorField)                                                                                                    \
  X(PQntuples)                                                                                                             \
  X(PQnfields)                                                                                                             \
  X(PQgetisnull)                                                                                                           \
  X(PQgetvalue)                                                                                                            \
  X(PQgetlength)                                                                                                           \
  X(PQcmdTuples)                                                                                                           \
  X(PQclear)                                                                                                               \
  X(PQgetCancel)                                                                                                           \
  X(PQfreeCancel)                                                                                                          \
  X(PQcancel)

struct Libpq {
#define PDS_LIBPQ_MEMBER(name) decltype(&::name) name = nullptr;
  PDS_LIBPQ_FUNCTIONS(PDS_LIBPQ_MEMBER)
#undef PDS_LIBPQ_MEMBER
};

// Loaded once and kept as long as the process lives. E_LIBRARY: it is not on this machine, or too old.
Result<const Libpq*> load_libpq();

}  // namespace pds::podinfo
