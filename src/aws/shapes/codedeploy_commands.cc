#define PDS_WIRE_TABLES
#include "aws/shapes/codedeploy_commands.h"
