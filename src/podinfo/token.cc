#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"
#include "podinfo/jwt.h"
#include "podinfo/local_time.h"

namespace pds::podinfo {

http::Response token_generate(App& app, const Call& call) {
  TokenClaims claims = claims_for(call.body.empty() ? "anonymous" : call.body, app.parts().clock.now());
  return document(200, json::object{{"token", sign_token(claims, app.parts().options.jwt_secret)},
                                    {"expires_at", to_local_text(claims.expires)}});
}

http::Response token_validate(App& app, const Call& call) {
  std::string_view given = call.head.headers.find("authorization").value_or("");
  std::vector<std::string_view> parts = split(given, ' ');
  if (parts.size() != 2 || !iequals(parts[0], "bearer")) return error_document(401, "authorization bearer header required");
  Result<TokenClaims> claims = verify_token(parts[1], app.parts().options.jwt_secret, app.parts().clock.now());
  if (!claims) return error_document(401, claims.error().message);
  return document(200, json::object{{"token_name", claims->name}, {"expires_at", to_local_text(claims->expires)}});
}

}  // namespace pds::podinfo
