#include "base/time.h"

#include <fmt/core.h>

#include <cmath>
#include <ctime>

namespace pds {
namespace {

struct Civil {
  std::tm tm{};
  int micros = 0;
};

Civil civil(Timestamp t) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  std::time_t time = seconds.time_since_epoch().count();
  Civil c;
  gmtime_r(&time, &c.tm);
  c.micros = static_cast<int>((t - seconds).count());
  return c;
}

// Reads exactly `digits` digits at `pos`; -1 when there are none.
int number_at(std::string_view text, size_t pos, size_t digits) {
  if (pos + digits > text.size()) return -1;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    char c = text[pos + i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

Result<Timestamp> from_civil(int year, int month, int day, int hour, int minute, int second, Duration fraction) {
  using namespace std::chrono;
  year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)}, std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return fail("ValidationError", "not a valid date or time");
  return Timestamp{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} + fraction;
}

}  // namespace

std::string to_iso8601(Timestamp t) {
  Civil c = civil(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.tm.tm_year + 1900, c.tm.tm_mon + 1, c.tm.tm_mday, c.tm.tm_hour,
                     c.tm.tm_min, c.tm.tm_sec);
}

std::string to_iso8601_millis(Timestamp t) {
  Civil c = civil(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.tm.tm_year + 1900, c.tm.tm_mon + 1, c.tm.tm_mday, c.tm.tm_hour,
                     c.tm.tm_min, c.tm.tm_sec, c.micros / 1000);
}

// Written by hand: each signature that is checked or made takes one.
std::string to_iso8601_basic(Timestamp t) {
  Civil c = civil(t);
  std::string out = "00000000T000000Z";
  auto put = [&](size_t end, int value, size_t digits) {
    for (size_t i = 1; i <= digits; ++i, value /= 10) out[end - i] = static_cast<char>('0' + value % 10);
  };
  put(4, c.tm.tm_year + 1900, 4);
  put(6, c.tm.tm_mon + 1, 2);
  put(8, c.tm.tm_mday, 2);
  put(11, c.tm.tm_hour, 2);
  put(13, c.tm.tm_min, 2);
  put(15, c.tm.tm_sec, 2);
  return out;
}

static constexpr const char* day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static constexpr const char* month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string to_http_date(Timestamp t) {
  Civil c = civil(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", day_names[c.tm.tm_wday], c.tm.tm_mday, month_names[c.tm.tm_mon],
                     c.tm.tm_year + 1900, c.tm.tm_hour, c.tm.tm_min, c.tm.tm_sec);
}

double to_epoch_seconds(Timestamp t) { return static_cast<double>(t.time_since_epoch().count()) / 1e6; }

Timestamp from_epoch_seconds(double seconds) {
  // Bounded so that a hostile number cannot overflow: year 0 to year 9999.
  double bounded = std::isnan(seconds) ? 0.0 : std::fmin(std::fmax(seconds, -62167219200.0), 253402300799.0);
  return Timestamp{Duration{static_cast<int64_t>(std::llround(bounded * 1e6))}};
}

Result<Timestamp> parse_iso8601(std::string_view text) {
  auto bad = [&] { return fail("ValidationError", fmt::format("'{}' is not an ISO 8601 time", text.substr(0, 40))); };
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return bad();
  int year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  int hour = 0, minute = 0, second = 0;
  Duration fraction{0}, offset{0};
  if (year < 0 || month < 0 || day < 0) return bad();
  size_t pos = 10;
  if (pos < text.size()) {
    if (text[pos] != 'T' && text[pos] != ' ') return bad();
    hour = number_at(text, 11, 2), minute = number_at(text, 14, 2);
    if (hour < 0 || minute < 0 || text[13] != ':') return bad();
    pos = 16;
    if (pos < text.size() && text[pos] == ':') {
      second = number_at(text, 17, 2);
      if (second < 0) return bad();
      pos = 19;
    }
    if (pos < text.size() && text[pos] == '.') {
      ++pos;
      int64_t micros = 0, unit = 100000;
      size_t digits = 0;
      while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
        micros += (text[pos] - '0') * unit;
        unit /= 10;
        ++pos, ++digits;
      }
      if (digits == 0 || digits > 12) return bad();
      fraction = Duration{micros};
    }
    if (pos < text.size() && (text[pos] == '+' || text[pos] == '-')) {
      int hours = number_at(text, pos + 1, 2);
      bool colon = pos + 3 < text.size() && text[pos + 3] == ':';
      int minutes = number_at(text, pos + (colon ? 4 : 3), 2);
      if (hours < 0 || minutes < 0) return bad();
      offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
      if (text[pos] == '-') offset = -offset;
      pos += colon ? 6 : 5;
    } else if (pos < text.size() && text[pos] == 'Z') {
      ++pos;
    }
    if (pos != text.size()) return bad();
  }
  TRY(Timestamp t, from_civil(year, month, day, hour, minute, second, fraction));
  return t - offset;
}

Result<Timestamp> parse_iso8601_basic(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z')
    return fail("ValidationError", fmt::format("'{}' is not a time like 20261123T190443Z", text.substr(0, 40)));
  return from_civil(number_at(text, 0, 4), number_at(text, 4, 2), number_at(text, 6, 2), number_at(text, 9, 2), number_at(text, 11, 2),
                    number_at(text, 13, 2), Duration{0});
}

Result<Timestamp> parse_http_date(std::string_view text) {
  auto bad = [&] { return fail("ValidationError", fmt::format("'{}' is not an HTTP date", text.substr(0, 40))); };
  if (text.size() != 29 || text.substr(25) != " GMT") return bad();
  int month = 0;
  for (int i = 0; i < 12; ++i)
    if (text.substr(8, 3) == month_names[i]) month = i + 1;
  if (month == 0) return bad();
  return from_civil(number_at(text, 12, 4), month, number_at(text, 5, 2), number_at(text, 17, 2), number_at(text, 20, 2),
                    number_at(text, 23, 2), Duration{0});
}

std::string human_duration(Duration d) {
  double seconds = static_cast<double>(d.count()) / 1e6;
  if (seconds < 0.001) return fmt::format("{} us", d.count());
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  auto whole = static_cast<int64_t>(seconds);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace pds
