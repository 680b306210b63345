// IAM 2010-05-08: roles, policies, instance profiles, users and their keys.
#pragma once

#include "aws/shapes/iam/access_key.h"
#include "aws/shapes/iam/common.h"
#include "aws/shapes/iam/instance_profile.h"
#include "aws/shapes/iam/policy.h"
#include "aws/shapes/iam/role.h"
#include "aws/shapes/iam/user.h"
