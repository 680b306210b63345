#include "loadtest/load_run.h"

#include "http/tls_connector.h"
#include "loadtest/recorder.h"

namespace pds::loadtest {
namespace {

constexpr size_t answer_bytes_max = 1u << 20;

// One target: its connections, its requests in flight, what came of them.
struct Lane {
  io::Loop& loop;
  const LoadPlan& plan;
  http::Request request;
  http::Client client;
  Recorder recorder;
  io::TaskSet in_flight;

  Lane(io::Loop& l, const LoadPlan& p, const Target& target, const http::Url& url, std::shared_ptr<io::Connector> connector)
      : loop(l),
        plan(p),
        client(l, std::move(connector),
               {.limits = {.body_bytes_max = answer_bytes_max},
                .connect_timeout = p.timeout,
                .response_timeout = p.timeout,
                .idle_timeout = 30s,
                .idle_connections_max = p.connections_max}),
        recorder(target.name, target.url) {
    request.head.method = "GET";
    request.head.target = url.target;
    request.head.headers.add("Host", target.host.empty() ? http::host_field(url) : target.host);
    request.head.headers.add("User-Agent", "pds-load");
  }
};

std::string version_of(const http::Response& response, const std::string& header) {
  if (auto version = response.head.headers.find(header)) return std::string(*version);
  Result<json::value> body = parse_json(response.body);
  return body && body->is_object() ? get_string(body->as_object(), "version") : "";
}

io::Task<void> exchange(Lane& lane, Result<http::Response>& answer) { answer = co_await lane.client.send(lane.request); }

// One request, from the moment it is due to its end or its timeout.
io::Task<void> fly(Lane& lane, MonoTime due) {
  Result<http::Response> answer = fail_world("E_TIMEOUT", "no answer in time");
  io::TaskSet attempt;
  io::Timer timer(lane.loop, [&attempt] { attempt.cancel_all(); });
  timer.start(due + lane.plan.timeout);
  attempt.spawn(exchange(lane, answer));
  co_await attempt.wait_empty();
  MonoTime now = std::chrono::steady_clock::now();
  Duration latency = std::chrono::duration_cast<Duration>(now - due);
  if (!answer) {
    lane.recorder.failed(now, latency, answer.error().code, "");
  } else if (answer->head.status >= 400) {
    lane.recorder.failed(now, latency, "status " + std::to_string(answer->head.status),
                         version_of(*answer, lane.plan.version_header));
  } else {
    lane.recorder.succeeded(now, latency, version_of(*answer, lane.plan.version_header));
  }
}

io::Task<void> drive(Lane& lane, MonoTime start) {
  auto interval = std::chrono::duration<double>(1 / lane.plan.rate);
  // A product for each, not a growing sum: the rate does not drift.
  for (uint64_t index = 0;; ++index) {
    auto offset = std::chrono::duration_cast<Duration>(interval * static_cast<double>(index));
    if (lane.plan.duration.count() > 0 && offset >= lane.plan.duration) co_return;
    MonoTime due = start + offset;
    if (due > std::chrono::steady_clock::now()) co_await lane.loop.sleep_until(due);
    lane.recorder.sent();
    if (lane.in_flight.size() >= lane.plan.connections_max) {
      lane.recorder.failed(std::chrono::steady_clock::now(), Duration{0}, "E_SATURATED", "");
    } else {
      lane.in_flight.spawn(fly(lane, due));
    }
  }
}

}  // namespace

struct LoadTest::Impl {
  io::Loop& loop;
  const Clock& clock;
  LoadPlan plan;
  std::vector<std::unique_ptr<Lane>> lanes;
  io::TaskSet arrivals;  // before the lanes it drives
  Timestamp started{};
  MonoTime start{};
  bool running = false, stopped = false;

  LoadReport report() const {
    LoadReport out{started, {}, plan.rate, {}};
    if (running) out.duration = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
    for (const auto& lane : lanes) out.targets.push_back(lane->recorder.report());
    return out;
  }
};

LoadTest::LoadTest(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LoadTest::~LoadTest() = default;

Result<std::unique_ptr<LoadTest>> LoadTest::create(io::Loop& loop, const Clock& clock, LoadPlan plan) {
  if (plan.targets.empty()) return fail("E_BAD_PLAN", "a load test needs a target");
  if (!(plan.rate > 0 && plan.rate <= rate_max))
    return fail("E_BAD_PLAN", "the rate must lie above 0 and at most at " + std::to_string(static_cast<int>(rate_max)));
  if (plan.timeout <= 0s || plan.duration < 0s || plan.connections_max == 0)
    return fail("E_BAD_PLAN", "timeout and connections must be positive");
  std::unique_ptr<Impl> impl(new Impl{.loop = loop, .clock = clock, .plan = std::move(plan)});
  for (const Target& target : impl->plan.targets) {
    TRY(http::Url url, http::parse_url(target.url));
    TRY(std::shared_ptr<io::Connector> connector, http::url_connector(loop, url, nullptr));
    impl->lanes.push_back(std::make_unique<Lane>(loop, impl->plan, target, url, std::move(connector)));
  }
  return std::unique_ptr<LoadTest>(new LoadTest(std::move(impl)));
}

io::Task<LoadReport> LoadTest::run() {
  Impl& impl = *impl_;
  ASSERT(!impl.running);
  impl.running = true;
  impl.started = impl.clock.now();
  impl.start = std::chrono::steady_clock::now();
  for (auto& lane : impl.lanes) lane->recorder.start(impl.start);
  if (!impl.stopped) {
    for (auto& lane : impl.lanes) impl.arrivals.spawn(drive(*lane, impl.start));
    co_await impl.arrivals.wait_empty();
  }
  for (auto& lane : impl.lanes) co_await lane->in_flight.wait_empty();
  co_return impl.report();
}

void LoadTest::stop() {
  impl_->stopped = true;
  impl_->arrivals.cancel_all();
}

void LoadTest::begin_phase(std::string name) {
  for (auto& lane : impl_->lanes) lane->recorder.begin_phase(std::chrono::steady_clock::now(), name);
}

LoadReport LoadTest::snapshot() const { return impl_->report(); }

}  // namespace pds::loadtest
