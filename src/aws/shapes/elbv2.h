// Elastic Load Balancing 2015-12-01: application load balancers, their listeners and rules, target groups and targets.
#pragma once

#include "aws/shapes/elbv2/account.h"
#include "aws/shapes/elbv2/action.h"
#include "aws/shapes/elbv2/certificate.h"
#include "aws/shapes/elbv2/common.h"
#include "aws/shapes/elbv2/listener.h"
#include "aws/shapes/elbv2/load_balancer.h"
#include "aws/shapes/elbv2/rule.h"
#include "aws/shapes/elbv2/tag.h"
#include "aws/shapes/elbv2/target.h"
#include "aws/shapes/elbv2/target_group.h"
