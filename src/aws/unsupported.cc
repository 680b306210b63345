#include "aws/unsupported.h"

namespace pds::aws {

namespace {

// The path below `value`: empty when `value` itself is what we do not do, nothing when all is well.
std::optional<std::string> search(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::optional: {
      const void* inner = type.optional_get(value);
      if (!inner) return std::nullopt;
      if (type.element == type_of<Unsupported>()) return "";
      return search(*type.element, inner);
    }
    case Kind::list:
      for (size_t i = 0; i < type.count(value); ++i)
        if (auto found = search(*type.element, type.list_at(value, i))) return found;
      return std::nullopt;
    case Kind::structure:
      return find_unsupported(type.shape(), value);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> find_unsupported(const Shape& shape, const void* value) {
  for (const Member& member : shape.members) {
    std::optional<std::string> found = search(*member.type, static_cast<const char*>(value) + member.offset);
    if (found) return found->empty() ? std::string(member.name) : std::string(member.name) + "." + *found;
  }
  return std::nullopt;
}

}  // namespace pds::aws
