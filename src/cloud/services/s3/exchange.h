// One S3 request and its answer; private to the service's own files.
#pragma once

#include <string>

#include "cloud/services/s3/service.h"

namespace pds::cloud::s3 {

std::string xml_escape(std::string_view text);
// A leaf: <name>text</name>, escaped.
std::string leaf(std::string_view name, std::string_view text);
std::string document(std::string_view root, const std::string& content);

struct S3::Exchange {
  const StreamingCall& call;
  http::ServerRequest& http;
  http::Responder& responder;
  Request request;

  std::string query(const std::string& name, std::string fallback = "") const {
    auto it = request.query.find(name);
    return it == request.query.end() ? fallback : it->second;
  }
  io::Task<Result<void>> answer(int status, std::string body = "", http::Headers headers = {});
  io::Task<Result<void>> answer_xml(std::string body) { return answer(200, std::move(body)); }
  // The whole body, for requests that carry a document.
  io::Task<Result<std::string>> read_document();
};

inline constexpr size_t document_bytes_max = 1u << 20;

// The texts of every <name> below `document`, unescaped; a flat reader for the small documents that S3 takes.
std::vector<std::string> elements(std::string_view document, std::string_view name);

}  // namespace pds::cloud::s3
