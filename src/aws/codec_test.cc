// Every protocol, both ways: what the client half writes the server half reads, and back.
#include "aws/codec.h"

#include <gtest/gtest.h>

#include "aws/codec_sample.h"
#include "aws/unsupported.h"

namespace pds::aws {
namespace {

using sample::Leaf;
using sample::Node;

const Shape& node_shape() { return shape_of(static_cast<const Node*>(nullptr)); }

struct Protocols {
  const char* name;
  ServiceInfo service;
  Wire wire;
};
const Protocols protocols[] = {
    {"query",
     {.signing_name = "s", .id = "S", .protocol = Protocol::query, .version = "2011-01-01", .xml_namespace = "http://s/"},
     Wire::query},
    {"ec2",
     {.signing_name = "ec2", .id = "EC2", .protocol = Protocol::ec2, .version = "2016-11-15", .xml_namespace = "http://e/"},
     Wire::ec2},
    {"json",
     {.signing_name = "s", .id = "S", .protocol = Protocol::json, .target_prefix = "S_1", .json_version = "1.1"},
     Wire::json},
    {"rest-json", {.signing_name = "s", .id = "S", .protocol = Protocol::rest_json}, Wire::rest_json},
    {"rest-xml", {.signing_name = "s3", .id = "S3", .protocol = Protocol::rest_xml, .xml_namespace = "http://x/"}, Wire::rest_xml},
};
const Operation put_node{"PutNode", node_shape, node_shape, "POST", "/nodes"};

// Times lose what is below a millisecond where they travel as text; control characters cannot travel in XML.
Node wire_node() {
  Node node = sample::full_node();
  node.name = "a \"b\" <c> & \\ \n é";
  node.at = Timestamp{Duration{1'795'460'683'123'000}};
  return node;
}

void expect_same(const Node& found) {
  Node expected = wire_node();
  EXPECT_EQ(to_json_text(found), to_json_text(expected));
}

TEST(Codec, a_request_arrives_as_it_was_sent) {
  for (const Protocols& p : protocols) {
    SCOPED_TRACE(p.name);
    Node sent = wire_node(), arrived;
    Result<http::Request> request = encode_request(p.service, put_node, &sent);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    Result<void> read = decode_request(p.wire, put_node, request->head, request->body, {}, &arrived);
    ASSERT_TRUE(read.has_value()) << read.error().message << "\n" << request->body;
    expect_same(arrived);
  }
}

TEST(Codec, a_reply_arrives_as_it_was_sent) {
  for (const Protocols& p : protocols) {
    SCOPED_TRACE(p.name);
    Node sent = wire_node(), arrived;
    http::Response response = encode_response(p.wire, p.service, put_node, &sent, "req-1");
    EXPECT_EQ(response.head.headers.get("x-amzn-RequestId"), "req-1");
    Result<void> read = decode_response(p.service, put_node, response, &arrived);
    ASSERT_TRUE(read.has_value()) << read.error().message << "\n" << response.body;
    expect_same(arrived);
  }
}

TEST(Codec, cbor_carries_the_same_shapes) {
  Node sent = wire_node(), arrived;
  http::Response response = encode_response(Wire::cbor, protocols[2].service, put_node, &sent, "req-1");
  EXPECT_EQ(response.head.headers.get("smithy-protocol"), "rpc-v2-cbor");
  http::Request request;
  request.body = response.body;
  Result<void> read = decode_request(Wire::cbor, put_node, request.head, request.body, {}, &arrived);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  expect_same(arrived);
}

TEST(Codec, errors_arrive_with_code_message_status_and_whether_to_try_again) {
  struct Case {
    Error error;
    bool retryable;
  };
  for (const Protocols& p : protocols) {
    SCOPED_TRACE(p.name);
    for (const Case& c :
         {Case{{"ResourceNotFoundException", "no \"x\" <here>", 404}, false}, Case{{"ThrottlingException", "slow", 400}, true},
          Case{{"InternalFailure", "oops", 500}, true}, Case{{"NotImplemented", "PutNode", 501}, false}}) {
      http::Response response = encode_error(p.wire, &p.service, c.error, "req-1");
      Node unused;
      Result<void> read = decode_response(p.service, put_node, response, &unused);
      ASSERT_FALSE(read.has_value());
      EXPECT_EQ(read.error().code, c.error.code);
      EXPECT_EQ(read.error().message, c.error.message);
      EXPECT_EQ(read.error().http_status, c.error.http_status);
      EXPECT_EQ(read.error().retryable, c.retryable);
    }
  }
}

TEST(Codec, error_envelopes_are_those_of_the_protocol) {
  Error error{"Bad", "why", 400};
  EXPECT_EQ(encode_error(Wire::query, &protocols[0].service, error, "r").body,
            "<ErrorResponse xmlns=\"http://s/\"><Error><Type>Sender</Type><Code>Bad</Code><Message>why</Message></Error>"
            "<RequestId>r</RequestId></ErrorResponse>");
  EXPECT_EQ(
      encode_error(Wire::ec2, &protocols[1].service, error, "r").body,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>Bad</Code><Message>why</Message></Error></Errors>"
      "<RequestID>r</RequestID></Response>");
  EXPECT_EQ(encode_error(Wire::json, &protocols[2].service, error, "r").body, R"({"__type":"Bad","message":"why"})");
  http::Response rest = encode_error(Wire::rest_json, &protocols[3].service, error, "r");
  EXPECT_EQ(rest.body, R"({"Type":"User","message":"why"})");
  EXPECT_EQ(rest.head.headers.get("x-amzn-ErrorType"), "Bad");
  EXPECT_EQ(encode_error(Wire::rest_xml, nullptr, error, "r").body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>Bad</Code><Message>why</Message><RequestId>r</RequestId>"
            "<HostId>r</HostId></Error>");
}

TEST(Codec, codes_lose_their_namespace_and_bodies_of_proxies_are_no_riddle) {
  http::Response response;
  response.head.status = 400;
  response.body = R"({"__type":"com.amazonaws.x#Bad:http://y","Message":"why"})";
  Node unused;
  Error error = decode_response(protocols[2].service, put_node, response, &unused).error();
  EXPECT_EQ(error.code, "Bad");
  EXPECT_EQ(error.message, "why");
  response.head.status = 502;
  response.body = "<html>Bad Gateway";
  error = decode_response(protocols[0].service, put_node, response, &unused).error();
  EXPECT_EQ(error.code, "HTTP502");
  EXPECT_TRUE(error.retryable);
}

// ---- the query protocol in detail ----

Result<void> read_form(Wire wire, const std::string& body, Node& node) {
  http::RequestHead head;
  head.method = "POST";
  head.target = "/";
  return decode_request(wire, put_node, head, body, {}, &node);
}

TEST(QueryCodec, reads_the_forms_that_clients_write) {
  Node node;
  Result<void> read = read_form(
      Wire::query,
      "Action=PutNode&Version=1&Name=a+b%26&Names.member.2=y&Names.member.10=z&Names.member.1=x&Leaves.member.1."
           "Key=k&Leaves.member.1.Value=&Labels.entry.1.key=l&Labels.entry.1.value=1&Unknown.member.1=u&On=True",
      node);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(node.name, "a b&");
  EXPECT_EQ(node.names, (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_EQ(node.leaves, (std::vector<Leaf>{{"k", ""}}));
  EXPECT_EQ(node.labels.at("l"), "1");
  EXPECT_EQ(node.on, true);
}

TEST(QueryCodec, an_empty_list_can_be_said) {
  Node node;
  ASSERT_TRUE(read_form(Wire::query, "Numbers=", node).has_value());
  ASSERT_TRUE(node.numbers.has_value());
  EXPECT_TRUE(node.numbers->empty());
}

TEST(QueryCodec, what_cannot_be_read_is_refused_by_name) {
  struct Case {
    const char *body, *code, *part;
  };
  for (Case c :
       {Case{"Small=x", "MalformedInput", "'Small'"}, Case{"Names.x.1=y", "MalformedInput", "'Names'"},
        Case{"Names.member.x=y", "MalformedInput", "'Names'"}, Case{"Name.member.1=y", "MalformedInput", "'Name'"},
        Case{"Name=%zz", "MalformedQueryString", "syntax"}, Case{"Name=%ff", "MalformedInput", "UTF-8"},
        Case{"Name=a&Name=b", "InvalidParameterCombination", "Name"}, Case{"Labels.entry.1.key=a", "MalformedInput", "'Labels'"}}) {
    Node node;
    Result<void> read = read_form(Wire::query, c.body, node);
    ASSERT_FALSE(read.has_value()) << c.body;
    EXPECT_EQ(read.error().code, c.code) << c.body;
    EXPECT_NE(read.error().message.find(c.part), std::string::npos) << read.error().message;
  }
}

TEST(QueryCodec, ec2_refuses_a_parameter_it_does_not_know) {
  Node node;
  Result<void> read = read_form(Wire::ec2, "Action=PutNode&Name=n&Leaf.Kay=x", node);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, "UnknownParameter");
  EXPECT_EQ(read.error().message, "The parameter Kay is not recognized");
}

// ---- REST bindings ----

struct Upload {
  std::string bucket, key;
  std::optional<std::string> type, version;
  std::vector<std::string> parts;
  std::optional<Timestamp> since;
  std::map<std::string, std::string> metadata;
  Blob body;
  std::optional<Unsupported> acl;
};
PDS_SHAPE(Upload, FIELD(bucket, "Bucket").uri("Bucket"), FIELD(key, "Key").uri("Key"),
          FIELD(type, "ContentType").header("Content-Type"), FIELD(version, "VersionId").query("versionId"),
          FIELD(parts, "Parts").query("part"), FIELD(since, "Since").header("If-Modified-Since"),
          FIELD(metadata, "Metadata").header_prefix("x-amz-meta-"), FIELD(body, "Body").payload(),
          FIELD(acl, "ACL").header("x-amz-acl"))

struct Uploaded {
  int status = 0;
  std::optional<std::string> etag;
  std::optional<Leaf> leaf;
};
PDS_SHAPE(Uploaded, FIELD(status, "Status").status(), FIELD(etag, "ETag").header("ETag"), FIELD(leaf, "Leaf").payload())

const Operation upload{"Upload",
                       [] -> const Shape& { return shape_of(static_cast<const Upload*>(nullptr)); },
                       [] -> const Shape& { return shape_of(static_cast<const Uploaded*>(nullptr)); },
                       "PUT",
                       "/{Bucket}/{Key+}",
                       200,
                       "uploads"};

TEST(RestCodec, members_travel_in_path_query_headers_and_body) {
  Upload sent{.bucket = "b",
              .key = "a/b c+",
              .type = "text/x",
              .version = "v&1",
              .parts = {"1", "2"},
              .since = Timestamp{Duration{1'795'460'683'000'000}},
              .metadata = {{"one", "1"}},
              .body = {std::string("\0\xff", 2)},
              .acl = {}};
  Result<http::Request> request = encode_request(protocols[4].service, upload, &sent);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->head.target, "/b/a/b%20c%2B?uploads&versionId=v%261&part=1&part=2");
  EXPECT_EQ(request->head.headers.get("If-Modified-Since"), "Mon, 23 Nov 2026 19:04:43 GMT");
  const Operation* all[] = {&upload};
  Labels labels;
  ASSERT_EQ(match_rest(all, request->head, labels), &upload);
  Upload arrived;
  Result<void> read = decode_request(Wire::rest_xml, upload, request->head, request->body, labels, &arrived);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(to_json_text(arrived), to_json_text(sent));
  request->head.headers.add("x-amz-acl", "private");
  ASSERT_TRUE(decode_request(Wire::rest_xml, upload, request->head, request->body, labels, &arrived).has_value());
  EXPECT_EQ(find_unsupported(shape_of(&arrived), &arrived), "ACL");
}

TEST(RestCodec, an_empty_label_is_refused_before_it_names_another_resource) {
  Upload sent{.bucket = "b"};
  Result<http::Request> request = encode_request(protocols[4].service, upload, &sent);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, "ParamValidation");
}

TEST(RestCodec, replies_carry_status_headers_and_a_payload) {
  for (const Protocols& p : {protocols[3], protocols[4]}) {
    Uploaded sent{202, "\"e\"", Leaf{"k", "v"}}, arrived;
    http::Response response = encode_response(p.wire, p.service, upload, &sent, "r");
    EXPECT_EQ(response.head.status, 202);
    Result<void> read = decode_response(p.service, upload, response, &arrived);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(to_json_text(arrived), to_json_text(sent));
  }
}

}  // namespace
}  // namespace pds::aws
