#include "aws/codec_cbor.h"

#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "aws/codec.h"
#include "aws/scalar.h"
#include "base/text.h"

namespace pds::aws {
namespace {

enum Major : uint8_t {
  unsigned_number = 0,
  negative_number = 1,
  byte_string = 2,
  text_string = 3,
  array = 4,
  map = 5,
  tag = 6,
  simple = 7
};

constexpr uint8_t indefinite_map = 0xBF, end_of_indefinite = 0xFF, float64 = 0xFB;
constexpr uint64_t epoch_tag = 1;
constexpr uint8_t value_false = 20, value_true = 21, value_null = 22, value_undefined = 23;

struct Writer {
  bool for_request;
  std::string& out;

  void head(Major major, uint64_t argument) {
    auto first = [&](uint8_t low) { out += static_cast<char>(major << 5 | low); };
    int bytes = argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFF'FFFF ? 4 : 8;
    if (bytes == 0) return first(static_cast<uint8_t>(argument));
    first(static_cast<uint8_t>(bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27));
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(argument >> shift & 0xFF);
  }
  void text(std::string_view s) {
    head(text_string, s.size());
    out += s;
  }
  void integer(int64_t n) {
    if (n >= 0)
      head(unsigned_number, static_cast<uint64_t>(n));
    else
      head(negative_number, ~static_cast<uint64_t>(n));
  }
  void real(double d) {
    out += static_cast<char>(float64);
    auto bits = std::bit_cast<uint64_t>(d);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
  }

  // Of indefinite length, so that members need not be counted first.
  void structure(const Shape& shape, const void* value) {
    out += static_cast<char>(indefinite_map);
    for (const Member& m : shape.members) {
      Present v = present(m, value);
      if (!v.data) continue;
      bool may_omit = m.is_omit_empty || (for_request && is_container(*v.type));
      if (may_omit && m.type->kind != Kind::optional && is_empty(v)) continue;
      text(m.name);
      write(v);
    }
    out += static_cast<char>(end_of_indefinite);
  }

  void list(const Present& v) {
    size_t count = v.type->count(v.data);
    head(array, count);
    for (size_t i = 0; i < count; ++i) write(present(*v.type->element, v.type->list_at(v.data, i)));
  }

  void entries(const Present& v) {
    head(map, v.type->count(v.data));
    struct Context {
      Writer& writer;
      const Type& element;
    } context{*this, *v.type->element};
    v.type->map_each(v.data, &context, [](void* c, const std::string& key, const void* data) {
      auto& [writer, type] = *static_cast<Context*>(c);
      writer.text(key);
      writer.write(present(type, data));
    });
  }

  void write(const Present& v) {
    if (!v.data) return head(simple, value_null);
    switch (v.type->kind) {
      case Kind::structure:
        return structure(v.type->shape(), v.data);
      case Kind::list:
        return list(v);
      case Kind::map:
        return entries(v);
      case Kind::boolean:
        return head(simple, *static_cast<const bool*>(v.data) ? value_true : value_false);
      case Kind::integer:
        return integer(*static_cast<const int*>(v.data));
      case Kind::long_integer:
        return integer(*static_cast<const int64_t*>(v.data));
      case Kind::real:
        return real(*static_cast<const double*>(v.data));
      case Kind::timestamp:
        head(tag, epoch_tag);
        return real(to_epoch_seconds(*static_cast<const Timestamp*>(v.data)));
      case Kind::blob: {
        const std::string& bytes = static_cast<const Blob*>(v.data)->bytes;
        head(byte_string, bytes.size());
        out += bytes;
        return;
      }
      default:
        text(scalar_text(v, TimeFormat::by_protocol));
    }
  }
};

// One item's first bytes.
struct Head {
  Major major;
  uint64_t argument = 0;  // a length, a number, a tag; of floats the bits
  uint8_t low = 0;        // the five low bits: which simple value, which width of a float
  bool indefinite = false;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Result<void> document(const Shape& shape, void* value) {
    TRY(Head first, head());
    if (first.major != map) return bad("a map is expected");
    CHECK(structure(first, shape, value, 1));
    if (pos_ != bytes_.size()) return bad("nothing may follow the map");
    return {};
  }

 private:
  std::unexpected<Error> bad(std::string_view what) const {
    return fail("SerializationException", fmt::format("not valid CBOR at byte {}: {}", pos_, what));
  }

