// The chunked transfer coding, undone. Input may be split anywhere; data comes out as views of the input, not copied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/parser.h"

namespace pds::http {

class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(const Limits& limits) : limits_(limits), fields_(limits) {}
  void reset();

  struct Step {
    Progress progress = Progress::need_more;
    size_t consumed = 0;    // bytes of the input that are done with
    std::string_view data;  // within the consumed bytes; when not empty, call again with the rest
  };
  Step feed(std::string_view input);

  const Headers& trailers() const { return trailers_; }
  const ParseFailure& failure() const { return failure_; }

 private:
  enum State : uint8_t { size_first, size, extension, size_lf, data, data_cr, data_lf, trailer, trailer_lf, finished, broken };
  bool take_control_byte(char byte);
  bool end_trailer_line();
  bool refuse(int status, std::string_view reason) {
    failure_ = {status, reason};
    state_ = broken;
    return false;
  }
  Limits limits_;
  FieldParser fields_;
  Headers trailers_;
  std::string line_;   // of the trailers, unfinished
  uint64_t left_ = 0;  // of the chunk
  size_t line_bytes_ = 0;
  size_t extension_bytes_ = 0;  // of all chunks
  State state_ = size_first;
  ParseFailure failure_;
};

}  // namespace pds::http
