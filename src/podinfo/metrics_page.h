// Prometheus' text format, as it is written.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>

namespace pds::podinfo {

class MetricsPage {
 public:
  void family(std::string_view name, std::string_view help, std::string_view type) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
  }
  // `labels`: "a=\"b\""; of the family that was begun last, whose name `suffix` is added to.
  template <class Number>
  void line(std::string_view labels, Number value, std::string_view suffix = "") {
    std::string_view open = labels.empty() ? "" : "{", close = labels.empty() ? "" : "}";
    fmt::format_to(std::back_inserter(text_), "{}{}{}{}{} {}\n", name_, suffix, open, labels, close, value);
  }
  // A family of one value.
  template <class Number>
  void single(std::string_view name, std::string_view help, std::string_view type, Number value) {
    family(name, help, type);
    line("", value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string_view name_;
  std::string text_;
};

// The families of a page, each of which begins with its line of help, as Go's library orders them: by name, and without those that have no
// value. A name stands for one family.
std::string in_name_order(std::string_view page);

}  // namespace pds::podinfo