  Result<Head> head() {
    if (pos_ >= bytes_.size()) return bad("cut short");
    auto first = static_cast<uint8_t>(bytes_[pos_++]);
    Head h{static_cast<Major>(first >> 5), 0, static_cast<uint8_t>(first & 31)};
    if (h.low < 24) {
      h.argument = h.low;
    } else if (h.low < 28) {
      size_t size = size_t{1} << (h.low - 24);
      if (bytes_.size() - pos_ < size) return bad("cut short");
      for (size_t i = 0; i < size; ++i) h.argument = h.argument << 8 | static_cast<uint8_t>(bytes_[pos_++]);
    } else if (h.low == 31 && ((h.major >= byte_string && h.major <= map) || h.major == simple)) {
      h.indefinite = true;
    } else {
      return bad("a reserved form");
    }
    return h;
  }

  static bool is_break(const Head& h) { return h.major == simple && h.indefinite; }
  static bool is_null(const Head& h) {
    return h.major == simple && !h.indefinite && (h.low == value_null || h.low == value_undefined);
  }

  // Calls visit() for each element of an array or entry of a map; visit reads it whole, from its head on.
  Result<void> each(const Head& container, size_t depth, auto visit) {
    if (depth > shape_depth_max) return bad(fmt::format("nested deeper than {} levels", shape_depth_max));
    for (uint64_t i = 0; container.indefinite || i < container.argument; ++i) {
      if (i >= list_elements_max) return bad(fmt::format("more than {} elements", list_elements_max));
      TRY(Head next, head());
      if (container.indefinite && is_break(next)) return {};
      CHECK(visit(next));
    }
    return {};
  }

  Result<std::string> string(const Head& h, Major major) {
    if (h.major != major) return bad(major == text_string ? "a text string is expected" : "a byte string is expected");
    std::string out;
    if (!h.indefinite) {
      CHECK(chunk(h, out));
    } else {
      while (true) {
        TRY(Head part, head());
        if (is_break(part)) break;
        if (part.major != major || part.indefinite) return bad("a piece of a string is expected");
        CHECK(chunk(part, out));
      }
    }
    if (major == text_string && !is_utf8(out)) return bad("a text string that is not UTF-8");
    return out;
  }
  Result<void> chunk(const Head& h, std::string& out) {
    if (h.argument > bytes_.size() - pos_) return bad("a string longer than the document");
    out.append(bytes_, pos_, h.argument);
    pos_ += h.argument;
    return {};
  }

  Result<void> skip(const Head& h, size_t depth) {
    switch (h.major) {
      case byte_string:
      case text_string: {
        TRY(std::string unused, string(h, h.major));
        return {};
      }
      case array:
        return each(h, depth, [&](const Head& e) { return skip(e, depth + 1); });
      case map:
        return each(h, depth, [&](const Head& key) -> Result<void> {
          CHECK(skip(key, depth + 1));
          TRY(Head value, head());
          return skip(value, depth + 1);
        });
      case tag: {
        if (depth > shape_depth_max) return bad("too many tags");
        TRY(Head inner, head());
        return skip(inner, depth + 1);
      }
      default:
        return is_break(h) ? Result<void>(bad("a break outside")) : Result<void>();
    }
  }

  Result<void> structure(const Head& h, const Shape& shape, void* value, size_t depth) {
    return each(h, depth, [&](const Head& key_head) -> Result<void> {
      TRY(std::string key, string(key_head, text_string));
      TRY(Head item, head());
      for (const Member& m : shape.members) {
        if (key != m.name) continue;
        if (is_null(item)) return {};
        return read(item, make_present(m, value), m.name, depth);
      }
      return skip(item, depth + 1);
    });
  }

  static std::optional<double> real_of(const Head& h) {
    if (h.major == unsigned_number) return static_cast<double>(h.argument);
    if (h.major == negative_number) return -1.0 - static_cast<double>(h.argument);
    if (h.major != simple) return std::nullopt;
    if (h.low == 27) return std::bit_cast<double>(h.argument);
    if (h.low == 26) return std::bit_cast<float>(static_cast<uint32_t>(h.argument));
    if (h.low == 25) return half(static_cast<uint16_t>(h.argument));
    return std::nullopt;
  }
  static double half(uint16_t bits) {
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double value = exponent == 0    ? std::ldexp(mantissa, -24)
                   : exponent != 31 ? std::ldexp(mantissa + 1024, exponent - 25)
                   : mantissa == 0  ? INFINITY
                                    : NAN;
    return bits & 0x8000 ? -value : value;
  }

