#include "podinfo/lambda_failure.h"

#include "base/json.h"
#include "base/text.h"
#include "http/client.h"
#include "io/time_limit.h"

namespace pds::podinfo {
namespace {

// An API that does not answer must not keep from exiting who has nothing else to do.
constexpr Duration report_time_max = 1s;

io::Task<void> post(io::Loop& loop, const std::string& url, const Error& error) {
  http::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add(lambda_error_type_field, error.code);
  // Its status says nothing that could be acted on.
  [[maybe_unused]] auto receipt = co_await io::within(loop, loop.exact_now() + report_time_max,
                                                      http::fetch(loop, "POST", url, std::move(headers), lambda_error_document(error)));
}

}  // namespace

std::string lambda_error_document(const Error& error) {
  return to_text(json::object{{"errorMessage", error.message}, {"errorType", error.code}, {"stackTrace", json::array{}}});
}

std::string without_arguments(std::string message, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    size_t equals = word.find('=');
    bool is_flag = word.starts_with("--");
    std::string value = equals != std::string::npos ? word.substr(equals + 1) : is_flag ? "" : word;
    if (!value.empty()) message = replace_all(std::move(message), value, "***");
  }
  return message;
}

void report_init_error(const std::string& api, const Error& error) {
  io::Loop loop;
  io::run_until_done(loop, post(loop, "http://" + api + "/2018-06-01/runtime/init/error", error));
}

}  // namespace pds::podinfo
