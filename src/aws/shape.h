// Shapes: each AWS request, reply and stored record is a plain struct, described once by a table of its members. The codecs (codec.h)
// are ordinary functions that walk these tables, so a shape costs no template code, and both halves, server and client, use the same.
//
//   struct CreateSecretRequest {
//     std::string name;
//     std::optional<std::string> secret_string;
//     std::vector<Tag> tags;
//   };
//   PDS_SHAPE(CreateSecretRequest, FIELD(name, "Name").required(), FIELD(secret_string, "SecretString").sensitive(), FIELD(tags, "Tags"))
//
// Member types: bool, int, int64_t, double, std::string, Blob, Timestamp, JsonText, a shape, std::vector of any, std::map<std::string, any>,
// and std::optional of any of these. std::optional keeps "absent" apart from "empty": use it for every member whose absence means something.
// A member that is not optional is always written, except lists and maps marked omit_empty() and requests' empty lists and maps.
// PDS_SHAPE stands in the namespace of the struct, after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/time.h"

namespace pds::aws {

struct Blob {              // bytes; base64 in JSON and XML
  std::string bytes;
};
struct JsonText {          // a JSON value of any form, kept as text; empty means absent
  std::string text;
};

enum class Kind : uint8_t { boolean, integer, long_integer, real, string, blob, timestamp, json, structure, list, map, optional };
enum class Place : uint8_t { body, header, header_prefix, query, uri, status, payload };
enum class TimeFormat : uint8_t { by_protocol, epoch_seconds, iso8601, http_date };

struct Shape;

// How a C++ type looks from outside. One static object per type.
struct Type {
  Kind kind;
  const Type* element = nullptr;                  // of a list, map or optional
  const Shape& (*shape)() = nullptr;              // of a structure
  size_t (*count)(const void* container) = nullptr;
  const void* (*list_at)(const void* list, size_t index) = nullptr;
  void* (*list_append)(void* list) = nullptr;
  void (*map_each)(const void* map, void* context, void (*visit)(void* context, const std::string& key, const void* value)) = nullptr;
  void* (*map_insert)(void* map, const std::string& key) = nullptr;
  const void* (*optional_get)(const void* optional) = nullptr;      // null when empty
  void* (*optional_emplace)(void* optional) = nullptr;
};

struct Member {
  const char* name;                  // JSON key, XML element; for the query protocol also the parameter
  size_t offset;
  const Type* type;
  Place place = Place::body;
  const char* location = nullptr;    // header name, query parameter or URI label
  const char* element_name = nullptr;  // XML name of list elements; null: "member" (query), "item" (ec2), flattened for S3 as marked
  const char* parameter_name = nullptr;  // ec2 requests: null means the name with a capital first letter
  TimeFormat time_format = TimeFormat::by_protocol;
  bool is_required = false;
  bool is_flattened = false;
  bool is_omit_empty = false;
  bool is_sensitive = false;
  bool is_attribute = false;         // an XML attribute
  int64_t least = INT64_MIN;         // numbers: value; strings, lists, maps: length. Checked on the server before the handler runs.
  int64_t most = INT64_MAX;

