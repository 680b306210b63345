// An open load that costs little more than its system calls: requests are due at a fixed rate, whatever becomes of those before them, and a
// latency counts from the moment a request was due. `pds load` does the same for any endpoint and says much more; it takes the time of two to
// three requests for each of its own, so that on two cores it cannot ask for 70 % of what a fast server gives.
//
//   bench_open_load <port> <path> <requests per second> <seconds> <connections>
//
// Connections are kept; where all are in use, what is due waits and its time counts. It spins: it wants a core of its own. One line of JSON for
// each second: p50, p99 and the most in us, and p99 of how late requests left. What is no 200 with a Content-Length ends it with 1.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace pds::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t answer_bytes_max = 16 * 1024;
constexpr size_t waiting_max = 1u << 20;  // due and without a connection
constexpr int events_max = 256;

[[noreturn]] void give_up(const char* why) {
  fprintf(stderr, "bench_open_load: %s\n", why);
  exit(1);
}

struct Connection {
  int fd = -1;
  Clock::time_point due;  // of the request under way
  size_t held = 0;
  char answer[answer_bytes_max];
};

// How long the whole answer is, or 0 while its head is not there yet.
size_t answer_length(std::string_view bytes) {
  size_t head = bytes.find("\r\n\r\n");
  if (head == bytes.npos) return 0;
  if (!bytes.starts_with("HTTP/1.1 200 ")) give_up("an answer is no 200");
  static constexpr std::string_view field = "\r\nContent-Length: ";
  auto at = std::search(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(head), field.begin(), field.end(), [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  size_t body = 0;
  const char* digits = bytes.data() + (at - bytes.begin()) + field.size();
  if (digits > bytes.data() + head || std::from_chars(digits, bytes.data() + head, body).ec != std::errc{}) give_up("an answer has no Content-Length");
  if (head + 4 + body > answer_bytes_max) give_up("an answer is too long");
  return head + 4 + body;
}

struct Plan {
  uint16_t port = 0;
  std::string request;
  double rate = 0;
  int64_t seconds = 0;
  size_t connections = 0;
};

class Load {
 public:
  explicit Load(const Plan& plan) : plan_(plan), epoll_(epoll_create1(EPOLL_CLOEXEC)), connections_(plan.connections), seconds_(static_cast<size_t>(plan.seconds)) {
    if (epoll_ < 0) give_up("no epoll");
    for (Connection& connection : connections_) open(connection);
    for (Second& second : seconds_) second.latency.reserve(static_cast<size_t>(plan.rate) + 1), second.late.reserve(static_cast<size_t>(plan.rate) + 1);
  }

  void run() {
    start_ = Clock::now();
    auto all = static_cast<uint64_t>(plan_.rate * static_cast<double>(plan_.seconds));
    uint64_t due = 0, answered = 0;
    while (answered < all) {
      Clock::time_point now = Clock::now();
      for (; due < all && due_time(due) <= now; ++due) waiting_.push_back(due_time(due));
      if (waiting_.size() > waiting_max) give_up("the server does not keep up");
      for (; !idle_.empty() && !waiting_.empty(); waiting_.pop_front()) send_one(waiting_.front());
      answered += take_answers();
    }
  }

  void print() {
    for (Second& second : seconds_)
      printf("{\"requests\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, \"late_p99_us\": %.1f}\n", second.latency.size(),
             percentile(second.latency, 0.5), percentile(second.latency, 0.99), percentile(second.latency, 1), percentile(second.late, 0.99));
  }

 private:
  struct Second {
    std::vector<float> latency, late;  // us
  };

  void open(Connection& connection) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plan_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("no connection");
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) give_up("no epoll");
    idle_.push_back(&connection);
  }

  // A product for each, not a growing sum: the rate does not drift.
  Clock::time_point due_time(uint64_t index) const {
    return start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(index) / plan_.rate));
  }

  Second& second_of(Clock::time_point due) {
    auto index = static_cast<size_t>(std::chrono::duration_cast<std::chrono::seconds>(due - start_).count());
    return seconds_[std::min(index, seconds_.size() - 1)];
  }

  static float micros(Clock::duration time) { return std::chrono::duration<float, std::micro>(time).count(); }

  void send_one(Clock::time_point due) {
    Connection& connection = *idle_.back();
    idle_.pop_back();
    connection.due = due;
    connection.held = 0;
    second_of(due).late.push_back(micros(Clock::now() - due));
    if (send(connection.fd, plan_.request.data(), plan_.request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(plan_.request.size())) give_up("a connection ended");
  }

  uint64_t take_answers() {
    epoll_event events[events_max];
    int count = epoll_wait(epoll_, events, events_max, 0);
    uint64_t answered = 0;
    for (int i = 0; i < count; ++i) answered += take(*static_cast<Connection*>(events[i].data.ptr));
    return answered;
  }

  bool take(Connection& connection) {
    ssize_t got = recv(connection.fd, connection.answer + connection.held, answer_bytes_max - connection.held, MSG_DONTWAIT);
    if (got <= 0) give_up("a connection ended");
    connection.held += static_cast<size_t>(got);
    size_t length = answer_length({connection.answer, connection.held});
    if (length == 0 || connection.held < length) return false;
    if (connection.held > length) give_up("bytes after an answer");
    second_of(connection.due).latency.push_back(micros(Clock::now() - connection.due));
    idle_.push_back(&connection);
    return true;
  }

  static double percentile(std::vector<float>& values, double share) {
    if (values.empty()) return 0;
    auto at = values.begin() + static_cast<ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
  }

  const Plan& plan_;
  int epoll_;
  Clock::time_point start_;
  std::vector<Connection> connections_;
  std::vector<Connection*> idle_;
  std::deque<Clock::time_point> waiting_;
  std::vector<Second> seconds_;
};

Plan read_plan(char** argv) {
  Plan plan;
  plan.port = static_cast<uint16_t>(atoi(argv[1]));
  plan.request = "GET " + std::string(argv[2]) + " HTTP/1.1\r\nHost: 127.0.0.1:" + argv[1] + "\r\n\r\n";
  plan.rate = atof(argv[3]);
  plan.seconds = atol(argv[4]);
  plan.connections = static_cast<size_t>(atol(argv[5]));
  if (plan.port == 0 || plan.rate < 1 || plan.seconds < 1 || plan.connections == 0) give_up("a number is wrong");
  return plan;
}

}  // namespace
}  // namespace pds::bench

int main(int argc, char** argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: bench_open_load <port> <path> <requests per second> <seconds> <connections>\n");
    return 2;
  }
  pds::bench::Plan plan = pds::bench::read_plan(argv);
  pds::bench::Load load(plan);
  load.run();
  load.print();
}
