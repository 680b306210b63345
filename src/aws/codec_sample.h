// A shape with every kind of member, for the tests of the codecs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/shape.h"

namespace pds::aws::sample {

struct Leaf {
  std::string key;
  std::optional<std::string> value;
  bool operator==(const Leaf&) const = default;
};
PDS_SHAPE(Leaf, FIELD(key, "Key").required().bounds(1, 8), FIELD(value, "Value").bounds(0, 4))

struct Node {
  std::string name;
  std::optional<int> small;
  std::optional<int64_t> large;
  std::optional<double> ratio;
  std::optional<bool> on;
  std::optional<Timestamp> at;
  std::optional<Blob> bytes;
  std::optional<JsonText> policy;
  std::vector<std::string> names;
  std::optional<std::vector<int>> numbers;
  std::vector<Leaf> leaves;
  std::map<std::string, std::string> labels;
  std::map<std::string, Leaf> shelf;
  std::optional<Leaf> leaf;
};
PDS_SHAPE(Node, FIELD(name, "Name").required(), FIELD(small, "Small").bounds(1, 100), FIELD(large, "Large"), FIELD(ratio, "Ratio"),
          FIELD(on, "On"), FIELD(at, "At"), FIELD(bytes, "Bytes"), FIELD(policy, "Policy"), FIELD(names, "Names").omit_empty(),
          FIELD(numbers, "Numbers"), FIELD(leaves, "Leaves").omit_empty().bounds(0, 3), FIELD(labels, "Labels").omit_empty(),
          FIELD(shelf, "Shelf").omit_empty(), FIELD(leaf, "Leaf"))

inline Node full_node() {
  Node node;
  node.name = "a \"b\" \\ \n \x01 é";
  node.small = -7;
  node.large = 9'007'199'254'740'993;
  node.ratio = 2.5;
  node.on = false;
  node.at = Timestamp{Duration{1'795'460'683'123'456}};
  node.bytes = Blob{std::string("\0\xff", 2)};
  node.policy = JsonText{R"({"a":[1,2]})"};
  node.names = {"x", "", "z"};
  node.numbers = std::vector<int>{3, 1, 2};
  node.leaves = {{"k1", "v1"}, {"k2", std::nullopt}};
  node.labels = {{"one", "1"}, {"two", ""}};
  node.shelf = {{"s", {"sk", "sv"}}};
  node.leaf = Leaf{"l", ""};
  return node;
}

}  // namespace pds::aws::sample
