#include "cloud/services/logs/pattern.h"

#include <fmt/core.h>

#include <optional>
#include <vector>

#include "base/text.h"

namespace pds::cloud::logs {

struct Pattern::Node {
  enum class Kind { both, either, compare } kind = Kind::compare;
  std::unique_ptr<Node> left, right;
  // compare:
  std::vector<std::string> path;      // "$.a.b[0]" -> a, b, 0
  std::string operation;              // = != > >= < <= exists missing null true false
  std::string text;
  std::optional<double> number;
};

namespace {

using Node = Pattern::Node;

std::unexpected<Error> invalid(std::string_view what) { return fail("InvalidParameterException", fmt::format("Invalid filter pattern: {}", what)); }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::unique_ptr<Node>> whole() {
    TRY(auto node, either(0));
    skip();
    if (pos_ != text_.size()) return invalid(fmt::format("'{}' is not expected", text_.substr(pos_, 20)));
    return node;
  }

 private:
  void skip() {
    while (pos_ < text_.size() && (text_[pos_] == ' ' || text_[pos_] == '\t')) ++pos_;
  }
  bool take(std::string_view word) {
    skip();
    if (!text_.substr(pos_).starts_with(word)) return false;
    pos_ += word.size();
    return true;
  }

  Result<std::unique_ptr<Node>> either(size_t depth) {
    TRY(auto left, both(depth));
    while (take("||")) {
      TRY(auto right, both(depth));
      left = join(Node::Kind::either, std::move(left), std::move(right));
    }
    return left;
  }
  Result<std::unique_ptr<Node>> both(size_t depth) {
    TRY(auto left, one(depth));
    while (take("&&")) {
      TRY(auto right, one(depth));
      left = join(Node::Kind::both, std::move(left), std::move(right));
    }
    return left;
  }
  Result<std::unique_ptr<Node>> one(size_t depth) {
    if (depth > pattern_depth_max) return invalid("nested too deeply");
    if (take("(")) {
      TRY(auto node, either(depth + 1));
      if (!take(")")) return invalid("a closing parenthesis is missing");
      return node;
    }
    return comparison();
  }

  Result<std::unique_ptr<Node>> comparison() {
    auto node = std::make_unique<Node>();
    CHECK(path(*node));
    if (take("IS NULL")) node->operation = "null";
    else if (take("IS TRUE")) node->operation = "true";
    else if (take("IS FALSE")) node->operation = "false";
    else if (take("NOT EXISTS")) node->operation = "missing";
    else if (take("EXISTS")) node->operation = "exists";
    else {
      for (std::string_view operation : {"!=", ">=", "<=", "=", ">", "<"}) {
        if (!take(operation)) continue;
        node->operation = operation;
        break;
      }
      if (node->operation.empty()) return invalid("a comparison is missing");
      CHECK(value(*node));
    }
    return node;
  }

  Result<void> path(Node& node) {
    if (!take("$")) return invalid("a member begins with '$.'");
    while (pos_ < text_.size() && (text_[pos_] == '.' || text_[pos_] == '[')) {
      bool bracket = text_[pos_++] == '[';
      size_t begin = pos_;
      while (pos_ < text_.size() && text_.find_first_of(bracket ? "]" : " .[=!<>)&|", pos_) != pos_) ++pos_;
      std::string_view name = text_.substr(begin, pos_ - begin);
      if (name.empty()) return invalid("a member has no name");
      if (bracket && pos_ < text_.size()) ++pos_;
      node.path.emplace_back(name);
    }
    if (node.path.empty()) return invalid("a member begins with '$.'");
    return {};
  }

  Result<void> value(Node& node) {
    skip();
    if (pos_ < text_.size() && text_[pos_] == '"') {
      size_t end = text_.find('"', pos_ + 1);
      if (end == std::string_view::npos) return invalid("a quotation is not closed");
      node.text = text_.substr(pos_ + 1, end - pos_ - 1);
      pos_ = end + 1;
      return {};
    }
    size_t begin = pos_;
    while (pos_ < text_.size() && text_.find_first_of(" )&|", pos_) != pos_) ++pos_;
    node.text = text_.substr(begin, pos_ - begin);
    if (node.text.empty()) return invalid("a value is missing");
    if (node.text.front() == '%') return fail("NotImplemented", "regular expressions in filter patterns are not supported", 501);
    node.number = parse_double(node.text);
    if (!node.number && node.operation != "=" && node.operation != "!=") return invalid(fmt::format("'{}' is not a number", node.text));
    return {};
  }

