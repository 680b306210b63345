#include "cloud/services/s3/payload.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include "base/text.h"

namespace pds::cloud::s3 {
namespace {

constexpr std::string_view empty_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string derive_signing_key(const std::string& secret, const aws::Claim& claim) {
  std::string key = hmac_sha256("AWS4" + secret, claim.date);
  key = hmac_sha256(key, claim.scope.region);
  key = hmac_sha256(key, claim.scope.service);
  return hmac_sha256(key, "aws4_request");
}

auto incomplete() { return fail("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"); }
auto bad_chunk_signature() {
  return fail("SignatureDoesNotMatch",
              "The request signature we calculated does not match the signature you provided. Check your key and signing method.", 403);
}

class Md5 {
 public:
  Md5() { EVP_DigestInit_ex(context_, EVP_md5(), nullptr); }
  ~Md5() { EVP_MD_CTX_free(context_); }
  Md5(const Md5&) = delete;
  void update(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string finish() {
    std::string out(16, '\0');
    EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
  }

 private:
  EVP_MD_CTX* context_ = EVP_MD_CTX_new();
};

struct Promise {
  std::string header, value;     // value empty: it comes in the trailer
};

// At most one checksum may be promised, in the head or, by name, in the trailer.
std::optional<Promise> promised_checksum(const http::Headers& headers) {
  for (auto [name, value] : headers)
    if (Checksum::for_header(name)) return Promise{to_lower(name), std::string(value)};
  if (auto trailer = headers.find("x-amz-trailer"); trailer && Checksum::for_header(trim(*trailer))) return Promise{to_lower(trim(*trailer)), ""};
  return std::nullopt;
}

}  // namespace

ChunkDecoder::ChunkDecoder(const aws::Claim* claim, std::string secret_access_key, std::string amz_date, bool has_trailer)
    : signed_(claim && !secret_access_key.empty()), has_trailer_(has_trailer) {
  if (!signed_) return;
  signing_key_ = derive_signing_key(secret_access_key, *claim);
  prefix_ = fmt::format("{}\n{}/{}/{}/aws4_request\n", amz_date, claim->date, claim->scope.region, claim->scope.service);
  previous_signature_ = claim->signature;
}

Result<void> ChunkDecoder::header_line(std::string_view line) {
  size_t semicolon = line.find(';');
  std::string_view digits = line.substr(0, semicolon);
  left_ = 0;
  if (digits.empty() || digits.size() > 12) return fail("InvalidRequest", "a chunk's size is malformed");
  for (char c : digits) {
    int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (value < 0) return fail("InvalidRequest", "a chunk's size is malformed");
    left_ = left_ * 16 + static_cast<uint64_t>(value);
  }
  wanted_signature_.clear();
  constexpr std::string_view marker = "chunk-signature=";
  if (semicolon != std::string_view::npos && line.substr(semicolon + 1).starts_with(marker)) wanted_signature_ = line.substr(semicolon + 1 + marker.size());
  if (signed_ && wanted_signature_.size() != 64) return fail("InvalidRequest", "a chunk has no signature");
  last_ = left_ == 0;
  chunk_digest_ = Sha256();
  state_ = State::content;
  return {};
}

Result<void> ChunkDecoder::end_of_chunk() {
  if (!signed_) return {};
  std::string text = fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}{}\n{}\n{}", prefix_, previous_signature_, empty_sha256, to_hex(chunk_digest_.finish()));
  std::string signature = to_hex(hmac_sha256(signing_key_, text));
  if (!constant_time_equal(signature, wanted_signature_)) return bad_chunk_signature();
  previous_signature_ = signature;
  return {};
}

Result<void> ChunkDecoder::trailer_line(std::string_view line) {
  if (line.empty()) {
    state_ = State::done;
    return {};
  }
  size_t colon = line.find(':');
  if (colon == std::string_view::npos) return fail("InvalidRequest", "a trailer field is malformed");
  std::string name = to_lower(line.substr(0, colon));
  std::string_view value = trim(line.substr(colon + 1));
  if (name != "x-amz-trailer-signature") {
    signed_trailer_ += fmt::format("{}:{}\n", name, value);
    if (signed_trailer_.size() > trailer_bytes_max) return fail("InvalidRequest", "the trailer is too long");
    trailers_.add(name, value);
    return {};
  }
  if (!signed_) return {};
  std::string text = fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}{}\n{}", prefix_, previous_signature_, sha256_hex(signed_trailer_));
  if (!constant_time_equal(to_hex(hmac_sha256(signing_key_, text)), value)) return bad_chunk_signature();
  signed_trailer_.clear();   // verified: nothing is left that is not signed
  return {};
}

