// What every operation begins with.
#pragma once

#include "aws/unsupported.h"
#include "base/result.h"
#include "cloud/api.h"

// PDS_CALL(CreateVpc, create_vpc) declares the member function that answers the operation.
#define PDS_CALL(Name, method) Result<aws::ec2::Name##Reply> method(const Call& call, const aws::ec2::Name##Request& request)

namespace pds::cloud::ec2 {

// Parameters that we do not do are refused by name; a dry run ends here, as one that would have succeeded.
Result<void> begin_checked(const char* operation, const aws::Shape& shape, const void* request, bool dry_run);

template <class Request>
Result<void> begin(const char* operation, const Request& request) {
  bool dry_run = false;
  if constexpr (requires { request.dry_run; }) dry_run = request.dry_run.value_or(false);
  return begin_checked(operation, shape_of(static_cast<const Request*>(nullptr)), &request, dry_run);
}

// "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist".
std::unexpected<Error> no_such(std::string_view code, std::string_view noun, std::string_view id);
std::unexpected<Error> missing_parameter(std::string_view name);
std::unexpected<Error> invalid_parameter(std::string message);
std::unexpected<Error> dependency_violation(std::string_view noun, std::string_view id);

}  // namespace pds::cloud::ec2
