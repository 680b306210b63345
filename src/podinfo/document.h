// Answers the way podinfo writes them: JSON indented by two, nosniff, errors as {"code","message"}.
#pragma once

#include "base/crypto.h"
#include "http/message.h"
#include "podinfo/json_text.h"

namespace pds::podinfo {

http::Response document(int status, const json::value& value);
// Of a document that is JSON text already.
http::Response document_text(int status, std::string text);
// Status 200 whatever the code is: podinfo's clients read `code`.
http::Response error_document(int code, std::string_view message);
// What an error document says; nothing for any other answer. How one begins is its own.
struct ErrorDocument {
  int code = 0;
  std::string message;
};
std::optional<ErrorDocument> read_error_document(const http::Response& response);
// What somebody sent once: a browser must neither guess its type nor run it.
http::Response raw(int status, std::string bytes);
// As Go's http.Error: text, not to be taken for anything else.
http::Response plain_error(int status, std::string text);
http::Response empty(int status);
// "req-012345": how the first service of this name numbered its answers.
std::string request_id(Random& random);

}  // namespace pds::podinfo
