// The other end of an HTTP/2 connection, for tests: it writes whatever frames it is told to, also wrong ones, and reads what comes.
#pragma once

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <map>
#include <string>
#include <vector>

#include "io/stream.h"

namespace pds::http {

inline MonoTime soon() { return std::chrono::steady_clock::now() + 10s; }

inline std::string number(uint32_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

inline uint32_t number_at(std::string_view text, size_t at, int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(text[at + static_cast<size_t>(i)]);
  return value;
}

inline std::string frame(uint8_t type, uint8_t flags, uint32_t id, std::string_view payload = "") {
  return number(static_cast<uint32_t>(payload.size()), 3) + number(type, 1) + number(flags, 1) + number(id, 4) +
         std::string(payload);
}
inline std::string setting(uint16_t id, uint32_t value) { return frame(NGHTTP2_SETTINGS, 0, 0, number(id, 2) + number(value, 4)); }
inline std::string window_update(uint32_t id, uint32_t by) { return frame(NGHTTP2_WINDOW_UPDATE, 0, id, number(by, 4)); }
inline std::string reset_stream(uint32_t id, uint32_t code) { return frame(NGHTTP2_RST_STREAM, 0, id, number(code, 4)); }
inline std::string ping() { return frame(NGHTTP2_PING, 0, 0, "12345678"); }
inline std::string data(uint32_t id, std::string_view bytes, bool last = true) { return frame(NGHTTP2_DATA, last, id, bytes); }

inline constexpr uint8_t end_stream = NGHTTP2_FLAG_END_STREAM, end_headers = NGHTTP2_FLAG_END_HEADERS;

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Frame {
  uint8_t type = 0xff;  // 0xff: the connection has ended
  uint8_t flags = 0;
  uint32_t id = 0;
  std::string payload;
  bool ended() const { return type == 0xff; }
  bool last() const { return flags & end_stream; }
  uint32_t code() const { return number_at(payload, type == NGHTTP2_GOAWAY ? 4 : 0, 4); }
};

// What came back of one request.
struct Answer {
  Fields fields, trailers;
  std::string body;
  int64_t reset = -1;  // the code of its RST_STREAM
  std::string get(std::string_view name) const {
    for (const auto& [n, v] : fields) {
      if (n == name) return v;
    }
    return "";
  }
};

class H2Peer {
 public:
  explicit H2Peer(std::unique_ptr<io::Stream> stream) : stream_(std::move(stream)) {
    nghttp2_hd_deflate_new(&deflater_, 4096);
    nghttp2_hd_inflate_new(&inflater_);
  }
  ~H2Peer() {
    nghttp2_hd_deflate_del(deflater_);
    nghttp2_hd_inflate_del(inflater_);
  }

  static std::string preface() { return NGHTTP2_CLIENT_MAGIC + frame(NGHTTP2_SETTINGS, 0, 0); }

  std::string block(const Fields& fields) {
    std::vector<nghttp2_nv> nv;
    for (const auto& [name, value] : fields) {
      nv.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                    reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                    NGHTTP2_NV_FLAG_NO_INDEX});
    }
    std::string out(nghttp2_hd_deflate_bound(deflater_, nv.data(), nv.size()), 0);
    ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<uint8_t*>(out.data()), out.size(), nv.data(), nv.size());
    EXPECT_GE(size, 0);
    out.resize(static_cast<size_t>(size));
    return out;
  }
  std::string headers(uint32_t id, const Fields& fields, uint8_t flags = end_headers | end_stream) {
    return frame(NGHTTP2_HEADERS, flags, id, block(fields));
  }
  static Fields request(const std::string& path, const std::string& method = "GET", const Fields& more = {}) {
    Fields fields = {{":method", method}, {":scheme", "http"}, {":path", path}, {":authority", "a"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  }

  io::Task<bool> send(std::string bytes) {
    auto sent = co_await io::write_all(*stream_, bytes, soon());
    co_return sent.has_value();
  }
  // Acknowledges nothing and answers nothing: a test sees every frame.
  io::Task<Frame> next() {
    Frame frame;
    char head[9];
    auto got = co_await io::read_exactly(*stream_, head, soon());
    if (!got) co_return frame;
    std::string_view text(head, 9);
    frame.payload.resize(number_at(text, 0, 3));
    got = co_await io::read_exactly(*stream_, frame.payload, soon());
    if (!got) co_return frame;
    frame.type = static_cast<uint8_t>(number_at(text, 3, 1));
    frame.flags = static_cast<uint8_t>(number_at(text, 4, 1));
    frame.id = number_at(text, 5, 4);
    note(frame);
    co_return frame;
  }
  // The next frame of that type (and stream), or the end.
  io::Task<Frame> until(uint8_t type, uint32_t id = UINT32_MAX) {
    while (true) {
      Frame frame = co_await next();
      if (frame.ended() || (frame.type == type && (id == UINT32_MAX || frame.id == id))) co_return frame;
    }
  }
  // The whole answer to a request.
  io::Task<Answer> answer(uint32_t id) {
    while (!done_[id]) {
      Frame frame = co_await next();
      if (frame.ended()) break;
    }
    co_return answers[id];
  }
  // Everything up to the end of the connection.
  io::Task<std::vector<Frame>> rest() {
    std::vector<Frame> frames;
    while (true) {
      frames.push_back(co_await next());
      if (frames.back().ended()) co_return frames;
    }
  }
  void close() { stream_.reset(); }
  io::Stream& stream() { return *stream_; }

  std::map<uint32_t, Answer> answers;

 private:
  Fields inflate(std::string_view block) {
    Fields fields;
    while (true) {
      nghttp2_nv nv;
      int flags = 0;
      ssize_t used =
          nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, reinterpret_cast<const uint8_t*>(block.data()), block.size(), 1);
      if (used < 0) {
        ADD_FAILURE() << "a block of fields does not inflate";
        return fields;
      }
      block.remove_prefix(static_cast<size_t>(used));
      if (flags & NGHTTP2_HD_INFLATE_EMIT)
        fields.emplace_back(std::string(reinterpret_cast<char*>(nv.name), nv.namelen),
                            std::string(reinterpret_cast<char*>(nv.value), nv.valuelen));
      if (flags & NGHTTP2_HD_INFLATE_FINAL) {
        nghttp2_hd_inflate_end_headers(inflater_);
        return fields;
      }
    }
  }
  void note(const Frame& frame) {
    Answer& answer = answers[frame.id];
    if (frame.type == NGHTTP2_HEADERS) {
      Fields fields = inflate(frame.payload);
      bool trailers = !answer.fields.empty() && answer.get(":status")[0] != '1';
      (trailers ? answer.trailers : answer.fields) = std::move(fields);
    } else if (frame.type == NGHTTP2_DATA) {
      answer.body += frame.payload;
    } else if (frame.type == NGHTTP2_RST_STREAM) {
      answer.reset = frame.code();
    } else {
      return;
    }
    done_[frame.id] = done_[frame.id] || frame.type == NGHTTP2_RST_STREAM || frame.last();
  }

  std::unique_ptr<io::Stream> stream_;
  nghttp2_hd_deflater* deflater_ = nullptr;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::map<uint32_t, bool> done_;
};

}  // namespace pds::http
