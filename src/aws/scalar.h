// What all codecs share: values behind optionals, and scalars as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace pds::aws {

// A value that is there: the type without its optionals, and where it lies. Null data: absent.
struct Present {
  const Type* type;
  const void* data;
};
Present present(const Type& type, const void* value);
inline Present present(const Member& member, const void* structure) {
  return present(*member.type, static_cast<const char*>(structure) + member.offset);
}

// Makes room behind optionals and returns where the value itself goes.
struct Room {
  const Type* type;
  void* data;
};
Room make_present(const Type& type, void* value);
inline Room make_present(const Member& member, void* structure) {
  return make_present(*member.type, static_cast<char*>(structure) + member.offset);
}

bool is_container(const Type& type);    // a list or a map
bool is_empty(const Present& value);    // "", [], {}, no bytes; never a number
bool is_unsupported(const Type& type);  // aws::Unsupported: any form of it is accepted, and then refused

// Times: `format` when it says one, else the protocol's own.
std::string time_text(Timestamp t, TimeFormat format);
Result<Timestamp> time_from_text(std::string_view text, TimeFormat format);  // by_protocol: whichever of the three it looks like
std::string epoch_text(Timestamp t);                                         // "1795460683.123"; exact

// boolean, integer, long_integer, real, string, blob (base64), timestamp, json
std::string scalar_text(const Present& value, TimeFormat format);
// The error is SerializationException naming `where`.
Result<void> scalar_from_text(std::string_view text, const Room& into, TimeFormat format, std::string_view where);

std::unexpected<Error> wrong_type(std::string_view where, std::string_view expected);
Result<void> store_integer(int64_t number, const Room& into, std::string_view where);  // range-checked into int or int64_t

}  // namespace pds::aws
