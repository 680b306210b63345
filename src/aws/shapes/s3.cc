#define PDS_WIRE_TABLES
#include "aws/shapes/s3.h"
