#include "cloud/services/elbv2/access_logs.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "base/gzip.h"
#include "cloud/services/elbv2/attributes.h"
#include "io/clock.h"

namespace pds::cloud::elbv2 {
namespace {

constexpr std::string_view delivery_principal = "logdelivery.elasticloadbalancing.amazonaws.com";

// AWS's accounts of Elastic Load Balancing, which bucket policies of older regions name instead of the service.
struct RegionAccount {
  std::string_view region, account;
};
constexpr RegionAccount region_accounts[] = {
    {"us-east-1", "127311923021"},      {"us-east-2", "033677994240"},      {"us-west-1", "027434742980"},
    {"us-west-2", "797873946194"},      {"af-south-1", "098369216593"},     {"ap-east-1", "754344448648"},
    {"ap-northeast-1", "582318560864"}, {"ap-northeast-2", "600734575887"}, {"ap-northeast-3", "383597477331"},
    {"ap-south-1", "718504428378"},     {"ap-southeast-1", "114774131450"}, {"ap-southeast-2", "783225319266"},
    {"ca-central-1", "985666609251"},   {"eu-central-1", "054676820928"},   {"eu-north-1", "897822967062"},
    {"eu-south-1", "635631232127"},     {"eu-west-1", "156460612806"},      {"eu-west-2", "652711504416"},
    {"eu-west-3", "009996457667"},      {"me-south-1", "076674570225"},     {"sa-east-1", "507241528517"},
};

// The address of the node, as this machine's: balancers are reached on loopback.
constexpr std::string_view node_ip = "127.0.0.1";

Timestamp end_of_interval(Timestamp at) {
  auto minutes = std::chrono::floor<std::chrono::minutes>(at).time_since_epoch();
  return Timestamp{(minutes / log_interval + 1) * log_interval};
}

std::tm calendar(Timestamp at) { return fmt::gmtime(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count()); }

}  // namespace

std::optional<LogDestination> log_destination_of(const Attributes& attributes) {
  auto rules = load_balancer_attributes();
  if (!flag_attribute(rules, attributes, "access_logs.s3.enabled")) return std::nullopt;
  return LogDestination{attribute(rules, attributes, "access_logs.s3.bucket"), attribute(rules, attributes, "access_logs.s3.prefix")};
}

std::string AccessLogs::folder_of(const LogDestination& to) const {
  return (to.prefix.empty() ? "" : to.prefix + "/") + "AWSLogs/" + core_.account + "/";
}

Delivery AccessLogs::delivery_of(const std::string& load_balancer_arn, const LogDestination& to, std::string key) const {
  Delivery delivery{.bucket = to.bucket, .key = std::move(key), .service_principal = std::string(delivery_principal), .source_arn = load_balancer_arn};
  for (const RegionAccount& one : region_accounts) {
    if (one.region == core_.region) delivery.account = one.account;
  }
  return delivery;
}

io::Task<Result<void>> AccessLogs::try_destination(const LoadBalancerRecord& balancer, LogDestination to) {
  if (!objects_) co_return fail("NotImplemented", "ModifyLoadBalancerAttributes: access_logs.s3.enabled is not supported", 501);
  if (to.bucket.empty())
    co_return fail("InvalidConfigurationRequest", "The value of 'access_logs.s3.bucket' must be specified when access logs are enabled");
  const std::string arn = balancer.description.load_balancer_arn;
  std::string text = fmt::format("Enable AccessLog for ELB: app/{}/{} at {}\n", balancer.description.load_balancer_name, balancer.id,
                                 to_iso8601(core_.clock.now()));
  Delivery delivery = delivery_of(arn, to, folder_of(to) + "ELBAccessLogTestFile");
  delivery.content_type = "text/plain";
  Result<void> tried = co_await objects_->deliver(std::move(delivery), std::move(text));
  if (tried) co_return tried;
  if (tried.error().code == "NoSuchBucket")
    co_return fail("InvalidConfigurationRequest", fmt::format("The S3 bucket '{}' does not exist in this region", to.bucket));
  if (tried.error().code == "AccessDenied")
    co_return fail("InvalidConfigurationRequest", fmt::format("Access Denied for bucket: {}. Please check S3bucket permission", to.bucket));
  co_return tried;
}

std::function<void(std::string_view line)> AccessLogs::sink_for(const LoadBalancerRecord& balancer) {
  const std::string& arn = balancer.description.load_balancer_arn;
  std::optional<LogDestination> to = log_destination_of(balancer.attributes);
  auto found = logs_.find(arn);
  if (found != logs_.end() && (!to || found->second->to != *to)) {
    forget(arn);
    found = logs_.end();
  }
  if (!to) return nullptr;
  if (found == logs_.end()) {
    auto log = std::make_shared<Log>(Log{.arn = arn, .file_name_middle = "app." + balancer.description.load_balancer_name + "." + balancer.id, .to = *to});
    found = logs_.emplace(arn, std::move(log)).first;
  }
  return [this, log = found->second](std::string_view line) { append(log, line); };
}

// What was logged before still goes where it was meant to.
void AccessLogs::forget(const std::string& load_balancer_arn) {
  auto found = logs_.find(load_balancer_arn);
  if (found == logs_.end()) return;
  send(found->second, end_of_interval(core_.clock.now()));
  logs_.erase(found);
}

void AccessLogs::append(const std::shared_ptr<Log>& log, std::string_view line) {
  if (log->gathering.size() + line.size() > log_piece_bytes_max) {
    if (log->delivering + 1 >= log_pieces_max) return void(++log->dropped);
    send(log, end_of_interval(core_.clock.now()));
  }
  if (log->gathering.capacity() == 0) log->gathering.reserve(64 * 1024);
  log->gathering += line;
  ++log->lines;
}

void AccessLogs::send(const std::shared_ptr<Log>& log, Timestamp interval_end) {
  if (log->gathering.empty()) return;
  ++log->delivering;
  delivering_.spawn(deliver(log, std::exchange(log->gathering, {}), std::exchange(log->lines, 0), interval_end));
}

// AWSLogs/<account>/elasticloadbalancing/<region>/yyyy/mm/dd/<account>_elasticloadbalancing_<region>_app.<name>.<id>_<end>_<ip>_<random>.log.gz
io::Task<void> AccessLogs::deliver(std::shared_ptr<Log> log, std::string lines, size_t count, Timestamp interval_end) {
  std::string key = fmt::format("{0}elasticloadbalancing/{1}/{2:%Y/%m/%d}/{3}_elasticloadbalancing_{1}_{4}_{5:%Y%m%dT%H%MZ}_{6}_{7}.log.gz",
                                folder_of(log->to), core_.region, calendar(core_.clock.now()), core_.account, log->file_name_middle,
                                calendar(interval_end), node_ip, core_.random.text(8, "abcdefghijklmnopqrstuvwxyz0123456789"));
  std::string compressed = co_await core_.loop.offload([lines = std::move(lines)] { return deflate_gzip(lines); });
  Delivery delivery = delivery_of(log->arn, log->to, std::move(key));
  delivery.content_type = "application/x-gzip";
  Result<void> delivered = co_await objects_->deliver(std::move(delivery), std::move(compressed));
  --log->delivering;
  if (delivered) co_return;
  log->dropped += count;
  core_.log.warn("access log lines are lost: the bucket did not take them",
                 {{"load_balancer", log->arn}, {"bucket", log->to.bucket}, {"lines", count}, {"reason", delivered.error().message}});
}

io::Task<void> AccessLogs::deliver_every_interval() {
  for (;;) {
    Timestamp end = end_of_interval(core_.clock.now());
    for (Timestamp now = core_.clock.now(); now < end; now = core_.clock.now()) co_await io::sleep_on(core_.loop, core_.clock, end - now);
    for (auto& [arn, log] : logs_) send(log, end);
  }
}

io::Task<void> AccessLogs::finish() {
  for (auto& [arn, log] : logs_) send(log, end_of_interval(core_.clock.now()));
  co_await delivering_.wait_empty();
}

uint64_t AccessLogs::dropped_lines(const std::string& load_balancer_arn) const {
  auto found = logs_.find(load_balancer_arn);
  return found == logs_.end() ? 0 : found->second->dropped;
}

}  // namespace pds::cloud::elbv2
