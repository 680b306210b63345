#include "aws/credential_process.h"

#include <fmt/core.h>
#include <unistd.h>

#include <map>

#include "aws/credentials_source.h"
#include "base/json.h"
#include "base/text.h"
#include "io/process.h"

namespace pds::aws {
namespace {

// A program that asks a person takes longer and does not belong here; and whoever ends meanwhile waits for this.
constexpr io::ProcessLimits limits{.output_bytes_max = 64u << 10, .time = 10s};

std::unexpected<Error> no_credentials(std::string message) { return fail("E_CREDENTIALS", "credential_process: " + std::move(message)); }

std::map<std::string, std::string> whole_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    std::string_view text = *entry;
    if (size_t equals = text.find('='); equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Result<Credentials> read_output(std::string_view output) {
  Result<json::value> document = parse_json(output);
  // What a parser says of it could quote it.
  if (!document || !document->is_object()) return no_credentials("the output is not a JSON object");
  if (get_int(document->as_object(), "Version") != 1) return no_credentials("the output's Version is not 1");
  return parse_credentials_document(output, "SessionToken");
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view command) {
  std::vector<std::string> words;
  char quote = 0;
  bool inside = false;  // a word; it may be empty, in quotes
  for (size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back(), inside = true;
    // In double quotes a backslash keeps only what would mean something there.
    bool escapes = c == '\\' && i + 1 < command.size() && (quote == 0 || (quote == '"' && (command[i + 1] == '"' || command[i + 1] == '\\')));
    if (escapes)
      words.back() += command[++i];
    else if (quote ? c == quote : c == '"' || c == '\'')
      quote = quote ? 0 : c;
    else
      words.back() += c;
  }
  if (quote) return no_credentials("a quote is not closed");
  if (words.empty() || words[0].empty()) return no_credentials("no program is named");
  return words;
}

io::Task<Result<Credentials>> from_process(io::Loop& loop, std::string command) {
  CO_TRY(std::vector<std::string> words, split_command(command));
  std::string program = words[0];
  auto work = [words = std::move(words), variables = whole_environment()] { return io::run_process(words, variables, "", limits); };
  Result<io::ProcessOutput> result = co_await loop.offload(std::move(work));
  if (!result) co_return no_credentials(result.error().message);
  if (result->exit_code != 0) co_return no_credentials(fmt::format("{} ended with {}", program, result->exit_code));
  co_return read_output(result->output);
}

}  // namespace pds::aws
