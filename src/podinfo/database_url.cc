#include "podinfo/database_url.h"

#include <fmt/format.h>

#include <memory>

#include "base/text.h"

namespace pds::podinfo {
namespace {

std::unexpected<Error> refuse(std::string_view why) {
  return fail("E_ADDRESS", fmt::format("{}; it is postgresql://user:password@host:port/database or \"host=... dbname=...\"", why));
}

// Given by us where the URL is silent: no look at Kerberos, which may block; texts as our callers have them; a name to find us by. Of these
// PgBouncer gets to see nothing that it refuses.
constexpr std::pair<const char*, const char*> defaults[] = {
    {"gssencmode", "disable"}, {"client_encoding", "UTF8"}, {"fallback_application_name", "podinfo"}};

}  // namespace

std::string DatabaseUrl::password() const {
  auto found = parameters.find("password");
  return found == parameters.end() ? "" : found->second;
}

std::string DatabaseUrl::place() const {
  std::string out;
  for (const DatabaseHost& host : hosts) fmt::format_to(std::back_inserter(out), "{}{}:{}", out.empty() ? "" : ",", host.host, host.port);
  auto name = parameters.find("dbname");
  return name == parameters.end() ? out : out + "/" + name->second;
}

Result<std::vector<DatabaseHost>> pair_hosts(std::string_view hosts, std::string_view addresses, std::string_view ports) {
  std::vector<std::string_view> names = split(hosts, ','), numbers = split(addresses, ','), doors = split(ports, ',');
  size_t count = std::max(names.size(), numbers.size());
  if (count > database_hosts_max) return refuse(fmt::format("more than {} hosts are named", database_hosts_max));
  if ((!hosts.empty() && names.size() != count) || (!addresses.empty() && numbers.size() != count))
    return refuse("there are not as many addresses as hosts");
  if (doors.size() != 1 && doors.size() != count) return refuse("there are not as many ports as hosts");
  std::vector<DatabaseHost> out;
  for (size_t i = 0; i < count; ++i) {
    DatabaseHost host;
    if (!hosts.empty()) host.host = names[i];
    if (!addresses.empty()) host.address = numbers[i];
    if (host.host.empty()) host.host = host.address.empty() ? "localhost" : host.address;
    host.port = doors.size() == 1 ? doors[0] : doors[i];
    if (host.port.empty()) host.port = "5432";
    std::optional<int64_t> port = parse_int(host.port);
    if (!port || *port < 1 || *port > 65535) return refuse("a port is no number from 1 to 65535");
    out.push_back(std::move(host));
  }
  return out;
}

Result<DatabaseUrl> parse_database_url(const Libpq& pq, const std::string& text) {
  if (text.size() > database_url_bytes_max || text.find('\0') != std::string::npos) return refuse("the text is no database's URL");
  char* message = nullptr;
  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(pq.PQconninfoParse(text.c_str(), &message), pq.PQconninfoFree);
  if (message) pq.PQfreemem(message);  // not shown: it quotes the text
  if (!options) return refuse("the text is no database's URL");
  DatabaseUrl url;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (option->val && *option->val) url.parameters[option->keyword] = option->val;
  }
  TRY(url.hosts, pair_hosts(url.parameters["host"], url.parameters["hostaddr"], url.parameters["port"]));
  for (const char* taken : {"host", "hostaddr", "port"}) url.parameters.erase(taken);
  for (auto [keyword, value] : defaults) url.parameters.try_emplace(keyword, value);
  return url;
}

}  // namespace pds::podinfo
