#include <fmt/core.h>

#include <vector>

#include "aws/codec.h"
#include "aws/scalar.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr size_t violations_max = 8;  // told at once
constexpr size_t shown_value_bytes_max = 256;

enum class Fault : uint8_t { missing, too_small, too_large };

struct Violation {
  Fault fault;
  std::string path;   // "tags.1.member.key" or, for EC2, "TagSpecification.1.ResourceType"
  std::string value;  // as text; empty for containers
  bool is_length;
  bool is_sensitive;
  int64_t bound = 0;
};

// Characters, not bytes: AWS counts text so.
int64_t characters(std::string_view text) {
  int64_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

struct Measure {
  int64_t amount = 0;
  bool is_length = true;
  bool is_measured = true;
};
Measure measure(const Present& v) {
  switch (v.type->kind) {
    case Kind::integer:
      return {*static_cast<const int*>(v.data), false};
    case Kind::long_integer:
      return {*static_cast<const int64_t*>(v.data), false};
    case Kind::string:
      return {characters(*static_cast<const std::string*>(v.data))};
    case Kind::blob:
      return {static_cast<int64_t>(static_cast<const Blob*>(v.data)->bytes.size())};
    case Kind::list:
    case Kind::map:
      return {static_cast<int64_t>(v.type->count(v.data))};
    default:
      return {0, true, false};
  }
}

// Goes through a value. Where it is stands as steps, and becomes a text only where something is wrong there.
class Walk {
 public:
  explicit Walk(bool ec2) : ec2_(ec2) {}
  std::vector<Violation> violations;

  void structure(const Shape& shape, const void* value, size_t depth) {
    if (depth > shape_depth_max) return;  // the codecs refuse such documents before
    for (const Member& m : shape.members) {
      Step here(*this, {.member = &m});
      member(m, present(m, value), depth);
    }
  }

 private:
  // One of three: a member, a list's element (from 1), a map's value.
  struct Place {
    const Member* member = nullptr;
    size_t number = 0;
    const std::string* key = nullptr;
  };
  class Step {
   public:
    Step(Walk& walk, Place place) : walk_(walk) { walk_.places_.push_back(place); }
    ~Step() { walk_.places_.pop_back(); }
    Step(const Step&) = delete;

   private:
    Walk& walk_;
  };

  std::string name_of(const Member& m) const {
    std::string name = ec2_ && m.parameter_name ? m.parameter_name : m.name;
    char& first = name[0];
    if (ec2_ && first >= 'a' && first <= 'z') first = static_cast<char>(first - 32);
    if (!ec2_ && first >= 'A' && first <= 'Z') first = static_cast<char>(first + 32);
    return name;
  }

  std::string path() const {
    std::string text;
    for (const Place& place : places_) {
      if (!text.empty()) text += '.';
      if (place.member)
        text += name_of(*place.member);
      else if (place.key)
        text.append(*place.key).append(".member");
      else
        text.append(std::to_string(place.number)).append(ec2_ ? "" : ".member");
    }
    return text;
  }

  void member(const Member& m, const Present& v, size_t depth) {
    // A plain member that is empty or zero cannot be told from one that was not sent.
    bool is_optional = m.type->kind == Kind::optional;
    bool absent = !v.data || (!is_optional && (is_empty(v) || is_zero(v)));
    if (absent) {
      bool is_plain_number = !is_optional && v.data && !is_empty(v);
      if (m.is_required && !is_plain_number) add({Fault::missing, path(), "", true, m.is_sensitive});
      return;
    }
    bounds(m, v);
    below(v, depth);
  }

  static bool is_zero(const Present& v) {
    if (v.type->kind == Kind::integer) return *static_cast<const int*>(v.data) == 0;
    return v.type->kind == Kind::long_integer && *static_cast<const int64_t*>(v.data) == 0;
  }

  void bounds(const Member& m, const Present& v) {
    Measure found = measure(v);
    if (!found.is_measured || (found.amount >= m.least && found.amount <= m.most)) return;
    bool small = found.amount < m.least;
    std::string text = is_container(*v.type) ? "" : scalar_text(v, m.time_format);
    if (text.size() > shown_value_bytes_max) text = text.substr(0, shown_value_bytes_max) + "...";
    add({small ? Fault::too_small : Fault::too_large, path(), text, found.is_length, m.is_sensitive, small ? m.least : m.most});
  }

  void below(const Present& v, size_t depth) {
    if (v.type->kind == Kind::structure) {
      structure(v.type->shape(), v.data, depth + 1);
    } else if (v.type->kind == Kind::list) {
      const Type* element = v.type->element;
      while (element->kind == Kind::optional) element = element->element;
      if (element->kind != Kind::structure && element->kind != Kind::list) return;
      for (size_t i = 0; i < v.type->count(v.data) && violations.size() < violations_max; ++i) {
        Step here(*this, {.number = i + 1});
        if (Present e = present(*v.type->element, v.type->list_at(v.data, i)); e.data) below(e, depth + 1);
      }
    } else if (v.type->kind == Kind::map) {
      std::tuple<Walk*, const Type*, size_t> context{this, v.type->element, depth + 1};
      v.type->map_each(v.data, &context, [](void* c, const std::string& key, const void* data) {
        auto& [walk, element, level] = *static_cast<std::tuple<Walk*, const Type*, size_t>*>(c);
        Step here(*walk, {.key = &key});
        if (Present e = present(*element, data); e.data) walk->below(e, level);
      });
    }
  }

  void add(Violation violation) {
    if (violations.size() < violations_max) violations.push_back(std::move(violation));
  }

  bool ec2_;
  std::vector<Place> places_;
};

std::string constraint(const Violation& v) {
  if (v.fault == Fault::missing) return "Member must not be null";
  return fmt::format("Member must have {} {} than or equal to {}", v.is_length ? "length" : "value",
                     v.fault == Fault::too_small ? "greater" : "less", v.bound);
}

std::string sentence(const Violation& v) {
  std::string value = v.is_sensitive ? "" : v.fault == Fault::missing ? " null" : fmt::format(" '{}'", v.value);
  return fmt::format("Value{} at '{}' failed to satisfy constraint: {}", value, v.path, constraint(v));
}

std::unexpected<Error> smithy_error(const char* code, const std::vector<Violation>& violations) {
  std::string message = fmt::format("{} validation error{} detected: ", violations.size(), violations.size() == 1 ? "" : "s");
  for (size_t i = 0; i < violations.size(); ++i) message.append(i ? "; " : "").append(sentence(violations[i]));
  return fail(code, message);
}

std::unexpected<Error> ec2_error(const Violation& v) {
  if (v.fault == Fault::missing) return fail("MissingParameter", fmt::format("The request must contain the parameter {}", v.path));
  return fail("InvalidParameterValue", fmt::format("Value{} for parameter {} is invalid. {}.",
                                                   v.is_sensitive ? "" : " (" + v.value + ")", v.path, constraint(v)));
}

std::unexpected<Error> s3_error(const Violation& v) {
  if (v.fault == Fault::missing) return fail("InvalidRequest", fmt::format("Missing required parameter: {}", v.path));
  return fail("InvalidArgument", fmt::format("{}: {}", v.path, constraint(v)));
}

}  // namespace

Result<void> validate(const ServiceInfo& service, const Shape& shape, const void* value) {
  Walk walk(service.protocol == Protocol::ec2);
  walk.structure(shape, value, 0);
  if (walk.violations.empty()) return {};
  switch (service.protocol) {
    case Protocol::ec2:
      return ec2_error(walk.violations.front());
    case Protocol::rest_xml:
      return s3_error(walk.violations.front());
    case Protocol::query:
      return smithy_error("ValidationError", walk.violations);
    case Protocol::json:
    case Protocol::rest_json:
      break;
  }
  return smithy_error("ValidationException", walk.violations);
}

}  // namespace pds::aws
