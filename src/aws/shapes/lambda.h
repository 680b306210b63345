// Lambda 2015-03-31 (rest-json): functions from container images, their versions, aliases, URLs and invocations.
#pragma once

#include "aws/shapes/lambda/account.h"
#include "aws/shapes/lambda/alias.h"
#include "aws/shapes/lambda/function.h"
#include "aws/shapes/lambda/invoke.h"
#include "aws/shapes/lambda/permission.h"
#include "aws/shapes/lambda/url.h"
