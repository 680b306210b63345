#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "aws/shapes/cloudwatch.h"
#include "aws/shapes/logs.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "deploy/report.h"
#include "io/files.h"

namespace pds::cli {
namespace {

Result<json::object> read_document(const std::string& path) {
  TRY(std::string text, io::read_file(path));
  TRY(json::value document, parse_json(text));
  if (!document.is_object()) return fail("E_USAGE", path + " is not a JSON object");
  return document.get_object();
}

// "title=load.json[,release.json]"
Result<deploy::ReportAct> read_act(const std::string& text) {
  size_t equals = text.find('=');
  if (equals == std::string::npos) return fail("E_USAGE", fmt::format("--act is TITLE=LOAD.json[,RELEASE.json], not '{}'", text));
  deploy::ReportAct act;
  act.title = text.substr(0, equals);
  std::string files = text.substr(equals + 1);
  size_t comma = files.find(',');
  TRY(act.load, read_document(files.substr(0, comma)));
  if (comma != std::string::npos) {
    TRY(act.release, read_document(files.substr(comma + 1)));
  }
  return act;
}

// Lines "kept|text|detail" or "broken|text|detail".
Result<std::vector<deploy::ReportPromise>> read_promises(const std::string& path) {
  std::vector<deploy::ReportPromise> promises;
  if (path.empty()) return promises;
  TRY(std::string text, io::read_file(path));
  for (std::string_view line : split(text, '\n')) {
    std::vector<std::string_view> parts = split(line, '|');
    if (parts.size() < 2) continue;
    promises.push_back({parts[0] == "kept", std::string(parts[1]), parts.size() > 2 ? std::string(parts[2]) : ""});
  }
  return promises;
}

// "Duration: 1.23 ms" of a REPORT line; -1 when it is not there.
double figure_in(std::string_view line, std::string_view name) {
  size_t at = line.find(name);
  // "Billed Duration" and "Init Duration" contain "Duration" too: only one at the beginning of its field counts.
  while (at != std::string_view::npos && at > 0 && line[at - 1] != '\t') at = line.find(name, at + 1);
  if (at == std::string_view::npos) return -1;
  line.remove_prefix(at + name.size());
  auto value = parse_double(trim(line.substr(0, line.find(" ms"))));
  return value.value_or(-1);
}

double median(std::vector<double> values) {
  if (values.empty()) return -1;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

io::Task<Result<std::vector<deploy::ReportMeasure>>> measure(Context& context, Session& session, const std::vector<deploy::ReportAct>& acts) {
  aws::logs::FilterLogEventsRequest reports;
  reports.log_group_name = "/aws/lambda/" + session.config.stack();
  reports.filter_pattern = "REPORT";
  std::vector<double> cold, warm;
  do {
    auto page = co_await session.client->call<aws::logs::FilterLogEvents>(reports);
    if (!page) break;
    for (const auto& event : page->events) {
      double init = figure_in(event.message, "Init Duration:"), duration = figure_in(event.message, "Duration:");
      if (init >= 0) cold.push_back(init + std::max(0.0, duration));
      else if (duration >= 0) warm.push_back(duration);
    }
    reports.next_token = page->next_token;
  } while (reports.next_token);

  double instance = -1;
  CO_TRY(deploy::StackFacts facts, co_await look_at_stack(context.loop(), *session.client, session.config));
  aws::cloudwatch::GetMetricDataRequest request;
  request.start_time = from_epoch_seconds(0);
  request.end_time = from_epoch_seconds(4e9);
  aws::cloudwatch::MetricStat stat;
  stat.metric = {"AWS/ApplicationELB", "TargetResponseTime", {{"LoadBalancer", facts.balancer_arn.substr(facts.balancer_arn.find("loadbalancer/") + 13)}}};
  stat.period = 86400 * 30;
  stat.stat = "p50";
  request.metric_data_queries = {{.id = "r", .metric_stat = stat}};
  if (auto reply = co_await session.client->call<aws::cloudwatch::GetMetricData>(request); reply && !reply->metric_data_results.empty() && !reply->metric_data_results[0].values.empty())
    instance = reply->metric_data_results[0].values[0] * 1e3;

  std::vector<double> balancer;
  for (const deploy::ReportAct& act : acts)
    if (const json::array* targets = get_array(act.load, "targets"))
      for (const json::value& target : *targets)
        if (target.is_object() && get_string(target.get_object(), "name") == "fleet")
          if (const json::object* latency = get_object(target.get_object(), "latency")) balancer.push_back(get_double(*latency, "p50_ms"));
  co_return std::vector<deploy::ReportMeasure>{
      {"Lambda cold start", "200-500 ms", median(cold), fmt::format("median of Init Duration + Duration in {} REPORT lines", cold.size())},
      {"Lambda warm invoke", "50-100 ms", median(warm), fmt::format("median Duration of {} REPORT lines", warm.size())},
      {"EC2 response", "30-50 ms", instance, "p50 of TargetResponseTime: balancer to instance and back"},
      {"ALB response", "5-10 ms", median(balancer), "p50 of the load test through the balancer"},
  };
}

std::string machine() {
  utsname name{};
  ::uname(&name);
  return fmt::format("Measured on this machine: {} processors, Linux {} on {}.", ::sysconf(_SC_NPROCESSORS_ONLN), name.release, name.machine);
}

int report(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto run = [&]() -> Result<deploy::Report> {
    deploy::Report out;
    out.title = args.get("title", "Rehearsal of " + (*session)->config.stack());
    out.machine = machine();
    TRY(out.promises, read_promises(args.get("promises")));
    for (const std::string& text : args.all("act")) {
      TRY(deploy::ReportAct act, read_act(text));
      out.acts.push_back(std::move(act));
    }
    TRY(out.measures, context.run(measure(context, **session, out.acts)));
    CHECK(io::write_file_atomically(args.get("html"), deploy::to_html(out), 0644));
    CHECK(io::write_file_atomically(args.get("json"), to_text(deploy::to_json(out)) + "\n", 0644));
    return out;
  };
  Result<deploy::Report> made = run();
  if (!made) return context.fail(made.error());
  std::string table = fmt::format("{:<20} {:>14} {:>14}", "measure", "target on AWS", "this machine");
  for (const deploy::ReportMeasure& measure : made->measures)
    table += fmt::format("\n{:<20} {:>14} {:>14}", measure.name, measure.target, measure.value_ms < 0 ? "-" : fmt::format("{:.2f} ms", measure.value_ms));
  context.out().result(json::object{{"html", args.get("html")}, {"json", args.get("json")}}, table + fmt::format("\n\nReport: {}  {}", args.get("html"), args.get("json")));
  return exit_ok;
}

}  // namespace

Command report_command() {
  return {.name = "report", .summary = "writes a rehearsal's report: HTML with plots, and JSON",
          .flags = with_config_flags({{"--title", "TEXT", "the heading"},
                                      {"--act", "TITLE=LOAD[,RELEASE]", "a load report, and the release during it; may be given several times", "", true},
                                      {"--promises", "FILE", "lines kept|text|detail"},
                                      {"--html", "FILE", "where the page goes", "report.html"},
                                      {"--json", "FILE", "where the figures go", "report.json"}}),
          .run = report};
}

}  // namespace pds::cli
