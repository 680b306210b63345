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

std::string with_fraction(int64_t unix_seconds, std::string_view fraction) {
  std::tm parts = local(unix_seconds);
  char date[24];
  size_t size = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out = std::string(date, size).append(fraction);
  long offset_minutes = parts.tm_gmtoff / 60;
  if (offset_minutes == 0) return out + "Z";
  long distance = std::abs(offset_minutes);
  return out + fmt::format("{}{:02}:{:02}", offset_minutes < 0 ? '-' : '+', distance / 60, distance % 60);
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

}  // namespace pds::podinfo
