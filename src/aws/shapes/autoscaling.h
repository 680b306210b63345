// Auto Scaling 2011-01-01, one header per noun.
#pragma once

#include "aws/shapes/autoscaling/account.h"
#include "aws/shapes/autoscaling/common.h"
#include "aws/shapes/autoscaling/group.h"
#include "aws/shapes/autoscaling/instance.h"
#include "aws/shapes/autoscaling/lifecycle_hook.h"
#include "aws/shapes/autoscaling/tag.h"
#include "aws/shapes/autoscaling/traffic.h"
