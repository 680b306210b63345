// Writes protocol buffers, field by field, in the order of the calls. Reading them is not needed here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pds::podinfo::trace {

class ProtoWriter {
 public:
  void integer(int field, uint64_t value);
  void fixed64(int field, uint64_t value);
  void fixed32(int field, uint32_t value);
  void real(int field, double value);
  void bytes(int field, std::string_view value);  // texts and messages, too
  void message(int field, const ProtoWriter& value) { bytes(field, value.out_); }
  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void tag(int field, int wire_type);
  void varint(uint64_t value);
  std::string out_;
};

}  // namespace pds::podinfo::trace
