// Which endpoint a path and a method lead to, and what all endpoints are.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "podinfo/endpoints.h"

namespace pds::podinfo {

enum Methods : unsigned { method_get = 1, method_post = 2, method_put = 4, method_delete = 8, method_any = ~0u };

enum Traits : unsigned {
  takes_body = 1,  // read before the endpoint is asked
  is_probe = 2,    // keeps answering truly in a broken release
  fault_free = 4,  // and while faults are injected
  own_label = 8,   // whose name in metrics does not tell the prefix
  tells_settings = 16,
};

struct Endpoint {
  // What follows `path`: nothing; digits; one segment; nothing or a slash and anything; anything.
  enum class Match : uint8_t { exact, number, segment, below, anything };
  std::string_view path;
  Match match;
  unsigned methods;
  std::string_view label;  // in metrics
  using Answer = http::Response (*)(App& app, const Call& call);
  using Wait = io::Task<http::Response> (*)(App& app, const Call& call);  // where answering takes time
  // Answers by itself, and gives the status that is counted: where that is not done with one answer.
  using Stream = io::Task<int> (*)(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder);
  std::variant<Answer, Wait, Stream> handler;
  unsigned traits = 0;
};

struct Route {
  enum class Outcome : uint8_t { found, not_found, wrong_method, moved, malformed, server_wide };
  Outcome outcome = Outcome::not_found;
  const Endpoint* endpoint = nullptr;
  std::string_view label;
  unsigned allowed = 0;  // where the method was wrong: those that would not be
  std::string argument;  // what the pattern left open, decoded
  std::string moved_to;  // a path that is not clean: where it should have gone
};

class Router {
 public:
  // `prefix`: "" or "/foo". `head_is_get`: HEAD leads where GET does.
  explicit Router(std::string prefix, bool head_is_get = false);
  Route find(const http::RequestHead& head) const;
  const std::string& prefix() const { return prefix_; }

 private:
  Route find_clean(std::string_view path, std::string_view method) const;
  std::string prefix_;
  bool head_is_get_;
  std::vector<std::string> labels_;  // of the endpoints, in their order
};

}  // namespace pds::podinfo
