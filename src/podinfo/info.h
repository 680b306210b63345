// What podinfo says about itself.
#pragma once

#include "podinfo/app.h"
#include "podinfo/grpc/module.h"

namespace pds::podinfo {

rpc::Info info_of(const App& app);
// Of / and /api/info: the same as a document.
std::string info_document(const App& app);
// Of /version.
std::string version_document(const Release& release);
// The picture of the page: the one that was asked for, or podinfo's.
std::string logo_of(const Options& options);

}  // namespace pds::podinfo
