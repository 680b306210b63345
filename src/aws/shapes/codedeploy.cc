#define PDS_WIRE_TABLES
#include "aws/shapes/codedeploy.h"
