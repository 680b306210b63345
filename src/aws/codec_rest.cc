#include "aws/codec_rest.h"

#include <fmt/core.h>

#include "aws/codec_json.h"
#include "aws/codec_xml.h"
#include "aws/scalar.h"
#include "base/text.h"

namespace pds::aws {
namespace {

// Header and query values: times are HTTP dates in headers and ISO 8601 in queries, JSON or not.
TimeFormat format_at(Place place, TimeFormat wanted) {
  if (wanted != TimeFormat::by_protocol) return wanted;
  return place == Place::header ? TimeFormat::http_date : TimeFormat::iso8601;
}

bool is_rest_json(Wire wire) { return wire == Wire::rest_json; }

const Member* payload_of(const Shape& shape) {
  for (const Member& m : shape.members)
    if (m.place == Place::payload) return &m;
  return nullptr;
}

bool has_body_members(const Shape& shape) {
  for (const Member& m : shape.members)
    if (m.place == Place::body) return true;
  return false;
}

// ---- reading ----

Result<void> read_texts(const std::vector<std::string>& texts, const Member& m, void* value) {
  if (texts.empty()) return {};
  Room room = make_present(m, value);
  if (is_unsupported(*room.type)) return {};
  TimeFormat format = format_at(m.place, m.time_format);
  if (room.type->kind == Kind::blob && m.place == Place::header) {
    static_cast<Blob*>(room.data)->bytes = texts[0];
    return {};
  }
  if (room.type->kind != Kind::list) return scalar_from_text(texts[0], room, format, m.location);
  for (const std::string& text : texts)
    CHECK(scalar_from_text(text, make_present(*room.type->element, room.type->list_append(room.data)), format, m.location));
  return {};
}

const Type& innermost(const Type& type) { return type.kind == Kind::optional ? innermost(*type.element) : type; }

Result<void> read_header(const http::Headers& headers, const Member& m, void* value) {
  std::optional<std::string_view> found = headers.find(m.location);
  if (!found) return {};
  std::vector<std::string> texts;
  if (innermost(*m.type).kind == Kind::list)
    for (std::string_view part : split(*found, ',')) texts.emplace_back(trim(part));
  else
    texts.emplace_back(*found);
  return read_texts(texts, m, value);
}

Result<void> read_header_prefix(const http::Headers& headers, const Member& m, void* value) {
  std::string_view prefix = m.location;
  Room room{nullptr, nullptr};
  for (auto [name, text] : headers) {
    if (name.size() <= prefix.size() || !iequals(name.substr(0, prefix.size()), prefix)) continue;
    if (!room.data) room = make_present(m, value);
    std::string key = to_lower(name.substr(prefix.size()));
    CHECK(scalar_from_text(text, make_present(*room.type->element, room.type->map_insert(room.data, key)), TimeFormat::by_protocol,
                           m.location));
  }
  return {};
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

Result<Parameters> read_parameters(std::string_view query) {
  Parameters out;
  for (std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    size_t equals = std::min(pair.find('='), pair.size());
    TRY(std::string name, percent_decode(pair.substr(0, equals), true));
    TRY(std::string text, percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
    out.emplace_back(std::move(name), std::move(text));
  }
  return out;
}

Result<void> read_parameter(const Parameters& parameters, const Member& m, void* value) {
  std::vector<std::string> texts;
  for (const auto& [name, text] : parameters)
    if (name == m.location) texts.push_back(text);
  return read_texts(texts, m, value);
}

Result<void> read_label(const Labels& labels, const Member& m, void* value) {
  for (const auto& [name, text] : labels)
    if (name == m.location) return scalar_from_text(text, make_present(m, value), format_at(Place::uri, m.time_format), m.location);
  return {};
}

Result<void> read_document(Wire wire, std::string_view body, const Shape& shape, void* value) {
  if (trim(body).empty()) return {};
  if (is_rest_json(wire)) {
    TRY(json::value document, parse_json(body));
    if (!document.is_object()) return fail("SerializationException", "The body must be a JSON object.");
    return read_json(document.get_object(), shape, value, JsonForm::reply);
  }
  TRY(XmlElement root, parse_xml(body));
  return read_xml(root, shape, value, xml_member);
}

Result<void> read_payload(Wire wire, std::string_view body, const Member& m, void* value) {
  if (body.empty()) return {};
  Room room = make_present(m, value);
  switch (room.type->kind) {
    case Kind::structure:
      return read_document(wire, body, room.type->shape(), room.data);
    case Kind::blob:
      static_cast<Blob*>(room.data)->bytes = body;
      return {};
    case Kind::json:
      static_cast<JsonText*>(room.data)->text = body;
      return {};
    default:
      return scalar_from_text(body, room, m.time_format, m.name);
  }
}

Result<void> read_body(Wire wire, std::string_view body, const Shape& shape, void* value) {
  if (const Member* payload = payload_of(shape)) return read_payload(wire, body, *payload, value);
  return has_body_members(shape) ? read_document(wire, body, shape, value) : Result<void>{};
}

// ---- writing ----

std::string header_text(const Present& v, TimeFormat format) {
  if (v.type->kind == Kind::blob) return static_cast<const Blob*>(v.data)->bytes;
  if (v.type->kind != Kind::list) return scalar_text(v, format);
  std::vector<std::string> texts;
  for (size_t i = 0; i < v.type->count(v.data); ++i)
    texts.push_back(scalar_text(present(*v.type->element, v.type->list_at(v.data, i)), format));
  return join(texts, ",");
}

void write_headers(const Shape& shape, const void* value, http::Headers& headers) {
  for (const Member& m : shape.members) {
    Present v = present(m, value);
    if (!v.data || (m.place != Place::header && m.place != Place::header_prefix)) continue;
    if (m.place == Place::header) {
      // An empty header says nothing that its absence does not.
      if (!is_empty(v)) headers.set(m.location, header_text(v, format_at(m.place, m.time_format)));
      continue;
    }
    std::pair<http::Headers*, const char*> context{&headers, m.location};
    v.type->map_each(v.data, &context, [](void* c, const std::string& key, const void* text) {
      auto& [into, prefix] = *static_cast<std::pair<http::Headers*, const char*>*>(c);
      into->set(prefix + key, *static_cast<const std::string*>(text));
    });
  }
}

void append_parameter(std::string& query, std::string_view name, std::string_view text) {
  query += query.empty() ? '?' : '&';
  query.append(percent_encode(name)).append("=").append(percent_encode(text));
}

void write_parameter(const Member& m, const Present& v, std::string& query) {
  TimeFormat format = format_at(m.place, m.time_format);
  if (v.type->kind != Kind::list) return append_parameter(query, m.location, scalar_text(v, format));
  for (size_t i = 0; i < v.type->count(v.data); ++i)
    append_parameter(query, m.location, scalar_text(present(*v.type->element, v.type->list_at(v.data, i)), format));
}

Result<std::string> label_text(const Operation& operation, const Shape& shape, const void* request, std::string_view label) {
  for (const Member& m : shape.members) {
    if (m.place != Place::uri || label != m.location) continue;
    Present v = present(m, request);
    std::string text = v.data ? scalar_text(v, format_at(Place::uri, m.time_format)) : "";
    if (text.empty()) break;  // would name another resource than the caller means
    return text;
  }
  return fail("ParamValidation", fmt::format("{}: a value for '{}' is needed", operation.name, label));
}

Result<std::string> fill_uri(const Operation& operation, const Shape& shape, const void* request) {
  std::string out;
  std::string_view uri = operation.uri;
  while (!uri.empty()) {
    size_t open = std::min(uri.find('{'), uri.size());
    out += uri.substr(0, open);
    uri.remove_prefix(open);
    if (uri.empty()) break;
    size_t close = uri.find('}');
    std::string_view label = uri.substr(1, close - 1);
    bool greedy = label.ends_with('+');
    if (greedy) label.remove_suffix(1);
    TRY(std::string text, label_text(operation, shape, request, label));
    out += percent_encode(text, greedy);
    uri.remove_prefix(close + 1);
  }
  return out;
}

std::string xml_document(const ServiceInfo& service, const char* root, const Shape& shape, const void* value, bool for_request) {
  std::string out;
  XmlWriter xml(out);
  xml.declaration();
  xml.open(root, service.xml_namespace ? service.xml_namespace : "");
  write_xml(shape, value, xml_member, for_request, xml);
  xml.close(root);
  return out;
}

struct Body {
  std::string text;
  const char* content_type = nullptr;  // null: no body
};

Body write_structure(Wire wire, const ServiceInfo& service, const char* root, const Shape& shape, const void* value,
                     bool for_request) {
  if (!is_rest_json(wire)) return {xml_document(service, root, shape, value, for_request), "application/xml"};
  Body body{"", "application/json"};
  write_json(shape, value, for_request ? JsonForm::request : JsonForm::reply, body.text);
  return body;
}

Body write_body(Wire wire, const ServiceInfo& service, const char* root, const Shape& shape, const void* value, bool for_request) {
  const Member* payload = payload_of(shape);
  if (!payload) return has_body_members(shape) ? write_structure(wire, service, root, shape, value, for_request) : Body{};
  Present v = present(*payload, value);
  if (!v.data) return {};
  switch (v.type->kind) {
    case Kind::structure:
      return write_structure(wire, service, payload->name, v.type->shape(), v.data, for_request);
    case Kind::blob:
      return {static_cast<const Blob*>(v.data)->bytes, "application/octet-stream"};
    case Kind::json:
      return {static_cast<const JsonText*>(v.data)->text, "application/json"};
    default:
      return {scalar_text(v, payload->time_format), "text/plain"};
  }
}

}  // namespace

Result<http::Request> encode_rest_request(const ServiceInfo& service, const Operation& operation, const void* request) {
  const Shape& shape = operation.input();
  http::Request out;
  out.head.method = operation.method;
  TRY(out.head.target, fill_uri(operation, shape, request));
  std::string query;
  if (operation.query_literal) query = std::string("?") + operation.query_literal;
  for (const Member& m : shape.members) {
    Present v = present(m, request);
    if (m.place == Place::query && v.data && !(m.type->kind != Kind::optional && is_empty(v))) write_parameter(m, v, query);
  }
  out.head.target += query;
  write_headers(shape, request, out.head.headers);
  Wire wire = service.protocol == Protocol::rest_json ? Wire::rest_json : Wire::rest_xml;
  const char* root = operation.result_wrapper ? operation.result_wrapper : shape.name;
  Body body = write_body(wire, service, root, shape, request, true);
  out.body = std::move(body.text);
  if (body.content_type && !out.head.headers.find("Content-Type")) out.head.headers.set("Content-Type", body.content_type);
  return out;
}

Result<void> decode_rest_request(Wire wire, const Operation& operation, const http::RequestHead& head, const std::string& body,
                                 const Labels& labels, void* value) {
  const Shape& shape = operation.input();
  TRY(Parameters parameters, read_parameters(head.query()));
  for (const Member& m : shape.members) {
    switch (m.place) {
      case Place::header:
        CHECK(read_header(head.headers, m, value));
        break;
      case Place::header_prefix:
        CHECK(read_header_prefix(head.headers, m, value));
        break;
      case Place::query:
        CHECK(read_parameter(parameters, m, value));
        break;
      case Place::uri:
        CHECK(read_label(labels, m, value));
        break;
      default:
        break;
    }
  }
  return read_body(wire, body, shape, value);
}

http::Response encode_rest_response(Wire wire, const ServiceInfo& service, const Operation& operation, const void* reply) {
  const Shape& shape = operation.output();
  http::Response out;
  out.head.status = operation.success_status;
  for (const Member& m : shape.members)
    if (Present v = present(m, reply); m.place == Place::status && v.data) out.head.status = *static_cast<const int*>(v.data);
  write_headers(shape, reply, out.head.headers);
  std::string fallback = std::string(operation.name) + "Result";
  Body body =
      write_body(wire, service, operation.result_wrapper ? operation.result_wrapper : fallback.c_str(), shape, reply, false);
  out.body = std::move(body.text);
  if (body.content_type && !out.head.headers.find("Content-Type")) out.head.headers.set("Content-Type", body.content_type);
  return out;
}

Result<void> decode_rest_response(Wire wire, const Operation& operation, const http::Response& response, void* reply) {
  const Shape& shape = operation.output();
  for (const Member& m : shape.members) {
    switch (m.place) {
      case Place::header:
        CHECK(read_header(response.head.headers, m, reply));
        break;
      case Place::header_prefix:
        CHECK(read_header_prefix(response.head.headers, m, reply));
        break;
      case Place::status:
        CHECK(store_integer(response.head.status, make_present(m, reply), m.name));
        break;
      default:
        break;
    }
  }
  return read_body(wire, response.body, shape, reply);
}

}  // namespace pds::aws
