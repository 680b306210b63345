// Which endpoint a path and a method lead to.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "podinfo/endpoints.h"

namespace pds::podinfo {

enum Methods : unsigned { method_get = 1, method_post = 2, method_put = 4, method_any = ~0u };

struct Endpoint {
  enum class Match { exact, number, below };  // "/delay/" with digits behind it; "/echo" and all below
  std::string_view path;
  Match match;
  unsigned methods;
  std::string_view label;  // in metrics
  http::Response (*answer)(App& app, const Call& call);
  io::Task<http::Response> (*wait)(App& app, const Call& call) = nullptr;  // instead, where answering takes time
  bool takes_body = false;
  bool is_probe = false;  // keeps answering truly in a broken release
};

struct Route {
  const Endpoint* endpoint = nullptr;
  bool wrong_method = false;  // the path is known
  std::string argument;
  std::string moved_to;  // a path that is not clean: where it should have gone
};
Route find_route(const http::RequestHead& head);

}  // namespace pds::podinfo
