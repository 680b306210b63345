// Heads between HTTP/2's fields and the form that everybody here knows.
//
// What nghttp2 refuses by itself (order and doubles of pseudo fields, upper case, fields about the connection, lengths that
// disagree) ends the stream with PROTOCOL_ERROR. What it lets pass and HTTP/1.1's parser would not is refused here with the same
// status.
#pragma once

#include <nghttp2/nghttp2.h>

#include <vector>

#include "http/message.h"
#include "http/parser.h"
#include "http/serialize.h"

namespace pds::http {

// Takes the fields of one block as they come. Values are checked against the limits before they are kept.
class H2HeadReader {
 public:
  void begin(const Limits& limits);
  void field(std::string_view name, std::string_view value);
  void refuse(int status, std::string_view reason) {
    if (failure_.status == 0) failure_ = {status, reason};
  }
  // Status 0: nothing is wrong.
  const ParseFailure& failure() const { return failure_; }
  std::optional<uint64_t> content_length() const { return content_length_; }

 protected:
  virtual ~H2HeadReader() = default;
  virtual Headers& headers() = 0;
  virtual void pseudo(std::string_view name, std::string_view value) = 0;
  virtual void regular(std::string_view name, std::string_view value) { headers().add(name, value); }

 private:
  bool fits(size_t size);
  Limits limits_;
  size_t bytes_ = 0, count_ = 0;
  ParseFailure failure_;
  std::optional<uint64_t> content_length_;
};

class H2RequestReader final : public H2HeadReader {
 public:
  explicit H2RequestReader(RequestHead& head) : head_(head) {}
  void begin(const Limits& limits);
  void finish();
  bool expects_continue() const { return expects_continue_; }

 private:
  Headers& headers() override { return head_.headers; }
  void pseudo(std::string_view name, std::string_view value) override;
  void regular(std::string_view name, std::string_view value) override;
  void note_expectation(std::string_view value);
  void check_target();
  RequestHead& head_;
  std::string cookies_;  // of several crumbs (RFC 9113 8.2.3)
  int crumbs_ = 0;
  bool has_authority_ = false, has_host_ = false;
  bool expects_continue_ = false;
  size_t target_bytes_max_ = 0;
  bool wide_targets_ = false;
};

class H2ResponseReader final : public H2HeadReader {
 public:
  explicit H2ResponseReader(ResponseHead& head) : head_(head) {}

 private:
  Headers& headers() override { return head_.headers; }
  void pseudo(std::string_view name, std::string_view value) override;
  ResponseHead& head_;
};

// Trailers: fields only.
class H2TrailerReader final : public H2HeadReader {
 public:
  explicit H2TrailerReader(Headers& trailers) : trailers_(trailers) {}

 private:
  Headers& headers() override { return trailers_; }
  void pseudo(std::string_view, std::string_view) override { refuse(400, "a trailer is a pseudo field"); }
  Headers& trailers_;
};

// Fields to be sent, as nghttp2 wants them. They are views of the head and of this object.
class H2HeadWriter {
 public:
  explicit H2HeadWriter(std::vector<nghttp2_nv>& fields) : fields_(fields) { fields_.clear(); }
  // Content-Length is written when it is given; `date` where the head has none. What is about a connection is left out.
  void response(const ResponseHead& head, std::optional<uint64_t> length, std::string_view date);
  void request(const RequestHead& head, std::optional<uint64_t> length, bool secure);
  const nghttp2_nv* data() const { return fields_.data(); }
  size_t size() const { return fields_.size(); }

 private:
  void constant(std::string_view name, std::string_view value);
  void number(std::string_view name, uint64_t value, char* room);
  std::vector<nghttp2_nv>& fields_;
  char status_[24], length_[24];
};

}  // namespace pds::http