  constexpr Member required() const { Member m = *this; m.is_required = true; return m; }
  constexpr Member header(const char* n) const { Member m = *this; m.place = Place::header; m.location = n; return m; }
  constexpr Member header_prefix(const char* n) const { Member m = *this; m.place = Place::header_prefix; m.location = n; return m; }
  constexpr Member query(const char* n) const { Member m = *this; m.place = Place::query; m.location = n; return m; }
  constexpr Member uri(const char* n) const { Member m = *this; m.place = Place::uri; m.location = n; return m; }
  constexpr Member status() const { Member m = *this; m.place = Place::status; return m; }
  constexpr Member payload() const { Member m = *this; m.place = Place::payload; return m; }   // the member is the whole body
  constexpr Member list(const char* n) const { Member m = *this; m.element_name = n; return m; }
  constexpr Member flat() const { Member m = *this; m.is_flattened = true; return m; }
  constexpr Member parameter(const char* n) const { Member m = *this; m.parameter_name = n; return m; }
  constexpr Member omit_empty() const { Member m = *this; m.is_omit_empty = true; return m; }
  constexpr Member sensitive() const { Member m = *this; m.is_sensitive = true; return m; }
  constexpr Member attribute() const { Member m = *this; m.is_attribute = true; return m; }
  constexpr Member time(TimeFormat f) const { Member m = *this; m.time_format = f; return m; }
  constexpr Member bounds(int64_t lo, int64_t hi) const { Member m = *this; m.least = lo; m.most = hi; return m; }
};

struct Shape {
  const char* name;
  std::span<const Member> members;
};

template <class T>
constexpr const Type* type_of();

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class E>
struct IsVector<std::vector<E>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class E>
struct IsMap<std::map<std::string, E>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class E>
struct IsOptional<std::optional<E>> : std::true_type {};

template <class T>
constexpr Type make_type() {
  if constexpr (std::is_same_v<T, bool>) return {Kind::boolean};
  else if constexpr (std::is_same_v<T, int>) return {Kind::integer};
  else if constexpr (std::is_same_v<T, int64_t>) return {Kind::long_integer};
  else if constexpr (std::is_same_v<T, double>) return {Kind::real};
  else if constexpr (std::is_same_v<T, std::string>) return {Kind::string};
  else if constexpr (std::is_same_v<T, Blob>) return {Kind::blob};
  else if constexpr (std::is_same_v<T, Timestamp>) return {Kind::timestamp};
  else if constexpr (std::is_same_v<T, JsonText>) return {Kind::json};
  else if constexpr (IsVector<T>::value) {
    Type t{Kind::list};
    t.element = type_of<typename T::value_type>();
    t.count = [](const void* p) { return static_cast<const T*>(p)->size(); };
    t.list_at = [](const void* p, size_t i) -> const void* { return &(*static_cast<const T*>(p))[i]; };
    t.list_append = [](void* p) -> void* { return &static_cast<T*>(p)->emplace_back(); };
    return t;
  } else if constexpr (IsMap<T>::value) {
    Type t{Kind::map};
    t.element = type_of<typename T::mapped_type>();
    t.count = [](const void* p) { return static_cast<const T*>(p)->size(); };
    t.map_each = [](const void* p, void* context, void (*visit)(void*, const std::string&, const void*)) {
      for (const auto& [key, value] : *static_cast<const T*>(p)) visit(context, key, &value);
    };
    t.map_insert = [](void* p, const std::string& key) -> void* { return &(*static_cast<T*>(p))[key]; };
    return t;
  } else if constexpr (IsOptional<T>::value) {
    Type t{Kind::optional};
    t.element = type_of<typename T::value_type>();
    t.optional_get = [](const void* p) -> const void* {
      const T& o = *static_cast<const T*>(p);
      return o ? &*o : nullptr;
    };
    t.optional_emplace = [](void* p) -> void* { return &static_cast<T*>(p)->emplace(); };
    return t;
  } else {
    Type t{Kind::structure};
    t.shape = []() -> const Shape& { return shape_of(static_cast<const T*>(nullptr)); };
    return t;
  }
}

// Constants, as all tables here are: nothing is made at run time, and nothing is asked whether it has been.
template <class T>
inline constexpr Type type_object = make_type<T>();

}  // namespace detail

template <class T>
constexpr const Type* type_of() {
  return &detail::type_object<T>;
}

// What every reply without members is.
struct Empty {};

// An operation of a service. Only REST protocols use the method and the URI: "/2015-03-31/functions/{FunctionName}/invocations";
// "{Key+}" takes the rest of the path. `query_literal` tells operations on one URI apart, as S3's "?uploads" does.
struct Operation {
  const char* name;
  const Shape& (*input)();
  const Shape& (*output)();
  const char* method = "POST";
  const char* uri = "/";
  int success_status = 200;
  const char* query_literal = nullptr;
  const char* result_wrapper = nullptr;     // query protocol: null means <name>Result
};

enum class Protocol : uint8_t { query, ec2, json, rest_json, rest_xml };