Result<void> ChunkDecoder::feed(std::string_view bytes, const std::function<Result<void>(std::string_view)>& sink) {
  while (!bytes.empty()) {
    if (state_ == State::done) return fail("InvalidRequest", "bytes after the last chunk");
    if (state_ == State::content && left_ > 0) {
      std::string_view part = bytes.substr(0, std::min<uint64_t>(left_, bytes.size()));
      chunk_digest_.update(part);
      CHECK(sink(part));
      left_ -= part.size();
      bytes.remove_prefix(part.size());
      continue;
    }
    if (state_ == State::content) {
      CHECK(end_of_chunk());
      state_ = last_ ? State::trailer : State::content_end;
      continue;
    }
    // A line, or the rest of one.
    size_t newline = bytes.find('\n');
    line_.append(bytes.substr(0, newline == std::string_view::npos ? bytes.size() : newline));
    if (line_.size() > chunk_header_bytes_max) return fail("InvalidRequest", "a chunk's header is too long");
    if (newline == std::string_view::npos) return {};
    bytes.remove_prefix(newline + 1);
    std::string line = std::move(line_);
    line_.clear();
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (state_ == State::header) CHECK(header_line(line));
    else if (state_ == State::content_end) {
      if (!line.empty()) return fail("InvalidRequest", "a chunk is longer than its size");
      state_ = State::header;
    } else CHECK(trailer_line(line));
  }
  return {};
}

Result<void> ChunkDecoder::finish() {
  if (state_ == State::content && left_ == 0 && last_) {
    // The closing CRLF may be missing after "0\r\n" when there is no trailer; the chunk itself is complete.
    CHECK(end_of_chunk());
    state_ = State::done;
  }
  bool complete = state_ == State::done || (state_ == State::trailer && !has_trailer_);
  if (!complete) return incomplete();
  if (signed_ && has_trailer_ && !signed_trailer_.empty()) return bad_chunk_signature();
  return {};
}

io::Task<Result<PayloadFacts>> receive_payload(http::ServerRequest& request, const aws::Claim* claim, const std::string& secret_access_key,
                                               uint64_t bytes_max, std::function<Result<void>(std::string_view)> sink) {
  const http::Headers& headers = request.head.headers;
  std::string declared = headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  bool chunked = declared.starts_with("STREAMING-");
  bool signed_chunks = declared.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  bool has_trailer = declared.ends_with("-TRAILER");
  if (chunked && !signed_chunks && declared != "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    co_return fail("NotImplemented", fmt::format("x-amz-content-sha256: {} is not supported", declared), 501);

  PayloadFacts facts;
  Md5 md5;
  Sha256 sha256;
  std::optional<Promise> promise = promised_checksum(headers);
  std::unique_ptr<Checksum> checksum = promise ? Checksum::for_header(promise->header) : nullptr;
  ChunkDecoder decoder(signed_chunks ? claim : nullptr, signed_chunks ? secret_access_key : "", headers.get("x-amz-date"), has_trailer);
  std::function<Result<void>(std::string_view)> content = [&](std::string_view bytes) -> Result<void> {
    facts.size += bytes.size();
    if (facts.size > bytes_max) return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    md5.update(bytes);
    if (checksum) checksum->update(bytes);
    return sink(bytes);
  };
  while (true) {
    Result<std::string_view> piece = co_await request.body.read();
    if (!piece) co_return incomplete();
    if (piece->empty()) break;
    if (chunked) {
      CO_CHECK(decoder.feed(*piece, content));
    } else {
      sha256.update(*piece);
      CO_CHECK(content(*piece));
    }
  }
  if (chunked) CO_CHECK(decoder.finish());
  if (auto decoded = headers.find("x-amz-decoded-content-length"); decoded && parse_int(*decoded) != static_cast<int64_t>(facts.size)) co_return incomplete();
  if (!chunked && declared.size() == 64 && to_hex(sha256.finish()) != declared)
    co_return fail("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.");

  std::string md5_bytes = md5.finish();
  facts.md5_hex = to_hex(md5_bytes);
  if (auto wanted = headers.find("content-md5")) {
    Result<std::string> bytes = from_base64(*wanted);
    if (!bytes || bytes->size() != 16) co_return fail("InvalidDigest", "The Content-MD5 you specified is not valid.");
    if (*bytes != md5_bytes) co_return fail("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  if (promise) {
    std::string wanted = promise->value.empty() ? decoder.trailers().get(promise->header) : promise->value;
    facts.checksum_header = promise->header;
    facts.checksum_value = checksum->base64();
    if (wanted != facts.checksum_value)
      co_return fail("BadDigest", fmt::format("The {} you specified did not match the calculated checksum.", promise->header.substr(15)));
  }
  co_return facts;
}

}  // namespace pds::cloud::s3
