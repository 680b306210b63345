// One S3 request and its answer; private to the service's own files.
#pragma once

#include <string>

#include "aws/xml.h"
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
  // The document that is the request's body. Errors: MalformedXML, also for another root or, unless `optional`, none. An absent
  // document is an element without anything.
  io::Task<Result<aws::XmlElement>> read_document(std::string_view root, bool optional = false);
};

inline constexpr size_t document_bytes_max = 1u << 20;

std::unexpected<Error> malformed_document();

}  // namespace pds::cloud::s3
