#include "podinfo/backends.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

io::Task<http::Response> echo(App& app, const Call& call) {
  http::Response response;
  if (app.backends().empty()) {
    response = raw(202, call.body);
  } else {
    json::array list;
    std::vector<std::string> answers = co_await app.backends().call_all(call);
    for (const std::string& answer : answers) list.emplace_back(answer);
    response = document(200, std::move(list));
  }
  response.head.headers.add("X-Color", app.parts().options.ui_color);
  co_return response;
}

}  // namespace pds::podinfo
