// GetRandomPassword.
#pragma once

#include "aws/shapes/secretsmanager.h"
#include "base/crypto.h"

namespace pds::cloud::secretsmanager {

// InvalidParameterException when what is excluded leaves nothing to choose from, or the length cannot hold one of each kind.
Result<std::string> make_password(const aws::secretsmanager::GetRandomPasswordRequest& request, Random& random);

}  // namespace pds::cloud::secretsmanager
