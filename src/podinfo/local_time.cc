#include "podinfo/local_time.h"

#include <fmt/format.h>

#include <ctime>

namespace pds::podinfo {
namespace {

std::tm local(int64_t unix_seconds) {
  std::time_t time = unix_seconds;
  std::tm parts{};
  localtime_r(&time, &parts);
  return parts;
}

std::string with_fraction(int64_t unix_seconds, std::string_view fraction, std::string_view offset_colon = ":") {
  std::tm parts = local(unix_seconds);
  char date[24];
  size_t size = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out = std::string(date, size).append(fraction);
  long offset_minutes = parts.tm_gmtoff / 60;
  if (offset_minutes == 0) return out + "Z";
  long distance = std::abs(offset_minutes);
  return out + fmt::format("{}{:02}{}{:02}", offset_minutes < 0 ? '-' : '+', distance / 60, offset_colon, distance % 60);
}

}  // namespace

std::string to_local_text(int64_t unix_seconds) { return with_fraction(unix_seconds, ""); }

std::string to_local_go_text(int64_t unix_seconds) {
  std::tm parts = local(unix_seconds);
  char text[64];  // a zone's name has few letters; where it had more, nothing would come
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z %Z", &parts));
}

std::string to_local_nano_text(Timestamp time) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  std::string fraction = fmt::format(".{:06}", (time - seconds).count());
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (fraction == ".") fraction.clear();
  return with_fraction(seconds.time_since_epoch().count(), fraction);
}

std::string with_local_time(std::string_view log_line) {
  constexpr std::string_view beginning = "{\"ts\":\"";
  std::string_view given = log_line.substr(std::min(beginning.size(), log_line.size()));
  given = given.substr(0, given.find('"'));
  Result<Timestamp> time = parse_iso8601(given);
  if (!log_line.starts_with(beginning) || !time) return std::string(log_line);
  auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
  std::string fraction = fmt::format(".{:03}", (*time - seconds).count() / 1000);
  std::string_view rest = log_line.substr(beginning.size() + given.size());
  return std::string(beginning).append(with_fraction(seconds.time_since_epoch().count(), fraction, "")).append(rest);
}

}  // namespace pds::podinfo
