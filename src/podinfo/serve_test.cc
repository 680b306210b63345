#include "podinfo/serve.h"

#include "http/client.h"
#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

io::Task<std::string> status_of(io::Loop& loop, std::string url) {
  auto response = co_await http::fetch(loop, "GET", url);
  co_return response ? std::to_string(response->head.status) : response.error().code;
}

io::Task<void> note_status(io::Loop& loop, std::string url, std::string& status) { status = co_await status_of(loop, url); }

TEST_F(AppTest, StopsByFinishingWhatIsInFlight) {
  auto listener = io::listen_tcp(loop, "127.0.0.1", 0);
  std::string base = "http://127.0.0.1:" + std::to_string((*listener)->port());
  io::Event stop;
  std::string in_flight, ready;
  io::TaskSet tasks;
  io::TaskSet server;
  struct Serve {
    static io::Task<void> run(App& app, std::unique_ptr<io::Listener> listener, io::Event& stop) {
      Listeners listeners;
      listeners.http = std::move(listener);
      co_await serve_http(app, std::move(listeners), stop);
    }
  };
  server.spawn(Serve::run(app(), std::move(*listener), stop));
  EXPECT_EQ(io::run_until_done(loop, status_of(loop, base + "/readyz")), "200");
  tasks.spawn(note_status(loop, base + "/delay/1", in_flight));
  for (int i = 0; i < 20; ++i) loop.run_once(1ms);  // the request is on its way
  stop.set();
  while (server.size() > 0) loop.run_once(1s);
  while (tasks.size() > 0) loop.run_once(1s);
  EXPECT_EQ(in_flight, "200");
  EXPECT_FALSE(app().ready());
  EXPECT_EQ(io::run_until_done(loop, status_of(loop, base + "/readyz")), "E_CONNECT");
}

}  // namespace
}  // namespace pds::podinfo
