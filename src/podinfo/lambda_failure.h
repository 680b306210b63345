// How a function tells Lambda that something went wrong.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace pds::podinfo {

inline constexpr const char* lambda_error_type_field = "Lambda-Runtime-Function-Error-Type";
inline constexpr const char* lambda_error_body_field = "Lambda-Runtime-Function-Error-Body";

// {"errorMessage":...,"errorType":...,"stackTrace":[]}; the type is the error's code.
std::string lambda_error_document(const Error& error);

// The words of a command line may hold passwords, and its mistakes quote them: whoever invokes the function is told the mistake without them.
std::string without_arguments(std::string message, const std::vector<std::string>& words);

// To the Runtime API at `api`, instead of asking for the first event: the function could not start. The caller exits then, whatever comes of this.
void report_init_error(const std::string& api, const Error& error);

}  // namespace pds::podinfo
