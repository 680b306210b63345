// The same for test programs.
#pragma once

#include "prelude.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
