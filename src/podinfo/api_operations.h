// podinfo's API as data, for the documents that describe it.
#pragma once

#include <span>

#include "base/json.h"

namespace pds::podinfo {

struct Operation {
  const char *path, *method, *tag, *summary;
  const char* parameter;  // in the path; a number unless it is "key", "hash" or "id"; null: none
  int status;
  const char* type;  // of the answer: a schema's name, "string", "array" (of strings), "object", or null for none
  bool takes_body = false;
  bool unlisted = false;  // in the original's own description
};
std::span<const Operation> api_operations();

bool is_document(const Operation& operation);  // is answered with JSON
bool is_text_parameter(const Operation& operation);
// `root`: where schemas are, "#/definitions/".
json::object api_schema(std::string_view type, std::string_view root);
json::object api_schemas();

// The document with an object for each path and, in it, one for each method.
template <class Describe>
json::object api_paths(bool with_unlisted, Describe describe) {
  json::object paths;
  for (const Operation& operation : api_operations()) {
    if (operation.unlisted && !with_unlisted) continue;
    json::value& path = paths[operation.path];
    if (!path.is_object()) path = json::object();
    path.as_object()[operation.method] = describe(operation);
  }
  return paths;
}

}  // namespace pds::podinfo
