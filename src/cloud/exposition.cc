#include "cloud/exposition.h"

#include <fmt/format.h>

#include <iterator>

namespace pds::cloud {
namespace {

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (char c : text) {
    if (c == '\\') out += "\\\\";
    else if (c == '\n') out += "\\n";
    else if (c == '"' && quotes) out += "\\\"";
    else out += c;
  }
  return out;
}

// `more`: the bound of a histogram's bucket.
void append_sample(std::string& out, std::string_view name, const Exposition::Labels& labels, double value, std::string_view more = "") {
  out += name;
  if (!labels.empty() || !more.empty()) {
    out += '{';
    for (const auto& [label, text] : labels) fmt::format_to(std::back_inserter(out), "{}=\"{}\",", label, escaped(text, true));
    if (!more.empty()) fmt::format_to(std::back_inserter(out), "le=\"{}\",", more);
    out.back() = '}';
  }
  fmt::format_to(std::back_inserter(out), " {}\n", value);
}

}  // namespace

Exposition::Family& Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
  auto found = families_.find(name);
  if (found == families_.end()) found = families_.emplace(std::string(name), Family{std::string(type), escaped(help, false), ""}).first;
  return found->second;
}

void Exposition::counter(std::string_view name, std::string_view help, const Labels& labels, double value) {
  append_sample(family(name, "counter", help).samples, name, labels, value);
}

void Exposition::gauge(std::string_view name, std::string_view help, const Labels& labels, double value) {
  append_sample(family(name, "gauge", help).samples, name, labels, value);
}

void Exposition::histogram(std::string_view name, std::string_view help, const Labels& labels, const Histogram& micros) {
  std::string& out = family(name, "histogram", help).samples;
  uint64_t counts[std::size(seconds_bounds)] = {};
  micros.each([&](double value, uint64_t count) {
    for (size_t i = 0; i < std::size(seconds_bounds); ++i)
      if (value <= seconds_bounds[i] * 1e6) counts[i] += count;
  });
  std::string bucket = std::string(name) + "_bucket";
  for (size_t i = 0; i < std::size(seconds_bounds); ++i)
    append_sample(out, bucket, labels, static_cast<double>(counts[i]), fmt::format("{}", seconds_bounds[i]));
  append_sample(out, bucket, labels, static_cast<double>(micros.count()), "+Inf");
  append_sample(out, std::string(name) + "_sum", labels, micros.sum() / 1e6);
  append_sample(out, std::string(name) + "_count", labels, static_cast<double>(micros.count()));
}

std::string Exposition::text() const {
  std::string out;
  for (const auto& [name, family] : families_)
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{3}", name, family.help, family.type, family.samples);
  return out;
}

}  // namespace pds::cloud
