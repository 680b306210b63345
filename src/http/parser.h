// The heads of HTTP/1.1 messages, as machines that eat lines. Input may be split anywhere: a machine takes the whole lines it finds
// and leaves the rest, which the caller offers again with more behind it.
//
// Strict by RFC 9112, and stricter where leniency has let two parsers disagree about where a message ends: bare CR or LF, folded
// lines, space before a colon, repeated or malformed Content-Length, and Transfer-Encoding beside it are all refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/message.h"

namespace pds::http {

enum class Progress : uint8_t { need_more, done, failed };

// Where a body ends.
struct Framing {
  enum Kind : uint8_t { none, sized, chunked, until_close } kind = none;
  uint64_t length = 0;  // when sized
};

struct ParseFailure {
  int status = 0;           // what a server answers; a client only looks whether it is 0
  std::string_view reason;  // for people
};

// Field lines, of a head or of trailers, and what they say about the message.
class FieldParser {
 public:
  explicit FieldParser(const Limits& limits) : limits_(limits) {}
  void reset();
  // One line without its CRLF, not empty. False when refused.
  bool line(std::string_view line, Headers& into, ParseFailure& failure);
  // The same for one that is known to hold no control characters but tabs.
  bool plain_line(std::string_view line, Headers& into, ParseFailure& failure);

  int hosts = 0;
  int content_lengths = 0;
  uint64_t content_length = 0;
  int transfer_encodings = 0;  // codings, over all fields
  int chunked_codings = 0;
  bool chunked_is_last = false;
  bool connection_close = false;
  bool connection_keep_alive = false;
  bool expects_continue = false;
  bool expects_other = false;
  bool bad_host = false;

 private:
  bool note(FieldName name, std::string_view value, ParseFailure& failure);
  bool note_transfer_encoding(std::string_view value, ParseFailure& failure);
  void note_connection(std::string_view value);
  Limits limits_;
  size_t bytes_ = 0;
  size_t count_ = 0;
};

// What request and response heads have in common: a first line, fields, an empty line.
class HeadParser {
 public:
  explicit HeadParser(const Limits& limits) : limits_(limits), fields_(limits) {}
  virtual ~HeadParser() = default;
  // Takes whole lines from `input`, which starts where the last call's `consumed` ended. After done or failed, reset.
  Progress feed(std::string_view input, size_t& consumed);
  const ParseFailure& failure() const { return failure_; }
  const Framing& framing() const { return framing_; }
  bool keep_alive() const { return keep_alive_; }
  const FieldParser& fields() const { return fields_; }

 protected:
  virtual bool first_line(std::string_view line) = 0;
  virtual bool finish() = 0;  // all fields are there: decide the framing
  virtual Headers& headers() = 0;
  virtual int first_line_too_long_status() const = 0;
  virtual ParseFailure control_in_first_line(std::string_view before) const = 0;  // a control character that stands behind this
  void reset_base();
  bool refuse(int status, std::string_view reason) {
    failure_ = {status, reason};
    return false;
  }
  bool decide_length_framing();  // chunked or sized, when the fields say so
  Limits limits_;
  FieldParser fields_;
  Framing framing_;
  ParseFailure failure_;
  bool keep_alive_ = true;

 private:
  Progress too_long();
  bool take_line(std::string_view line);
  bool in_fields_ = false;
  bool skipped_empty_line_ = false;
  size_t scanned_ = 0;  // of the unfinished line: no line end in there
};

class RequestParser final : public HeadParser {
 public:
  using HeadParser::HeadParser;
  void reset();
  RequestHead head;

 private:
  bool first_line(std::string_view line) override;
  bool finish() override;
  bool check_target();
  bool check_transfer_encoding();
  Headers& headers() override { return head.headers; }
  int first_line_too_long_status() const override { return 414; }
  ParseFailure control_in_first_line(std::string_view before) const override;
};

class ResponseParser final : public HeadParser {
 public:
  using HeadParser::HeadParser;
  // Which request this answers decides whether there is a body.
  void reset(bool answers_head, bool answers_connect);
  ResponseHead head;

 private:
  bool first_line(std::string_view line) override;
  bool finish() override;
  Headers& headers() override { return head.headers; }
  int first_line_too_long_status() const override { return 502; }
  ParseFailure control_in_first_line(std::string_view before) const override;
  bool answers_head_ = false;
  bool answers_connect_ = false;
};

bool is_token(std::string_view text);        // RFC 9110 5.6.2; not empty
bool is_field_value(std::string_view text);  // no controls but tab
bool is_target(std::string_view text, bool wide = false);   // printable ASCII but "#"; wide: bytes above it, too; not empty
bool is_authority(std::string_view text);    // what may stand in Host: no user, no path; may be empty

}  // namespace pds::http
