#include "cloud/services/secretsmanager/password.h"

#include <fmt/format.h>

namespace pds::cloud::secretsmanager {

Result<std::string> make_password(const aws::secretsmanager::GetRandomPasswordRequest& request, Random& random) {
  const std::pair<bool, std::string_view> kinds[] = {
      {!request.exclude_lowercase.value_or(false), "abcdefghijklmnopqrstuvwxyz"},
      {!request.exclude_uppercase.value_or(false), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
      {!request.exclude_numbers.value_or(false), "0123456789"},
      {!request.exclude_punctuation.value_or(false), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
      {request.include_space.value_or(false), " "},
  };
  std::vector<std::string> alphabets;
  std::string all;
  for (const auto& [included, characters] : kinds) {
    if (!included) continue;
    std::string kept;
    for (char c : characters) {
      if (request.exclude_characters.value_or("").find(c) == std::string::npos) kept += c;
    }
    all += kept;
    // A kind whose every character is excluded asks for nothing.
    if (!kept.empty()) alphabets.push_back(std::move(kept));
  }
  size_t length = static_cast<size_t>(request.password_length.value_or(32));
  if (all.empty()) return fail("InvalidParameterException", "The password would have no characters to choose from.");
  bool each = request.require_each_included_type.value_or(true);
  if (each && length < alphabets.size())
    return fail(
        "InvalidParameterException",
        fmt::format("The password length must be at least {} to hold one character of each included type.", alphabets.size()));
  std::string password;
  if (each) {
    for (const std::string& alphabet : alphabets) password += random.text(1, alphabet);
  }
  password += random.text(length - password.size(), all);
  // The required characters must not stand at known places.
  for (size_t i = password.size(); i > 1; --i) std::swap(password[i - 1], password[random.below(i)]);
  return password;
}

}  // namespace pds::cloud::secretsmanager
