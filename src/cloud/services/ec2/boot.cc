#include "cloud/services/ec2/boot.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/place.h"
#include "io/files.h"

namespace pds::cloud::ec2 {

namespace {

// The main process of an instance: runs user data once, as cloud-init does, then only waits to be told to stop. Everything it
// prints is the console. On SIGTERM all processes are asked to end, as an operating system does when it shuts down.
constexpr const char* init_script = R"sh(#!/bin/sh
others() {
  for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [ "$pid" = 1 ] || [ "$pid" = $$ ] && continue
    [ -n "$(tr -d '\0' <"$process/cmdline" 2>/dev/null)" ] && return 0
  done
  return 1
}
shut_down() {
  trap '' TERM INT
  echo "init: shutting down"
  kill -s TERM -- -1 2>/dev/null
  rounds=0
  while [ $rounds -lt 80 ] && others; do
    rounds=$((rounds + 1))
    sleep 0.1
  done
  echo "init: halted"
  exit 0
}
trap shut_down TERM INT
echo "init: $PDS_INSTANCE_ID boots as $(cat /proc/sys/kernel/hostname)"
here=/var/lib/cloud/instance
if [ -x $here/user-data ]; then
  echo "cloud-init: running user data"
  $here/user-data </dev/null &
  wait $!
  echo "cloud-init: user data ended with exit code $?"
fi
echo "init: boot finished"
while :; do
  sleep 86400 &
  wait $!
done
)sh";

Result<void> write_owned(const std::string& path, std::string_view content, mode_t mode, sandbox::HostIds owner) {
  CHECK(io::write_file_atomically(path, content, static_cast<int>(mode)));
  if (geteuid() == 0 && chown(path.c_str(), owner.uid, owner.gid) != 0) return fail_errno("chown " + path, errno);
  return {};
}

}  // namespace

std::string sandbox_prefix(const Core& core) { return "ec2-" + core.region + "-"; }

std::string sandbox_id(const Core& core, const InstanceRecord& record, int boot) {
  return fmt::format("{}{}-{}", sandbox_prefix(core), record.instance.instance_id.substr(2), boot % 1000);
}

std::string instance_directory(const Core& core, std::string_view instance_id) {
  return fmt::format("{}/ec2/{}/{}", core.data_dir, core.region, instance_id);
}

BootPlan plan_boot(const Core& core, const InstanceRecord& record) {
  const aws::ec2::Instance& instance = record.instance;
  const InstanceType& type = *find_instance_type(instance.instance_type);
  BootPlan plan;
  plan.directory = instance_directory(core, instance.instance_id);
  plan.init = init_script;
  if (!record.user_data_done) plan.user_data = from_base64(record.user_data).value_or("");
  std::string hostname = hostname_of(instance.private_ip_address);
  plan.hosts = fmt::format("127.0.0.1 localhost\n{} {} {}\n{} {}.dkr.ecr.{}.localhost\n", instance.private_ip_address,
                           instance.private_dns_name, hostname, endpoint_address, core.account, core.region);

  sandbox::SandboxSpec& spec = plan.spec;
  spec.id = sandbox_id(core, record, record.boot);
  spec.profile = sandbox::Profile::instance;
  spec.layer = plan.directory + "/layer";
  spec.arguments = {"/bin/sh", "/var/lib/cloud/instance/init"};
  spec.environment = {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                      {"HOME", "/root"},
                      {"LANG", "C.UTF-8"},
                      {"PDS_INSTANCE_ID", instance.instance_id},
                      {"AWS_ENDPOINT_URL", fmt::format("http://{}:{}", endpoint_address, core.endpoint_port)},
                      {"AWS_REGION", core.region},
                      {"AWS_DEFAULT_REGION", core.region}};
  spec.uid = spec.gid = 0;
  spec.hostname = hostname;
  spec.limits.memory_bytes = static_cast<uint64_t>(type.memory_mib) << 20;
  spec.limits.cpus = type.vcpus;
  spec.limits.processes = 2048;
  spec.limits.open_files = 4096;
  spec.binds = {{.source = plan.directory + "/boot", .target = "/var/lib/cloud/instance", .read_only = true},
                {.source = plan.directory + "/boot/hosts", .target = "/etc/hosts", .read_only = true},
                {.source = core.program, .target = "/usr/local/bin/pds", .read_only = true}};
  spec.addresses = {metadata_address, endpoint_address, instance.private_ip_address};
  spec.listeners = {{metadata_address, 80}, {endpoint_address, core.endpoint_port}, {"127.0.0.1", core.endpoint_port}};
  return plan;
}

Result<void> prepare_boot(BootPlan plan) {
  sandbox::HostIds owner = sandbox::host_ids(0, 0);
  std::string boot = plan.directory + "/boot";
  CHECK(io::make_directories(boot));
  if (geteuid() == 0 && chown(boot.c_str(), owner.uid, owner.gid) != 0) return fail_errno("chown " + boot, errno);
  CHECK(write_owned(boot + "/init", plan.init, 0500, owner));
  CHECK(write_owned(boot + "/hosts", plan.hosts, 0444, owner));
  CHECK(io::remove_tree(boot + "/user-data"));
  if (!plan.user_data.empty()) CHECK(write_owned(boot + "/user-data", plan.user_data, 0500, owner));
  return {};
}

}  // namespace pds::cloud::ec2
