// EC2 2016-11-15: what the nouns share.
#pragma once

#include "aws/unsupported.h"

namespace pds::aws::ec2 {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "ec2",
                                .id = "EC2",
                                .protocol = Protocol::ec2,
                                .version = "2016-11-15",
                                .xml_namespace = "http://ec2.amazonaws.com/doc/2016-11-15/",
                                .endpoint_prefix = "ec2"};
  return info;
}

struct Tag {
  std::string key, value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "key"), FIELD(value, "value"))

struct TagSpecification {
  std::string resource_type;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagSpecification, FIELD(resource_type, "resourceType"), FIELD(tags, "tagSet").parameter("Tag").omit_empty())

struct Filter {
  std::string name;
  std::vector<std::string> values;
};
PDS_WIRE_SHAPE(Filter, FIELD(name, "Name"), FIELD(values, "Value"))

// Replies whose only content is that the call succeeded.
struct ReturnReply {
  bool done = true;
};
PDS_WIRE_SHAPE(ReturnReply, FIELD(done, "return"))

// One value in an element of its own, as the Describe...Attribute and Modify...Attribute calls have it.
struct AttributeValue {
  std::optional<std::string> value;
};
PDS_WIRE_SHAPE(AttributeValue, FIELD(value, "value"))
struct AttributeBooleanValue {
  std::optional<bool> value;
};
PDS_WIRE_SHAPE(AttributeBooleanValue, FIELD(value, "value"))

}  // namespace pds::aws::ec2
