// Every endpoint there is. One file each; the table in router.cc says which paths and methods lead where.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

http::Response index(App& app, const Call& call);                    // page.cc
http::Response info(App& app, const Call& call);                     // info.cc
http::Response service_info(App& app, const Call& call);
http::Response version(App& app, const Call& call);                  // info.cc
http::Response healthz(App& app, const Call& call);                  // health.cc
http::Response readyz(App& app, const Call& call);                   // health.cc
http::Response readyz_enable(App& app, const Call& call);            // health.cc
http::Response readyz_disable(App& app, const Call& call);           // health.cc
http::Response fault_injection_enable(App& app, const Call& call);   // fault_injection.cc
http::Response fault_injection_disable(App& app, const Call& call);  // fault_injection.cc
http::Response fault_injection_status(App& app, const Call& call);   // fault_injection.cc
http::Response metrics_text(App& app, const Call& call);             // metrics_endpoint.cc
http::Response env(App& app, const Call& call);                      // env.cc
http::Response headers(App& app, const Call& call);                  // headers.cc
http::Response configs(App& app, const Call& call);                  // configs.cc
http::Response token_generate(App& app, const Call& call);           // token.cc
http::Response token_validate(App& app, const Call& call);           // token.cc
http::Response openapi(App& app, const Call& call);                  // openapi.cc
http::Response swagger_json(App& app, const Call& call);             // swagger.cc
http::Response swagger(App& app, const Call& call);                  // swagger.cc
http::Response panic(App& app, const Call& call);                    // panic.cc
http::Response secret(App& app, const Call& call);                   // secret_endpoint.cc

io::Task<http::Response> echo(App& app, const Call& call);         // echo.cc
io::Task<http::Response> pprof(App& app, const Call& call);        // pprof.cc
io::Task<http::Response> pprof_without_prefix(App& app, const Call& call);
io::Task<http::Response> delay(App& app, const Call& call);        // delay.cc
io::Task<http::Response> cache_write(App& app, const Call& call);   // cache.cc
io::Task<http::Response> cache_read(App& app, const Call& call);    // cache.cc
io::Task<http::Response> cache_delete(App& app, const Call& call);  // cache.cc
io::Task<http::Response> store_write(App& app, const Call& call);  // store.cc
io::Task<http::Response> store_read(App& app, const Call& call);   // store.cc
io::Task<http::Response> data(App& app, const Call& call);         // data.cc
io::Task<http::Response> data_item(App& app, const Call& call);    // data.cc
io::Task<http::Response> data_remove(App& app, const Call& call);  // data.cc

io::Task<int> status(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder);   // status.cc
io::Task<int> chunked(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder);  // chunked.cc
io::Task<int> data_create(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder);  // data.cc
io::Task<int> data_put(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder);     // data.cc
io::Task<int> ws_echo(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder);  // ws_echo.cc

}  // namespace pds::podinfo
