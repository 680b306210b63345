#include "deploy/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"

namespace pds::deploy {
namespace {

constexpr double plot_width = 860, plot_height = 150, left = 52, bottom = 22, top = 8;

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

double seconds_between(const std::string& from, const std::string& to) {
  Result<Timestamp> a = parse_iso8601(from), b = parse_iso8601(to);
  return a && b ? static_cast<double>((*b - *a).count()) / 1e6 : -1;
}

struct Row {
  double second = 0, succeeded = 0, failed = 0, p50 = 0, p99 = 0;
  std::map<std::string, double> versions;
};

std::vector<Row> rows_of(const json::object& target) {
  std::vector<Row> rows;
  const json::array* seconds = get_array(target, "seconds");
  if (!seconds) return rows;
  for (const json::value& value : *seconds) {
    if (!value.is_object()) continue;
    const json::object& object = value.get_object();
    Row row{get_double(object, "second"), get_double(object, "succeeded"), get_double(object, "failed"), get_double(object, "p50_ms"), get_double(object, "p99_ms"), {}};
    if (const json::object* versions = get_object(object, "versions"))
      for (const auto& version : *versions) row.versions[std::string(version.key())] = get_double(*versions, version.key());
    rows.push_back(std::move(row));
  }
  return rows;
}

const char* colour_of(size_t index) {
  static constexpr const char* colours[] = {"#3b7dd8", "#2a9d5c", "#d97b29", "#8e5bd0", "#c2417c"};
  return colours[index % std::size(colours)];
}

// One plot: named lines over the same seconds, with the release's stretch shaded.
class Plot {
 public:
  Plot(std::string title, std::string unit, double seconds, double shade_from, double shade_to)
      : title_(std::move(title)), unit_(std::move(unit)), seconds_(std::max(1.0, seconds)), shade_from_(shade_from), shade_to_(shade_to) {}

  void line(const std::string& name, const char* colour, const std::vector<std::pair<double, double>>& points) {
    for (auto [x, y] : points) most_ = std::max(most_, y);
    lines_.push_back({name, colour, points});
  }

  std::string svg() const {
    double top_value = most_ <= 0 ? 1 : most_ * 1.08;
    auto x_of = [&](double x) { return left + x / seconds_ * (plot_width - left - 8); };
    auto y_of = [&](double y) { return top + (1 - y / top_value) * (plot_height - top - bottom); };
    std::string out = fmt::format("<figure><figcaption>{} <span>{}</span>", escape(title_), escape(unit_));
    for (const Line& line : lines_) out += fmt::format("<i style=\"color:{}\">&#9632; {}</i>", line.colour, escape(line.name));
    out += fmt::format("</figcaption><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", plot_width, plot_height, escape(title_));
    if (shade_to_ > shade_from_)
      out += fmt::format("<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"#8883\"/>", x_of(std::max(0.0, shade_from_)), top,
                         x_of(std::min(seconds_, shade_to_)) - x_of(std::max(0.0, shade_from_)), plot_height - top - bottom);
    for (double share : {0.0, 0.5, 1.0}) {
      double value = top_value * share;
      out += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" class=\"g\"/><text x=\"{}\" y=\"{:.1f}\" class=\"y\">{}</text>", left, plot_width - 8,
                         y_of(value), y_of(value), left - 6, y_of(value) + 4, value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value));
    }
    for (int i = 0; i <= 4; ++i) out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" class=\"x\">{:.0f} s</text>", x_of(seconds_ * i / 4), plot_height - 4, seconds_ * i / 4);
    for (const Line& line : lines_) {
      std::string points;
      for (auto [x, y] : line.points) points += fmt::format("{:.1f},{:.1f} ", x_of(x), y_of(y));
      out += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"/>", points, line.colour);
    }
    return out + "</svg></figure>";
  }

 private:
  struct Line {
    std::string name;
    const char* colour;
    std::vector<std::pair<double, double>> points;
  };
  std::string title_, unit_;
  double seconds_, shade_from_, shade_to_, most_ = 0;
  std::vector<Line> lines_;
};

