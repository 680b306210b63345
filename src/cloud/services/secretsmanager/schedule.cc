#include "cloud/services/secretsmanager/schedule.h"

#include <fmt/format.h>

#include "base/text.h"

namespace pds::cloud::secretsmanager {

namespace {

std::unexpected<Error> invalid(std::string message) { return fail("InvalidParameterException", std::move(message)); }

struct Field {
  std::string_view name;
  int least, most;
  std::span<const std::string_view> words;  // in order from `least`
};
constexpr std::string_view month_words[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view weekday_words[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

std::optional<int> read_number(std::string_view text, const Field& field) {
  for (size_t i = 0; i < field.words.size(); ++i) {
    if (iequals(text, field.words[i])) return field.least + static_cast<int>(i);
  }
  auto n = parse_int(text);
  if (!n || *n < field.least || *n > field.most) return std::nullopt;
  return static_cast<int>(*n);
}

// "*", "5", "1-5", "MON-FRI", "0/8", "*/6" and lists of these. L, W and # are not read.
template <size_t size>
Result<std::bitset<size>> read_field(std::string_view text, const Field& field, int base = 0) {
  std::bitset<size> out;
  for (std::string_view part : split(text, ',')) {
    std::vector<std::string_view> step = split(part, '/');
    int every = 1, from = field.least, to = field.most;
    bool good = step.size() <= 2;
    if (good && step.size() == 2) {
      auto n = parse_int(step[1]);
      good = n && *n >= 1 && *n <= field.most;
      every = good ? static_cast<int>(*n) : 1;
    }
    if (good && step[0] != "*") {
      std::vector<std::string_view> range = split(step[0], '-');
      auto a = read_number(range[0], field);
      auto b = range.size() == 2 ? read_number(range[1], field) : step.size() == 2 ? std::optional<int>(field.most) : a;
      good = range.size() <= 2 && a && b && *a <= *b;
      if (good) from = *a, to = *b;
    }
    if (!good)
      return invalid(fmt::format("Invalid ScheduleExpression: '{}' is not a {} this cloud can evaluate.", part, field.name));
    for (int i = from; i <= to; i += every) out.set(static_cast<size_t>(i - base));
  }
  return out;
}

}  // namespace

Result<Schedule> Schedule::parse(const aws::secretsmanager::RotationRulesType& rules) {
  if (rules.automatically_after_days.has_value() == rules.schedule_expression.has_value())
    return invalid("Specify either AutomaticallyAfterDays or ScheduleExpression in RotationRules.");
  if (rules.automatically_after_days) {
    int64_t days = *rules.automatically_after_days;
    if (days < 1 || days > 1000) return invalid("AutomaticallyAfterDays must be between 1 and 1000.");
    Schedule schedule;
    schedule.every_ = std::chrono::hours(24 * days);
    return schedule;
  }
  std::string_view text = *rules.schedule_expression;
  if (text.starts_with("rate(") && text.ends_with(")")) return parse_rate(text.substr(5, text.size() - 6));
  if (text.starts_with("cron(") && text.ends_with(")")) return parse_cron(text.substr(5, text.size() - 6));
  return invalid("Invalid ScheduleExpression: use rate(...) or cron(...).");
}

Result<Schedule> Schedule::parse_rate(std::string_view text) {
  std::vector<std::string_view> parts = split(trim(text), ' ');
  auto count = parse_int(parts[0]);
  std::string_view unit = parts.size() == 2 ? parts[1] : "";
  bool hours = unit == "hour" || unit == "hours", days = unit == "day" || unit == "days";
  if (!count || *count < 1 || (!hours && !days))
    return invalid("Invalid ScheduleExpression: rate(<number> hours|days) is expected.");
  int64_t in_hours = days ? *count * 24 : *count;
  if (*count > 24'000 || in_hours < 4 || in_hours > 24 * 999)
    return invalid("Invalid ScheduleExpression: a rate is from 4 hours to 999 days.");
  Schedule schedule;
  schedule.every_ = std::chrono::hours(in_hours);
  return schedule;
}

Result<Schedule> Schedule::parse_cron(std::string_view text) {
  std::vector<std::string_view> f = split(trim(text), ' ');
  if (f.size() != 6) return invalid("Invalid ScheduleExpression: a cron expression has six fields.");
  if (f[0] != "0") return invalid("Invalid ScheduleExpression: the minute of a rotation schedule must be 0.");
  if ((f[2] == "?") == (f[4] == "?"))
    return invalid("Invalid ScheduleExpression: one of day-of-month and day-of-week must be '?'.");
  Schedule s;
  s.any_day_ = f[2] == "?", s.any_weekday_ = f[4] == "?";
  TRY(s.hours_, read_field<24>(f[1], {"hour", 0, 23, {}}));
  if (s.hours_.count() > 6) return invalid("Invalid ScheduleExpression: a secret can be rotated at most every four hours.");
  if (!s.any_day_) {
    TRY(s.days_, read_field<32>(f[2], {"day of month", 1, 31, {}}));
  }
  TRY(s.months_, read_field<13>(f[3], {"month", 1, 12, month_words}));
  if (!s.any_weekday_) {
    TRY(s.weekdays_, read_field<32>(f[4], {"day of week", 1, 7, weekday_words}));
  }
  TRY(s.years_, read_field<300>(f[5], {"year", 1970, 2199, {}}, 1970));
  return s;
}

bool Schedule::matches_day(std::chrono::sys_days day) const {
  std::chrono::year_month_day date(day);
  int year = static_cast<int>(date.year());
  if (year < 1970 || year > 2199 || !years_.test(static_cast<size_t>(year - 1970))) return false;
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  if (!any_day_) return days_.test(static_cast<unsigned>(date.day()));
  return weekdays_.test(std::chrono::weekday(day).c_encoding() + 1);
}

std::optional<Timestamp> Schedule::next(Timestamp after) const {
  if (every_) return after + *every_;
  std::chrono::sys_days first = std::chrono::floor<std::chrono::days>(after);
  for (int day = 0; day <= 731; ++day) {
    std::chrono::sys_days date = first + std::chrono::days(day);
    if (!matches_day(date)) continue;
    for (size_t hour = 0; hour < 24; ++hour) {
      Timestamp at = date + std::chrono::hours(hour);
      if (hours_.test(hour) && at > after) return at;
    }
  }
  return std::nullopt;
}

}  // namespace pds::cloud::secretsmanager