struct ServiceInfo {
  const char* signing_name;      // "elasticloadbalancing": the service in a SigV4 scope
  const char* id;                // "Elastic Load Balancing v2": for people and AWS_ENDPOINT_URL_<SERVICE>
  Protocol protocol;
  const char* version;           // "2015-12-01": tells services of one signing name apart in the query protocol
  const char* target_prefix;     // JSON protocols: "secretsmanager"; else null
  const char* json_version;      // "1.1", "1.0"
  const char* xml_namespace;     // query, ec2, rest-xml
  const char* endpoint_prefix;   // "monitoring": the host name at AWS
  // Protocols that newer clients choose for the same shapes: CBOR at /service/<target_prefix>/operation/<name>, and JSON.
  bool speaks_cbor = false;
  bool speaks_query = false;     // the query protocol beside the main one
  bool is_global = false;        // one state for all regions
};

}  // namespace pds::aws

// The tables. `Self` is the struct being described.
#define FIELD(member, wire_name) \
  ::pds::aws::Member { wire_name, offsetof(Self, member), ::pds::aws::type_of<decltype(Self::member)>() }

#define PDS_SHAPE_BODY(T, ...)                                              \
  {                                                                         \
    using Self = T;                                                         \
    static constexpr ::pds::aws::Member members[] = {__VA_ARGS__};          \
    static constexpr ::pds::aws::Shape shape{#T, members};                  \
    return shape;                                                           \
  }
#define PDS_EMPTY_SHAPE_BODY(T)                                             \
  {                                                                         \
    static constexpr ::pds::aws::Shape shape{#T, {}};                       \
    return shape;                                                           \
  }

#define PDS_SHAPE(T, ...) inline const ::pds::aws::Shape& shape_of(const T*) PDS_SHAPE_BODY(T, __VA_ARGS__)
#define PDS_EMPTY_SHAPE(T) inline const ::pds::aws::Shape& shape_of(const T*) PDS_EMPTY_SHAPE_BODY(T)

// Shapes of the wire (aws/shapes) are used in hundreds of files. Their tables stand in one: shapes/<service>.cc, which asks for them.
#ifdef PDS_WIRE_TABLES
#define PDS_WIRE_SHAPE(T, ...) const ::pds::aws::Shape& shape_of(const T*) PDS_SHAPE_BODY(T, __VA_ARGS__)
#define PDS_EMPTY_WIRE_SHAPE(T) const ::pds::aws::Shape& shape_of(const T*) PDS_EMPTY_SHAPE_BODY(T)
#else
#define PDS_WIRE_SHAPE(T, ...) const ::pds::aws::Shape& shape_of(const T*);
#define PDS_EMPTY_WIRE_SHAPE(T) const ::pds::aws::Shape& shape_of(const T*);
#endif

// A shapes header declares, in the service's namespace, `inline const ServiceInfo& service_info()` first, then the shapes, then the operations.
// PDS_OPERATION(GetSecretValue) declares `struct GetSecretValue` with Request, Reply and info(), from shapes <name>Request and <name>Reply.
// PDS_REST_OPERATION(Invoke, "POST", "/2015-03-31/functions/{FunctionName}/invocations", 200 [, query_literal])
#define PDS_OPERATION(Name) PDS_REST_OPERATION(Name, "POST", "/", 200)
#define PDS_REST_OPERATION(Name, http_method, http_uri, http_status, ...)                                                  \
  struct Name {                                                                                                            \
    using Request = Name##Request;                                                                                         \
    using Reply = Name##Reply;                                                                                             \
    static const ::pds::aws::Operation& info() {                                                                           \
      static constexpr ::pds::aws::Operation operation{                                                                        \
          #Name, []() -> const ::pds::aws::Shape& { return shape_of(static_cast<const Name##Request*>(nullptr)); },         \
          []() -> const ::pds::aws::Shape& { return shape_of(static_cast<const Name##Reply*>(nullptr)); }, http_method,     \
          http_uri, http_status __VA_OPT__(, ) __VA_ARGS__};                                                               \
      return operation;                                                                                                    \
    }                                                                                                                      \
  };                                                                                                                       \
  inline const ::pds::aws::ServiceInfo& service_info_of(const Name*) { return service_info(); }

namespace pds::aws {
PDS_EMPTY_SHAPE(Empty)
}
