// XML, as much of it as AWS speaks: elements, attributes, text. No document types, no entities beyond the five and character
// references: a small, strict reader has nothing to expand and nothing to fetch.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pds::aws {

inline constexpr size_t xml_depth_max = 64;
inline constexpr size_t xml_elements_max = 500'000;
inline constexpr size_t xml_attributes_max = 32;  // of one element
inline constexpr size_t xml_name_bytes_max = 256;

struct XmlElement {
  std::string name;                                             // without its prefix
  std::string text;                                             // all character data of this element itself
  std::vector<std::pair<std::string, std::string>> attributes;  // names as written, prefix included
  std::vector<XmlElement> children;
  const XmlElement* find(std::string_view child) const;    // the first of that name; null when there is none
  std::string_view text_of(std::string_view child) const;  // "" when there is none
};

// MalformedXML, saying where and what.
Result<XmlElement> parse_xml(std::string_view text);

// Appends to a text; what is opened must be closed. Characters that XML cannot have become U+FFFD.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}
  void declaration() { out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"; }
  void open(std::string_view name);
  void open(std::string_view name, std::string_view xmlns);       // without xmlns when that is empty
  void attribute(std::string_view name, std::string_view value);  // right after open()
  void close(std::string_view name);
  void text(std::string_view text);
  void element(std::string_view name, std::string_view text);

 private:
  void escape(std::string_view text);
  std::string& out_;
};

}  // namespace pds::aws
