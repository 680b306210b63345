#include "aws/codec_query.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/codec.h"
#include "aws/scalar.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr size_t parameter_name_parts_max = 2 * shape_depth_max;

// How a member is called in a request.
std::string parameter_name(const Member& m, QueryDialect dialect) {
  if (m.parameter_name) return m.parameter_name;
  std::string name = m.name;
  if (dialect == QueryDialect::ec2 && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

// What stands between a list's name and the number of an element; null: nothing.
const char* list_part(const Member* m, QueryDialect dialect) {
  if (dialect == QueryDialect::ec2 || (m && m->is_flattened)) return nullptr;
  return m && m->element_name ? m->element_name : "member";
}

// Calls visit(child) in the order of the numbers; AWS accepts gaps.
Result<void> each_numbered(const QueryNode& node, std::string_view where, auto visit) {
  std::vector<std::pair<int64_t, const QueryNode*>> numbered;
  for (const auto& [name, child] : node.children) {
    std::optional<int64_t> number = parse_int(name);
    if (!number || *number < 0) return wrong_type(where, "a list: its elements are numbered from 1");
    numbered.emplace_back(*number, &child);
  }
  std::sort(numbered.begin(), numbered.end());
  for (const auto& [number, child] : numbered) CHECK(visit(*child));
  return {};
}

struct Reader {
  QueryDialect dialect;

  Result<void> structure(const QueryNode& from, const Shape& shape, void* value, size_t depth) const {
    if (depth > shape_depth_max)
      return fail("MalformedInput", fmt::format("{} is nested deeper than {} levels", shape.name, shape_depth_max));
    size_t found = 0;
    for (const Member& m : shape.members) {
      const QueryNode* child = from.find(parameter_name(m, dialect));
      if (!child) continue;
      ++found;
      CHECK(read(*child, &m, make_present(m, value), depth));
    }
    if (dialect == QueryDialect::ec2 && found < from.children.size()) return unknown(from, shape);
    return {};
  }

  // EC2 refuses what it does not know; the other services overlook it.
  Result<void> unknown(const QueryNode& from, const Shape& shape) const {
    for (const auto& [name, child] : from.children) {
      bool known = std::any_of(shape.members.begin(), shape.members.end(),
                               [&](const Member& m) { return parameter_name(m, dialect) == name; });
      if (!known) return fail("UnknownParameter", fmt::format("The parameter {} is not recognized", name));
    }
    return {};
  }

  Result<void> list(const QueryNode& from, const Member* m, const Room& into, size_t depth) const {
    const QueryNode* numbers = &from;
    if (const char* part = list_part(m, dialect); part && !from.children.empty()) {
      numbers = from.find(part);
      if (!numbers) return wrong_type(m ? m->name : "", fmt::format("a list of the form {}.N", part));
    }
    return each_numbered(*numbers, m ? m->name : "", [&](const QueryNode& child) {
      return read(child, nullptr, make_present(*into.type->element, into.type->list_append(into.data)), depth);
    });
  }

  Result<void> map(const QueryNode& from, const Member* m, const Room& into, size_t depth) const {
    bool flat = m && m->is_flattened;
    const QueryNode* numbers = flat || from.children.empty() ? &from : from.find("entry");
    if (!numbers) return wrong_type(m ? m->name : "", "a map of the form entry.N.key");
    return each_numbered(*numbers, m ? m->name : "", [&](const QueryNode& child) -> Result<void> {
      const QueryNode *key = child.find("key"), *value = child.find("value");
      if (!key || !key->text || !value) return wrong_type(m ? m->name : "", "a map: each entry has key and value");
      return read(*value, nullptr, make_present(*into.type->element, into.type->map_insert(into.data, *key->text)), depth);
    });
  }

  Result<void> read(const QueryNode& from, const Member* m, const Room& into, size_t depth) const {
    if (is_unsupported(*into.type)) return {};
    switch (into.type->kind) {
      case Kind::structure:
        return structure(from, into.type->shape(), into.data, depth + 1);
      case Kind::list:
        return list(from, m, into, depth + 1);
      case Kind::map:
        return map(from, m, into, depth + 1);
      default:
        break;
    }
    if (!from.text || !from.children.empty()) return wrong_type(m ? m->name : "", "a single value");
    return scalar_from_text(*from.text, into, m ? m->time_format : TimeFormat::by_protocol, m ? m->name : "an element");
  }
};

struct Writer {
  QueryDialect dialect;
  std::string& form;

  void parameter(const std::string& name, std::string_view text) {
    form.append("&").append(name).append("=").append(percent_encode(text));
  }

  void structure(const Shape& shape, const void* value, const std::string& prefix) {
    for (const Member& m : shape.members) {
      Present v = present(m, value);
      if (!v.data || (m.type->kind != Kind::optional && (is_container(*v.type) || m.is_omit_empty) && is_empty(v))) continue;
      write(v, &m, prefix + parameter_name(m, dialect));
    }
  }

  void list(const Present& v, const Member* m, std::string name) {
    size_t count = v.type->count(v.data);
    if (count == 0) return parameter(name, "");  // an empty list that is there
    if (const char* part = list_part(m, dialect)) name.append(".").append(part);
    for (size_t i = 0; i < count; ++i)
      write(present(*v.type->element, v.type->list_at(v.data, i)), nullptr, fmt::format("{}.{}", name, i + 1));
  }

  void map(const Present& v, const Member* m, std::string name) {
    if (!(m && m->is_flattened)) name += ".entry";
    struct Context {
      Writer& writer;
      const Type& element;
      const std::string& name;
      size_t number = 0;
    } context{*this, *v.type->element, name};
    v.type->map_each(v.data, &context, [](void* c, const std::string& key, const void* data) {
      auto& [writer, type, prefix, number] = *static_cast<Context*>(c);
      std::string entry = fmt::format("{}.{}", prefix, ++number);
      writer.parameter(entry + ".key", key);
      writer.write(present(type, data), nullptr, entry + ".value");
    });
  }

  void write(const Present& v, const Member* m, const std::string& name) {
    if (!v.data) return;
    switch (v.type->kind) {
      case Kind::structure:
        return structure(v.type->shape(), v.data, name + ".");
      case Kind::list:
        return list(v, m, name);
      case Kind::map:
        return map(v, m, name);
      default:
        parameter(name, scalar_text(v, m ? m->time_format : TimeFormat::by_protocol));
    }
  }
};

Result<void> insert(QueryNode& root, std::string_view name, std::string text) {
  QueryNode* node = &root;
  std::vector<std::string_view> parts = split(name, '.');
  if (parts.size() > parameter_name_parts_max) return fail("MalformedQueryString", "A parameter name has too many parts.");
  for (std::string_view part : parts) {
    auto it = node->children.find(part);
    node = it != node->children.end() ? &it->second : &node->children[std::string(part)];
  }
  if (node->text) return fail("InvalidParameterCombination", fmt::format("The parameter {} is given more than once", name));
  node->text = std::move(text);
  return {};
}

}  // namespace

const QueryNode* QueryNode::find(std::string_view name) const {
  auto it = children.find(name);
  if (it != children.end()) return &it->second;
  // A member whose parameter name has dots of its own.
  size_t dot = name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  it = children.find(name.substr(0, dot));
  return it == children.end() ? nullptr : it->second.find(name.substr(dot + 1));
}

Result<QueryNode> parse_query(std::string_view form) {
  QueryNode root;
  size_t count = 0;
  while (!form.empty()) {
    size_t end = std::min(form.find('&'), form.size());
    std::string_view pair = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    if (pair.empty()) continue;
    if (++count > query_parameters_max)
      return fail("MalformedQueryString", fmt::format("More than {} parameters", query_parameters_max));
    size_t equals = std::min(pair.find('='), pair.size());
    Result<std::string> name = percent_decode(pair.substr(0, equals), true);
    Result<std::string> text = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !text) return fail("MalformedQueryString", "The query string contains a syntax error");
    CHECK(insert(root, *name, std::move(*text)));
  }
  return root;
}

Result<void> read_query(const QueryNode& root, const Shape& shape, void* value, QueryDialect dialect) {
  return Reader{dialect}.structure(root, shape, value, 0);
}

void write_query(const Shape& shape, const void* value, QueryDialect dialect, std::string& form) {
  Writer{dialect, form}.structure(shape, value, "");
}

}  // namespace pds::aws
