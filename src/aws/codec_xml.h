// Shapes as XML: replies of the query, ec2 and rest-xml protocols, and bodies of rest-xml requests.
#pragma once

#include "aws/shape.h"
#include "aws/xml.h"

namespace pds::aws {

// What list elements are called where the shape does not say.
inline constexpr const char* xml_member = "member";  // query, rest-xml
inline constexpr const char* xml_item = "item";      // ec2

// The body members of a structure, inside an element that the caller has just opened (attributes go onto it).
// `for_request`: empty lists and maps are left out.
void write_xml(const Shape& shape, const void* value, const char* list_element, bool for_request, XmlWriter& writer);
Result<void> read_xml(const XmlElement& element, const Shape& shape, void* value, const char* list_element);

}  // namespace pds::aws
