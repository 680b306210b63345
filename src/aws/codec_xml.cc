#include "aws/codec_xml.h"

#include <fmt/core.h>

#include "aws/codec.h"
#include "aws/scalar.h"

namespace pds::aws {
namespace {

struct Writer {
  const char* list_element;
  bool for_request;
  XmlWriter& xml;

  void value(const Present& v, TimeFormat format, const char* element_name) {
    switch (v.type->kind) {
      case Kind::structure:
        return write_xml(v.type->shape(), v.data, list_element, for_request, xml);
      case Kind::list:
        return list(v, format, element_name ? element_name : list_element);
      case Kind::map:
        return map(v, format, "entry");
      default:
        xml.text(scalar_text(v, format));
    }
  }

  // One element per list element, all of this name.
  void list(const Present& v, TimeFormat format, const char* name) {
    for (size_t i = 0; i < v.type->count(v.data); ++i) {
      Present element = present(*v.type->element, v.type->list_at(v.data, i));
      if (!element.data) continue;
      xml.open(name);
      value(element, format, nullptr);
      xml.close(name);
    }
  }

  void map(const Present& v, TimeFormat format, const char* name) {
    struct Context {
      Writer& writer;
      const Type& element;
      TimeFormat format;
      const char* name;
    } context{*this, *v.type->element, format, name};
    v.type->map_each(v.data, &context, [](void* c, const std::string& key, const void* data) {
      auto& [writer, type, time_format, entry] = *static_cast<Context*>(c);
      Present element = present(type, data);
      if (!element.data) return;
      writer.xml.open(entry);
      writer.xml.element("key", key);
      writer.xml.open("value");
      writer.value(element, time_format, nullptr);
      writer.xml.close("value");
      writer.xml.close(entry);
    });
  }

  void member(const Member& m, const Present& v) {
    if (m.is_flattened && v.type->kind == Kind::list) return list(v, m.time_format, m.name);
    if (m.is_flattened && v.type->kind == Kind::map) return map(v, m.time_format, m.name);
    xml.open(m.name);
    value(v, m.time_format, m.element_name);
    xml.close(m.name);
  }
};

struct Reader {
  const char* list_element;

  Result<void> structure(const XmlElement& from, const Shape& shape, void* value, size_t depth) const {
    if (depth > shape_depth_max)
      return fail("MalformedXML", fmt::format("{} is nested deeper than {} levels", shape.name, shape_depth_max));
    for (const Member& m : shape.members) {
      if (m.place != Place::body) continue;
      if (m.is_attribute)
        CHECK(attribute(from, m, value));
      else if (m.is_flattened)
        CHECK(flattened(from, m, value, depth));
      else if (const XmlElement* child = from.find(m.name))
        CHECK(read(*child, make_present(m, value), m.time_format, m.element_name, m.name, depth));
    }
    return {};
  }

  static Result<void> attribute(const XmlElement& from, const Member& m, void* value) {
    for (const auto& [name, text] : from.attributes)
      if (name == m.name) CHECK(scalar_from_text(text, make_present(m, value), m.time_format, m.name));
    return {};
  }

  // Each child of that name is an element of the list (or an entry of the map).
  Result<void> flattened(const XmlElement& from, const Member& m, void* value, size_t depth) const {
    if (!from.find(m.name)) return {};
    Room room = make_present(m, value);
    return elements(from, room, m.time_format, m.name, m.name, depth);
  }

  Result<void> elements(const XmlElement& from, const Room& into, TimeFormat format, const char* name, const char* where,
                        size_t depth) const {
    size_t count = 0;
    for (const XmlElement& child : from.children) {
      if (child.name != name) continue;
      if (++count > list_elements_max) return wrong_type(where, fmt::format("a list of at most {} elements", list_elements_max));
      if (into.type->kind == Kind::map)
        CHECK(entry(child, into, format, where, depth));
      else
        CHECK(read(child, make_present(*into.type->element, into.type->list_append(into.data)), format, nullptr, where, depth + 1));
    }
    return {};
  }

  Result<void> entry(const XmlElement& from, const Room& into, TimeFormat format, const char* where, size_t depth) const {
    const XmlElement *key = from.find("key"), *value = from.find("value");
    if (!key || !value) return wrong_type(where, "a map of entries with key and value");
    return read(*value, make_present(*into.type->element, into.type->map_insert(into.data, key->text)), format, nullptr, where,
                depth + 1);
  }

  Result<void> read(const XmlElement& from, const Room& into, TimeFormat format, const char* element_name, const char* where,
                    size_t depth) const {
    switch (into.type->kind) {
      case Kind::structure:
        return structure(from, into.type->shape(), into.data, depth + 1);
      case Kind::list:
        return elements(from, into, format, element_name ? element_name : list_element, where, depth + 1);
      case Kind::map:
        return elements(from, into, format, "entry", where, depth + 1);
      default:
        return scalar_from_text(from.text, into, format, where);
    }
  }
};

}  // namespace

void write_xml(const Shape& shape, const void* value, const char* list_element, bool for_request, XmlWriter& writer) {
  for (const Member& m : shape.members)
    if (Present v = present(m, value); m.place == Place::body && m.is_attribute && v.data)
      writer.attribute(m.name, scalar_text(v, m.time_format));
  Writer walk{list_element, for_request, writer};
  for (const Member& m : shape.members) {
    Present v = present(m, value);
    if (m.place != Place::body || m.is_attribute || !v.data) continue;
    bool may_omit = m.is_omit_empty || (for_request && is_container(*v.type));
    if (may_omit && m.type->kind != Kind::optional && is_empty(v)) continue;
    walk.member(m, v);
  }
}

Result<void> read_xml(const XmlElement& element, const Shape& shape, void* value, const char* list_element) {
  return Reader{list_element}.structure(element, shape, value, 0);
}

}  // namespace pds::aws
