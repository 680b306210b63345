#include "podinfo/trace/proto_writer.h"

#include <bit>

namespace pds::podinfo::trace {
namespace {

enum WireType { type_varint = 0, type_fixed64 = 1, type_bytes = 2, type_fixed32 = 5 };

template <class Number>
void append_little_endian(std::string& out, Number value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i));
}

}  // namespace

void ProtoWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
  out_ += static_cast<char>(value);
}

void ProtoWriter::tag(int field, int wire_type) { varint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(wire_type)); }

void ProtoWriter::integer(int field, uint64_t value) {
  tag(field, type_varint);
  varint(value);
}

void ProtoWriter::fixed64(int field, uint64_t value) {
  tag(field, type_fixed64);
  append_little_endian(out_, value);
}

void ProtoWriter::fixed32(int field, uint32_t value) {
  tag(field, type_fixed32);
  append_little_endian(out_, value);
}

void ProtoWriter::real(int field, double value) { fixed64(field, std::bit_cast<uint64_t>(value)); }

void ProtoWriter::bytes(int field, std::string_view value) {
  tag(field, type_bytes);
  varint(value.size());
  out_ += value;
}

}  // namespace pds::podinfo::trace
