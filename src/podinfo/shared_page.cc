#include "podinfo/shared_page.h"

#include "base/json.h"
#include "podinfo/data_request.h"

namespace pds::podinfo {
namespace {

std::optional<DataItem> parse_item(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return std::nullopt;
  DataItem item{get_string(*object, "id"), get_string(*object, "message"), get_string(*object, "timestamp")};
  if (!check_data_id(item.id) || item.message.empty() || item.message.size() > data_message_bytes_max) return std::nullopt;
  return item;
}

}  // namespace

std::string to_shared_text(const DataPage& page, Timestamp loaded) {
  json::array items;
  for (const DataItem& item : page.items)
    items.push_back(json::object{{"id", item.id}, {"message", item.message}, {"timestamp", item.timestamp}});
  return to_text(json::object{
      {"as_of", to_token(page.as_of)}, {"loaded_us", loaded.time_since_epoch().count()}, {"more", page.more}, {"items", std::move(items)}});
}

std::optional<LoadedPage> parse_shared_text(std::string_view text) {
  if (text.size() > shared_page_bytes_max) return std::nullopt;
  Result<json::value> value = parse_json(text);
  const json::object* object = value ? value->if_object() : nullptr;
  const json::array* items = object ? get_array(*object, "items") : nullptr;
  if (!items || items->size() > data_limit_max) return std::nullopt;
  std::optional<LogPosition> as_of = parse_token(get_string(*object, "as_of"));
  int64_t loaded = get_int(*object, "loaded_us", -1);
  if (!as_of || loaded < 0) return std::nullopt;
  LoadedPage out{{{}, get_bool(*object, "more"), *as_of}, Timestamp(Duration(loaded))};
  for (const json::value& element : *items) {
    std::optional<DataItem> item = parse_item(element);
    if (!item) return std::nullopt;
    out.page.items.push_back(*std::move(item));
  }
  return out;
}

}  // namespace pds::podinfo
