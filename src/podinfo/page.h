// The page at /, for browsers: one file, nothing from elsewhere but the picture.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

std::string make_page(const App& app);

}  // namespace pds::podinfo
