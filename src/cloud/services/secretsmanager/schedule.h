// When a secret is rotated next: rate(10 days), rate(12 hours), cron(0 8 1 * ? *), or a number of days. All in UTC.
#pragma once

#include <array>
#include <bitset>
#include <string_view>

#include "aws/shapes/secretsmanager.h"

namespace pds::cloud::secretsmanager {

class Schedule {
 public:
  // InvalidParameterException for what is not a schedule, or is more often than every four hours.
  static Result<Schedule> parse(const aws::secretsmanager::RotationRulesType& rules);
  // The first time after `after`; nothing when a cron expression names no day within the next two years.
  std::optional<Timestamp> next(Timestamp after) const;

 private:
  static Result<Schedule> parse_rate(std::string_view text);
  static Result<Schedule> parse_cron(std::string_view text);
  bool matches_day(std::chrono::sys_days day) const;

  std::optional<Duration> every_;
  std::bitset<24> hours_;
  std::bitset<32> days_, weekdays_;  // 1..31; 1 = Sunday
  std::bitset<13> months_;
  std::bitset<300> years_;                      // since 1970
  bool any_day_ = false, any_weekday_ = false;  // "?"
};

}  // namespace pds::cloud::secretsmanager
