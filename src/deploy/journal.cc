#include "deploy/journal.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/s3.h"
#include "aws/xml.h"
#include "base/text.h"

namespace pds::deploy {
namespace {

Error error_of(const http::Response& response) {
  aws::XmlElement said = aws::parse_xml(response.body).value_or(aws::XmlElement{});  // a HEAD has none
  std::string code(said.text_of("Code")), message(said.text_of("Message"));
  return {code.empty() ? fmt::format("HTTP{}", response.head.status) : std::move(code),
          message.empty() ? "the bucket refused the request" : std::move(message), response.head.status,
          response.head.status >= 500};
}

std::vector<std::string> keys_of(const aws::XmlElement& listing) {
  std::vector<std::string> keys;
  for (const aws::XmlElement& element : listing.children)
    if (element.name == "Contents") keys.emplace_back(element.text_of("Key"));
  return keys;
}

}  // namespace

io::Task<Result<http::Response>> Journal::send(std::string method, std::string key, std::string query, std::string body, http::Headers headers) {
  http::Request request;
  request.head.method = std::move(method);
  request.head.target = "/" + bucket_ + (key.empty() ? "" : "/" + percent_encode(key, true)) + (query.empty() ? "" : "?" + query);
  request.head.headers = std::move(headers);
  request.body = std::move(body);
  co_return co_await client_.send_signed(aws::s3::service_info(), std::move(request));
}

io::Task<Result<std::optional<std::string>>> Journal::get(std::string key) {
  CO_TRY(http::Response response, co_await send("GET", key, "", ""));
  if (response.head.status == 404) co_return std::optional<std::string>{};
  if (response.head.status >= 300) co_return std::unexpected(error_of(response));
  co_return std::optional<std::string>(std::move(response.body));
}

io::Task<Result<void>> Journal::put_object(std::string key, std::string bytes) {
  CO_TRY(http::Response response, co_await send("PUT", key, "", std::move(bytes)));
  if (response.head.status >= 300) co_return std::unexpected(error_of(response));
  co_return Result<void>{};
}

io::Task<Result<bool>> Journal::exists() {
  CO_TRY(http::Response response, co_await send("HEAD", "", "", ""));
  if (response.head.status == 404) co_return false;
  if (response.head.status >= 300) co_return std::unexpected(error_of(response));
  co_return true;
}

io::Task<Result<void>> Journal::create_bucket() {
  std::string body;
  if (client_.config().region != "us-east-1")
    body = fmt::format("<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
                       client_.config().region);
  CO_TRY(http::Response response, co_await send("PUT", "", "", body));
  if (response.head.status >= 300 && response.head.status != 409) co_return std::unexpected(error_of(response));
  co_return Result<void>{};
}

io::Task<Result<void>> Journal::delete_bucket() {
  while (true) {
    CO_TRY(http::Response listing, co_await send("GET", "", "list-type=2", ""));
    if (listing.head.status == 404) co_return Result<void>{};
    if (listing.head.status >= 300) co_return std::unexpected(error_of(listing));
    CO_TRY(aws::XmlElement page, aws::parse_xml(listing.body));
    std::vector<std::string> keys = keys_of(page);
    if (keys.empty()) break;
    for (const std::string& key : keys) CO_CHECK(co_await send("DELETE", key, "", ""));
  }
  CO_TRY(http::Response response, co_await send("DELETE", "", "", ""));
  if (response.head.status >= 300 && response.head.status != 404) co_return std::unexpected(error_of(response));
  co_return Result<void>{};
}

io::Task<Result<void>> Journal::write(const Release& release) { co_return co_await put_object("releases/" + release.id + ".json", aws::to_json_text(release)); }

io::Task<Result<std::optional<Release>>> Journal::read(std::string id) {
  CO_TRY(auto text, co_await get("releases/" + id + ".json"));
  if (!text) co_return std::optional<Release>{};
  CO_TRY(Release release, aws::from_json_text<Release>(*text));
  co_return std::optional<Release>(std::move(release));
}

io::Task<Result<std::vector<std::string>>> Journal::list() {
  std::vector<std::string> ids;
  std::string token;
  do {
    CO_TRY(http::Response response, co_await send("GET", "", "list-type=2&prefix=releases%2F" + (token.empty() ? "" : "&continuation-token=" + percent_encode(token)), ""));
    if (response.head.status == 404) co_return ids;
    if (response.head.status >= 300) co_return std::unexpected(error_of(response));
    CO_TRY(aws::XmlElement page, aws::parse_xml(response.body));
    for (const std::string& key : keys_of(page))
      if (key.size() > 14 && key.ends_with(".json")) ids.push_back(key.substr(9, key.size() - 14));
    token = page.text_of("NextContinuationToken");
  } while (!token.empty());
  std::sort(ids.rbegin(), ids.rend());
  co_return ids;
}

io::Task<Result<std::optional<Release>>> Journal::current() {
  CO_TRY(auto id, co_await get("current.json"));
  if (!id) co_return std::optional<Release>{};
  CO_TRY(json::value document, parse_json(*id));
  if (!document.is_object()) co_return std::optional<Release>{};
  co_return co_await read(get_string(document.get_object(), "id"));
}

io::Task<Result<void>> Journal::set_current(std::string id) { co_return co_await put_object("current.json", to_text(json::object{{"id", id}})); }

io::Task<Result<void>> Journal::request_abort(std::string id) { co_return co_await put_object("aborts/" + id, "requested"); }

io::Task<Result<bool>> Journal::abort_requested(std::string id) {
  CO_TRY(auto mark, co_await get("aborts/" + id));
  co_return mark.has_value();
}

io::Task<Result<void>> Journal::lock(LockHolder holder) {
  http::Headers only_if_free;
  only_if_free.set("If-None-Match", "*");
  CO_TRY(http::Response response, co_await send("PUT", "lock.json", "", aws::to_json_text(holder), std::move(only_if_free)));
  if (response.head.status < 300) co_return Result<void>{};
  if (response.head.status != 412 && response.head.status != 409) co_return std::unexpected(error_of(response));
  CO_TRY(auto other, co_await lock_holder());
  if (!other) co_return fail("E_LOCKED", "the lock was taken and given back just now: try again");
  if (other->release_id == holder.release_id) co_return Result<void>{};
  co_return fail("E_LOCKED", fmt::format("{} has been releasing {} since {} ({})", other->holder, other->release_id, to_iso8601(other->since), other->reason));
}

io::Task<Result<void>> Journal::unlock() {
  CO_TRY(http::Response response, co_await send("DELETE", "lock.json", "", ""));
  if (response.head.status >= 300 && response.head.status != 404) co_return std::unexpected(error_of(response));
  co_return Result<void>{};
}

io::Task<Result<std::optional<LockHolder>>> Journal::lock_holder() {
  CO_TRY(auto text, co_await get("lock.json"));
  if (!text) co_return std::optional<LockHolder>{};
  CO_TRY(LockHolder holder, aws::from_json_text<LockHolder>(*text));
  co_return std::optional<LockHolder>(std::move(holder));
}

}  // namespace pds::deploy
