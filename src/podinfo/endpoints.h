// Every endpoint there is. One file each; the table in router.cc says which paths and methods lead where.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

http::Response index(App& app, const Call& call);            // info.cc
http::Response info(App& app, const Call& call);             // info.cc
http::Response version(App& app, const Call& call);          // version.cc
http::Response healthz(App& app, const Call& call);          // health.cc
http::Response readyz(App& app, const Call& call);           // health.cc
http::Response readyz_enable(App& app, const Call& call);    // health.cc
http::Response readyz_disable(App& app, const Call& call);   // health.cc
http::Response metrics_text(App& app, const Call& call);     // metrics_endpoint.cc
http::Response env(App& app, const Call& call);              // env.cc
http::Response headers(App& app, const Call& call);          // headers.cc
http::Response echo(App& app, const Call& call);             // echo.cc
io::Task<http::Response> delay(App& app, const Call& call);  // delay.cc
http::Response status(App& app, const Call& call);           // status.cc
http::Response panic(App& app, const Call& call);            // panic.cc
http::Response data(App& app, const Call& call);             // data.cc
http::Response secret(App& app, const Call& call);           // secret_endpoint.cc

}  // namespace pds::podinfo