  static std::unique_ptr<Node> join(Node::Kind kind, std::unique_ptr<Node> left, std::unique_ptr<Node> right) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  std::string_view text_;
  size_t pos_ = 0;
};

const json::value* member_at(const json::value& root, const std::vector<std::string>& path) {
  const json::value* at = &root;
  for (const std::string& name : path) {
    if (const auto* object = at->if_object()) {
      at = object->if_contains(name);
    } else if (const auto* array = at->if_array()) {
      auto index = parse_int(name);
      at = index && *index >= 0 && static_cast<size_t>(*index) < array->size() ? &(*array)[static_cast<size_t>(*index)] : nullptr;
    } else {
      at = nullptr;
    }
    if (!at) return nullptr;
  }
  return at;
}

bool compare(const Node& node, const json::value* value) {
  const std::string& operation = node.operation;
  if (operation == "missing") return !value;
  if (!value) return false;
  if (operation == "exists") return true;
  if (operation == "null") return value->is_null();
  if (operation == "true" || operation == "false") return value->is_bool() && value->get_bool() == (operation == "true");
  if (value->is_number() && node.number) {
    double number = value->is_double() ? value->get_double() : value->is_int64() ? static_cast<double>(value->get_int64()) : static_cast<double>(value->get_uint64());
    if (operation == "=") return number == *node.number;
    if (operation == "!=") return number != *node.number;
    if (operation == ">") return number > *node.number;
    if (operation == ">=") return number >= *node.number;
    if (operation == "<") return number < *node.number;
    return number <= *node.number;
  }
  if (!value->is_string()) return false;
  bool same = wildcard_match(node.text, std::string_view(value->get_string().data(), value->get_string().size()));
  return operation == "=" ? same : operation == "!=" ? !same : false;
}

bool holds(const Node& node, const json::value& message) {
  if (node.kind == Node::Kind::both) return holds(*node.left, message) && holds(*node.right, message);
  if (node.kind == Node::Kind::either) return holds(*node.left, message) || holds(*node.right, message);
  return compare(node, member_at(message, node.path));
}

}  // namespace

Pattern::Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::parse(std::string_view text) {
  Pattern pattern;
  text = trim(text);
  if (text.starts_with('{')) {
    if (!text.ends_with('}')) return invalid("'}' is missing");
    Parser parser(text.substr(1, text.size() - 2));
    TRY(pattern.expression_, parser.whole());
    return pattern;
  }
  if (text.starts_with('[')) return fail("NotImplemented", "space-delimited filter patterns are not supported", 501);
  if (text.starts_with('%')) return fail("NotImplemented", "regular expressions in filter patterns are not supported", 501);
  while (!(text = trim(text)).empty()) {
    char sign = text[0] == '?' || text[0] == '-' ? text[0] : ' ';
    if (sign != ' ') text.remove_prefix(1);
    std::string_view term;
    if (text.starts_with('"')) {
      size_t end = text.find('"', 1);
      if (end == std::string_view::npos) return invalid("a quotation is not closed");
      term = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      term = text.substr(0, text.find(' '));
      text.remove_prefix(term.size());
    }
    if (term.empty()) return invalid("an empty term");
    (sign == '?' ? pattern.any_ : sign == '-' ? pattern.none_ : pattern.all_).emplace_back(term);
  }
  return pattern;
}

bool Pattern::matches(std::string_view message) const {
  if (expression_) {
    Result<json::value> document = parse_json(message);
    return document && document->is_object() && holds(*expression_, *document);
  }
  for (const std::string& term : none_)
    if (message.find(term) != std::string_view::npos) return false;
  for (const std::string& term : all_)
    if (message.find(term) == std::string_view::npos) return false;
  if (any_.empty() || !all_.empty()) return true;
  for (const std::string& term : any_)
    if (message.find(term) != std::string_view::npos) return true;
  return false;
}

}  // namespace pds::cloud::logs
