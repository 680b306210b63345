// The same handler on Boost.Beast with Asio's coroutines: the measure for bench/compile.py. Nothing else uses it.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace beast = boost::beast;
namespace http = beast::http;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

http::response<http::string_body> answer(const http::request<http::string_body>& request) {
  bool known = request.target() == "/greeting";
  http::response<http::string_body> response(known ? http::status::ok : http::status::not_found, request.version());
  response.set(http::field::content_type, "text/plain");
  response.keep_alive(request.keep_alive());
  response.body() = known ? "good morning\n" : "there is no such page\n";
  response.prepare_payload();
  return response;
}

asio::awaitable<void> serve(beast::tcp_stream stream) {
  beast::flat_buffer buffer;
  while (true) {
    http::request<http::string_body> request;
    stream.expires_after(std::chrono::seconds(30));
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    auto response = answer(request);
    co_await http::async_write(stream, response, asio::use_awaitable);
    if (!response.keep_alive()) break;
  }
  stream.socket().shutdown(tcp::socket::shutdown_send);
}

asio::awaitable<void> listen(tcp::acceptor acceptor) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(beast::tcp_stream(std::move(socket))), asio::detached);
  }
}

}  // namespace

int main() {
  asio::io_context context(1);
  asio::co_spawn(context, listen(tcp::acceptor(context, {asio::ip::make_address("127.0.0.1"), 8080})), asio::detached);
  context.run();
}
