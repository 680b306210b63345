// CodeDeploy 2014-10-06, one header per noun.
#pragma once

#include "aws/shapes/codedeploy/application.h"
#include "aws/shapes/codedeploy/common.h"
#include "aws/shapes/codedeploy/config.h"
#include "aws/shapes/codedeploy/deployment.h"
#include "aws/shapes/codedeploy/group.h"
#include "aws/shapes/codedeploy/target.h"
