// What podinfo says about itself.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

// Of / and /api/info: eleven texts.
std::string info_document(const App& app);
// Of /version.
std::string version_document(const Release& release);
// The picture of the page: the one that was asked for, or podinfo's.
std::string logo_of(const Options& options);

}  // namespace pds::podinfo
