// Cross-origin rules of function URLs. Preflights are answered by the URL itself; the function never sees them. On other answers
// the URL's headers replace those the function set.
#pragma once

#include <optional>

#include "aws/shapes/lambda/url.h"
#include "http/message.h"

namespace pds::cloud::lambda {

// The answer to a preflight (OPTIONS with Origin and Access-Control-Request-Method); nothing for any other request.
std::optional<http::Response> answer_preflight(const aws::lambda::Cors& cors, const http::RequestHead& head);
// Adds what this origin may see of an answer.
void apply_cors(const aws::lambda::Cors& cors, const http::RequestHead& request, http::Headers& answer);

Result<void> check_cors(const aws::lambda::Cors& cors);

}  // namespace pds::cloud::lambda