  static Result<void> integer(const Head& h, const Room& into, const char* where) {
    bool is_number = h.major == unsigned_number || h.major == negative_number;
    if (!is_number || h.argument > static_cast<uint64_t>(INT64_MAX)) return wrong_type(where, "an integer");
    auto magnitude = static_cast<int64_t>(h.argument);
    return store_integer(h.major == unsigned_number ? magnitude : -1 - magnitude, into, where);
  }

  Result<void> time(const Head& h, const Room& into, const char* where) {
    if (h.major != tag || h.argument != epoch_tag) return wrong_type(where, "a time");
    TRY(Head number, head());
    std::optional<double> seconds = real_of(number);
    if (!seconds) return wrong_type(where, "a time");
    *static_cast<Timestamp*>(into.data) = from_epoch_seconds(*seconds);
    return {};
  }

  Result<void> entries(const Head& h, const Room& into, const char* where, size_t depth) {
    return each(h, depth, [&](const Head& key_head) -> Result<void> {
      TRY(std::string key, string(key_head, text_string));
      TRY(Head item, head());
      if (is_null(item)) return {};
      return read(item, make_present(*into.type->element, into.type->map_insert(into.data, key)), where, depth);
    });
  }

  Result<void> read(const Head& h, const Room& into, const char* where, size_t depth) {
    if (is_unsupported(*into.type)) return skip(h, depth + 1);
    switch (into.type->kind) {
      case Kind::structure:
        if (h.major != map) return wrong_type(where, "an object");
        return structure(h, into.type->shape(), into.data, depth + 1);
      case Kind::list:
        if (h.major != array) return wrong_type(where, "a list");
        return each(h, depth + 1, [&](const Head& e) {
          return read(e, make_present(*into.type->element, into.type->list_append(into.data)), where, depth + 1);
        });
      case Kind::map:
        if (h.major != map) return wrong_type(where, "an object");
        return entries(h, into, where, depth + 1);
      case Kind::boolean:
        if (h.major != simple || (h.low != value_true && h.low != value_false)) return wrong_type(where, "true or false");
        *static_cast<bool*>(into.data) = h.low == value_true;
        return {};
      case Kind::integer:
      case Kind::long_integer:
        return integer(h, into, where);
      case Kind::real: {
        std::optional<double> number = real_of(h);
        if (!number) return wrong_type(where, "a number");
        *static_cast<double*>(into.data) = *number;
        return {};
      }
      case Kind::timestamp:
        return time(h, into, where);
      case Kind::blob: {
        TRY(static_cast<Blob*>(into.data)->bytes, string(h, byte_string));
        return {};
      }
      default: {
        if (h.major != text_string) return wrong_type(where, "a string");
        TRY(std::string text, string(h, text_string));
        return scalar_from_text(text, into, TimeFormat::by_protocol, where);
      }
    }
  }

  std::string_view bytes_;
  size_t pos_ = 0;
};

struct ErrorBody {
  std::string type, message, other_message;
};
PDS_SHAPE(ErrorBody, FIELD(type, "__type"), FIELD(message, "message").omit_empty(), FIELD(other_message, "Message").omit_empty())

}  // namespace

void write_cbor(const Shape& shape, const void* value, bool for_request, std::string& out) {
  Writer{for_request, out}.structure(shape, value);
}

Result<void> read_cbor(std::string_view bytes, const Shape& shape, void* value) {
  if (bytes.empty()) return {};
  return Reader(bytes).document(shape, value);
}

std::string write_cbor_error(const CborError& error) {
  ErrorBody body{error.type, error.message, ""};
  std::string out;
  write_cbor(shape_of(&body), &body, false, out);
  return out;
}

Result<CborError> read_cbor_error(std::string_view bytes) {
  ErrorBody body;
  CHECK(read_cbor(bytes, shape_of(&body), &body));
  return CborError{std::move(body.type), body.message.empty() ? std::move(body.other_message) : std::move(body.message)};
}

}  // namespace pds::aws