std::string plots_of(const json::object& target, double shade_from, double shade_to) {
  std::vector<Row> rows = rows_of(target);
  if (rows.empty()) return "";
  double length = rows.back().second + 1;
  std::set<std::string> versions;
  for (const Row& row : rows)
    for (const auto& [version, count] : row.versions) versions.insert(version);
  std::string name = get_string(target, "name");
  Plot traffic(name + ": answers by version", "per second", length, shade_from, shade_to);
  size_t index = 0;
  for (const std::string& version : versions) {
    std::vector<std::pair<double, double>> points;
    for (const Row& row : rows) points.emplace_back(row.second, row.versions.contains(version) ? row.versions.at(version) : 0);
    traffic.line(version.empty() ? "unknown" : version, colour_of(index++), points);
  }
  Plot latency(name + ": latency", "milliseconds from the intended send time", length, shade_from, shade_to);
  Plot errors(name + ": failed requests", "per second", length, shade_from, shade_to);
  std::vector<std::pair<double, double>> p50, p99, failed;
  for (const Row& row : rows) {
    p50.emplace_back(row.second, row.p50);
    p99.emplace_back(row.second, row.p99);
    failed.emplace_back(row.second, row.failed);
  }
  latency.line("p50", "#2a9d5c", p50);
  latency.line("p99", "#d97b29", p99);
  errors.line("failed", "#c23b3b", failed);
  return traffic.svg() + latency.svg() + errors.svg();
}

std::string stages_of(const json::object& release) {
  const json::array* events = get_array(release, "events");
  if (!events || events->empty()) return "";
  std::string out = "<details open><summary>stages of the release</summary><table>";
  std::string began = get_string(release, "began");
  for (const json::value& value : *events) {
    if (!value.is_object()) continue;
    out += fmt::format("<tr><td class=\"n\">{:.1f} s</td><td>{}</td></tr>", seconds_between(began, get_string(value.get_object(), "at")), escape(get_string(value.get_object(), "text")));
  }
  return out + "</table></details>";
}

std::string act_html(const ReportAct& act) {
  std::string started = get_string(act.load, "started");
  double from = -1, to = -1;
  if (!act.release.empty()) {
    from = seconds_between(started, get_string(act.release, "began"));
    to = seconds_between(started, get_string(act.release, "ended"));
  }
  std::string out = fmt::format("<section><h2>{}</h2>", escape(act.title));
  if (std::string reason = get_string(act.release, "reason"); !reason.empty())
    out += fmt::format("<p><b>Went back:</b> {}. <b>Evidence:</b> {}.</p>", escape(reason), escape(get_string(act.release, "evidence", "see the stages")));
  out += "<table><tr><th>target</th><th>stretch</th><th>time</th><th>answered</th><th>failed</th><th>p50</th><th>p99</th></tr>";
  const json::array* targets = get_array(act.load, "targets");
  if (targets) {
    for (const json::value& value : *targets) {
      if (!value.is_object()) continue;
      for (const Stretch& stretch : stretches_of(value.get_object(), started, act.release))
        out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{:.0f} s</td><td class=\"n\">{}</td><td class=\"n{}\">{}</td><td class=\"n\">{:.2f} ms</td><td class=\"n\">{:.2f} ms</td></tr>",
                           escape(get_string(value.get_object(), "name")), stretch.name, stretch.seconds, stretch.succeeded, stretch.failed ? " bad" : "", stretch.failed,
                           stretch.p50_ms, stretch.p99_ms);
    }
  }
  out += "</table>";
  if (targets)
    for (const json::value& value : *targets)
      if (value.is_object()) out += plots_of(value.get_object(), from, to);
  return out + stages_of(act.release) + "</section>";
}

}  // namespace

std::vector<Stretch> stretches_of(const json::object& target, const std::string& load_started, const json::object& release) {
  double from = release.empty() ? -1 : seconds_between(load_started, get_string(release, "began"));
  double to = release.empty() ? -1 : seconds_between(load_started, get_string(release, "ended"));
  std::vector<Stretch> out = release.empty() ? std::vector<Stretch>{{.name = "all"}} : std::vector<Stretch>{{.name = "before"}, {.name = "during"}, {.name = "after"}};
  std::vector<std::vector<double>> medians(out.size());
  for (const Row& row : rows_of(target)) {
    size_t index = release.empty() || row.second + 1 <= from ? 0 : row.second > to ? 2 : 1;
    Stretch& stretch = out[index];
    stretch.seconds += 1;
    stretch.succeeded += static_cast<uint64_t>(row.succeeded);
    stretch.failed += static_cast<uint64_t>(row.failed);
    stretch.p99_ms = std::max(stretch.p99_ms, row.p99);
    medians[index].push_back(row.p50);
  }
  for (size_t i = 0; i < out.size(); ++i) {
    std::sort(medians[i].begin(), medians[i].end());
    if (!medians[i].empty()) out[i].p50_ms = medians[i][medians[i].size() / 2];
  }
  return out;
}

