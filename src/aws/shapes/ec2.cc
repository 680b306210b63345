#define PDS_WIRE_TABLES
#include "aws/shapes/ec2.h"
