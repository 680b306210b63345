// Where a PostgreSQL server is and how to get in, as --database-url says it: what libpq takes, a URL or "keyword=value ...".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podinfo/libpq.h"

namespace pds::podinfo {

inline constexpr size_t database_hosts_max = 8;  // in one URL
inline constexpr size_t database_url_bytes_max = 4096;

struct DatabaseHost {
  std::string host;     // a name, for TLS too; an address; or the folder of a unix socket
  std::string address;  // empty: to be found by the host's name
  std::string port;
  bool is_socket() const { return address.empty() && (host.starts_with('/') || host.starts_with('@')); }
};

struct DatabaseUrl {
  std::vector<DatabaseHost> hosts;                // the servers of one cluster: which of them is the primary is asked
  std::map<std::string, std::string> parameters;  // libpq's, without host, hostaddr and port
  std::string password() const;
  // For logs: "host:port,host:port/name".
  std::string place() const;
};

// Errors (E_ADDRESS) do not repeat the text: it holds a password.
Result<DatabaseUrl> parse_database_url(const Libpq& pq, const std::string& text);
// libpq's three lists, which belong together: as long as each other, but that one port serves for all.
Result<std::vector<DatabaseHost>> pair_hosts(std::string_view hosts, std::string_view addresses, std::string_view ports);

}  // namespace pds::podinfo
