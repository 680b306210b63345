// EC2 2016-11-15, one header per noun.
#pragma once

#include "aws/shapes/ec2/common.h"
#include "aws/shapes/ec2/gateway.h"
#include "aws/shapes/ec2/image.h"
#include "aws/shapes/ec2/instance.h"
#include "aws/shapes/ec2/instance_attribute.h"
#include "aws/shapes/ec2/instance_options.h"
#include "aws/shapes/ec2/instance_profile.h"
#include "aws/shapes/ec2/instance_status.h"
#include "aws/shapes/ec2/launch_template.h"
#include "aws/shapes/ec2/network_interface.h"
#include "aws/shapes/ec2/place.h"
#include "aws/shapes/ec2/security_group.h"
#include "aws/shapes/ec2/tag.h"
#include "aws/shapes/ec2/vpc.h"
