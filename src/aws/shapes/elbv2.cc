#define PDS_WIRE_TABLES
#include "aws/shapes/elbv2.h"
