// KMS 2014-11-01: keys that never leave, and what they seal and sign.
#pragma once

#include "aws/shapes/kms/alias.h"
#include "aws/shapes/kms/common.h"
#include "aws/shapes/kms/cryptography.h"
#include "aws/shapes/kms/key.h"
#include "aws/shapes/kms/key_policy.h"
#include "aws/shapes/kms/tag.h"
