#include "cloud/services/ec2/doors.h"

#include "cloud/services/ec2/boot.h"

namespace pds::cloud::ec2 {

namespace {

constexpr size_t metadata_request_bytes_max = 4096;

}  // namespace

Doors::Doors(State& state, RoleSource& roles, const std::string& instance_id)
    : imds_(state, roles, instance_id),
      metadata_([this](http::Request request) { return answer(*this, std::move(request)); }, metadata_request_bytes_max),
      metadata_server_(state.core.loop, metadata_, {.connections_max = 256}),
      endpoint_server_(state.core.loop, state.core.endpoint) {}

io::Task<http::Response> Doors::answer(Doors& doors, http::Request request) {
  co_return doors.imds_.answer(request, doors.real_clock_.now());
}

io::Task<Result<void>> Doors::open(sandbox::Sandbox& sandbox, uint16_t endpoint_port) {
  CO_TRY(auto metadata, co_await sandbox.listen(metadata_address, 80));
  metadata_server_.listen(std::move(metadata));
  CO_TRY(auto endpoint, co_await sandbox.listen(endpoint_address, endpoint_port));
  endpoint_server_.listen(std::move(endpoint));
  CO_TRY(auto loopback, co_await sandbox.listen("127.0.0.1", endpoint_port));
  endpoint_server_.listen(std::move(loopback));
  co_return Result<void>{};
}

}  // namespace pds::cloud::ec2