json::object to_json(const Report& report) {
  json::array promises, measures, acts;
  for (const ReportPromise& promise : report.promises) promises.push_back(json::object{{"held", promise.held}, {"text", promise.text}, {"detail", promise.detail}});
  for (const ReportMeasure& measure : report.measures)
    measures.push_back(json::object{{"name", measure.name}, {"target", measure.target}, {"value_ms", measure.value_ms}, {"how", measure.how}});
  for (const ReportAct& act : report.acts) {
    json::array stretches;
    if (const json::array* targets = get_array(act.load, "targets"))
      for (const json::value& value : *targets)
        if (value.is_object())
          for (const Stretch& stretch : stretches_of(value.get_object(), get_string(act.load, "started"), act.release))
            stretches.push_back(json::object{{"target", get_string(value.get_object(), "name")}, {"stretch", stretch.name}, {"seconds", stretch.seconds}, {"succeeded", stretch.succeeded},
                                             {"failed", stretch.failed}, {"p50_ms", stretch.p50_ms}, {"p99_ms", stretch.p99_ms}});
    acts.push_back(json::object{{"title", act.title}, {"stretches", stretches}, {"load", act.load}, {"release", act.release}});
  }
  return {{"title", report.title}, {"machine", report.machine}, {"promises", promises}, {"measures", measures}, {"acts", acts}};
}

std::string to_html(const Report& report) {
  std::string out = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>"
      ":root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2rem auto;padding:0 1rem}}"
      "h1{{font-size:1.5rem}}h2{{margin-top:2.4rem;border-bottom:1px solid #8885}}table{{border-collapse:collapse;width:100%;margin:.6rem 0}}"
      "td,th{{text-align:left;padding:.2rem .7rem;border-bottom:1px solid #8883;vertical-align:top}}.n{{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}"
      ".bad{{color:#c23b3b;font-weight:600}}.ok{{color:#2a9d5c;font-weight:600}}figure{{margin:.8rem 0}}figcaption{{font-weight:600}}"
      "figcaption span{{font-weight:400;opacity:.7}}figcaption i{{font-style:normal;font-weight:500;margin-left:.9rem}}svg{{width:100%;height:auto}}"
      "svg .g{{stroke:#8884}}svg text{{font-size:11px;fill:currentColor;opacity:.75}}svg .y{{text-anchor:end}}svg .x{{text-anchor:middle}}summary{{cursor:pointer}}"
      "</style></head><body><h1>{}</h1><p>{}</p>",
      escape(report.title), escape(report.title), escape(report.machine));
  out += "<table><tr><th></th><th>promise</th><th>what was seen</th></tr>";
  for (const ReportPromise& promise : report.promises)
    out += fmt::format("<tr><td class=\"{}\">{}</td><td>{}</td><td>{}</td></tr>", promise.held ? "ok" : "bad", promise.held ? "kept" : "BROKEN", escape(promise.text), escape(promise.detail));
  out += "</table><h2>Beside the roadmap's targets</h2><table><tr><th>measure</th><th>roadmap's target (AWS)</th><th>this machine</th><th>how it was measured</th></tr>";
  for (const ReportMeasure& measure : report.measures)
    out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>", escape(measure.name), escape(measure.target),
                       measure.value_ms < 0 ? "not measured" : fmt::format("{:.2f} ms", measure.value_ms), escape(measure.how));
  out += "</table><p>Figures of this machine say how the local cloud behaves here; they do not predict AWS's.</p>";
  for (const ReportAct& act : report.acts) out += act_html(act);
  return out + "</body></html>\n";
}

}  // namespace pds::deploy
