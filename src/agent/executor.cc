#include "agent/executor.h"

#include <fmt/core.h>

#include "agent/archive.h"
#include "agent/install.h"
#include "agent/script.h"
#include "base/text.h"
#include "io/files.h"

namespace pds::agent {
namespace {

using Diagnostics = Executor::Diagnostics;
using Specification = Executor::Specification;

constexpr int code_of(ScriptCode code) { return static_cast<int>(code); }

Diagnostics failed(const Error& error) { return {code_of(ScriptCode::unknown), "", error.message, ""}; }

bool is_rollback(const Specification& s) { return s.deployment_creator == "codeDeployRollback"; }

// Scripts of these come from what was running, not from what is being installed.
bool is_of_the_old_revision(const std::string& event, const Specification& s) {
  if (event == "ApplicationStop") return true;
  if (event == "BeforeBlockTraffic" || event == "AfterBlockTraffic") return true;
  return is_rollback(s) && s.deployment_type == "BLUE_GREEN" && (event == "BeforeAllowTraffic" || event == "AfterAllowTraffic");
}

std::map<std::string, std::string> hook_environment(const std::string& event, const Specification& s) {
  std::map<std::string, std::string> out = {{"APPLICATION_NAME", s.application_name},
                                            {"DEPLOYMENT_ID", s.deployment_id},
                                            {"DEPLOYMENT_GROUP_NAME", s.deployment_group_name},
                                            {"DEPLOYMENT_GROUP_ID", s.deployment_group_id},
                                            {"LIFECYCLE_EVENT", event}};
  if (const auto& bundle = s.revision.s3_revision) {
    out["BUNDLE_BUCKET"] = bundle->bucket;
    out["BUNDLE_KEY"] = bundle->key;
    out["BUNDLE_VERSION"] = bundle->version.value_or("");
    out["BUNDLE_ETAG"] = bundle->e_tag.value_or("");
  }
  return out;
}

}  // namespace

std::string Executor::source_of(const std::string& event, const Specification& s) const {
  if (!is_of_the_old_revision(event, s)) return layout_.deployment(s.deployment_group_id, s.deployment_id);
  bool block = event == "BeforeBlockTraffic" || event == "AfterBlockTraffic";
  return block && is_rollback(s) ? layout_.most_recent(s.deployment_group_id) : layout_.last_successful(s.deployment_group_id);
}

Result<AppSpec> Executor::read_appspec(const std::string& archive, const std::string& name) const {
  for (const std::string& candidate : {name, std::string("appspec.yml"), std::string("appspec.yaml")}) {
    if (candidate.empty() || candidate.find('/') != std::string::npos) continue;
    std::string path = archive + "/" + candidate;
    if (!io::exists(path)) continue;
    TRY(std::string text, io::read_file(path, appspec_bytes_max));
    return parse_appspec(text);
  }
  return fail(
      "E_APPSPEC",
      "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative path \"" +
          name + "\". The revision was unpacked to directory \"" + archive +
          "\", and the AppSpec file was expected but not found.");
}

bool Executor::is_noop(const std::string& event, const Specification& s) const {
  if (event == "DownloadBundle" || event == "Install") return false;
  std::string source = source_of(event, s);
  if (source.empty()) return true;
  Result<AppSpec> spec = read_appspec(source + "/deployment-archive", s.app_spec_filename);
  return spec && !spec->hooks.contains(event);  // an unreadable one must fail where it can be seen
}

Diagnostics Executor::download_bundle(const Specification& s) const {
  std::string archive = layout_.archive(s.deployment_group_id, s.deployment_id);
  auto unpack = [&]() -> Result<void> {
    CHECK(io::remove_tree(archive));
    CHECK(io::make_directories(archive, 0755));
    std::string type = s.revision.s3_revision ? s.revision.s3_revision->bundle_type : "";
    CHECK(unpack_bundle(layout_.bundle(s.deployment_group_id, s.deployment_id), type, archive));
    TRY(AppSpec checked, read_appspec(archive, s.app_spec_filename));
    CHECK(layout_.set_most_recent(s.deployment_group_id, s.deployment_id));
    return layout_.prune(s.deployment_group_id, s.deployment_id);
  };
  Result<void> done = unpack();
  return done ? Diagnostics{0, "", "Succeeded", ""} : failed(done.error());
}

Diagnostics Executor::install_files(const Specification& s) const {
  std::string archive = layout_.archive(s.deployment_group_id, s.deployment_id);
  auto run = [&]() -> Result<void> {
    TRY(AppSpec spec, read_appspec(archive, s.app_spec_filename));
    InstallPlan plan{archive, layout_.cleanup_file(s.deployment_group_id), FileExists::disallow};
    std::string asked = s.agent_action_overrides && s.agent_action_overrides->agent_overrides
                            ? s.agent_action_overrides->agent_overrides->file_exists_behavior.value_or("")
                            : "";
    plan.behavior = parse_file_exists(asked).value_or(spec.file_exists_behavior.value_or(FileExists::disallow));
    CHECK(install(spec, plan));
    // From here on this is what the next ApplicationStop stops, whatever happens later.
    return layout_.set_last_successful(s.deployment_group_id, s.deployment_id);
  };
  Result<void> done = run();
  return done ? Diagnostics{0, "", "Succeeded", ""} : failed(done.error());
}

Diagnostics Executor::run_hooks(const std::string& event, const Specification& s) const {
  std::string source = source_of(event, s);
  if (source.empty()) return {0, "", "Succeeded", ""};  // a first deployment has nothing to stop
  std::string archive = source + "/deployment-archive";
  Result<AppSpec> spec = read_appspec(archive, s.app_spec_filename);
  if (!spec) return failed(spec.error());
  auto hooks = spec->hooks.find(event);
  Diagnostics last{0, "", "Succeeded", ""};
  if (hooks == spec->hooks.end()) return last;
  auto deadline = std::chrono::steady_clock::now() + event_timeout_max;
  for (const Script& script : hooks->second) {
    ScriptRun run{.path = archive + "/" + script.location,
                  .location = script.location,
                  .event = event,
                  .timeout = script.timeout,
                  .runas = script.runas,
                  .environment = hook_environment(event, s),
                  .log_file = layout_.script_log(s.deployment_group_id, s.deployment_id)};
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    run.timeout = std::max(std::chrono::milliseconds{1}, std::min(run.timeout, left));
    for (std::string_view part : split(script.location, '/'))
      if (part == "..")
        return {code_of(ScriptCode::missing), script.location, "Script does not exist at specified location: " + script.location,
                ""};
    ScriptResult done = run_script(run);
    last = {code_of(done.code), script.location, std::move(done.message), std::move(done.log_tail)};
    if (done.code == ScriptCode::success) continue;
    std::string own = layout_.deployment(s.deployment_group_id, s.deployment_id);
    if (source != own) last.message += fmt::format(" (the script belongs to the earlier revision at {})", source);
    return last;
  }
  return last;
}

Diagnostics Executor::execute(const std::string& event, const Specification& s) const {
  if (Result<void> ready = layout_.prepare(s.deployment_group_id, s.deployment_id); !ready) return failed(ready.error());
  if (event == "DownloadBundle") return download_bundle(s);
  if (event == "Install") return install_files(s);
  if (is_hook_event(event)) return run_hooks(event, s);
  return {code_of(ScriptCode::unknown), "", fmt::format("the agent does not know the command '{}'", event.substr(0, 100)), ""};
}

}  // namespace pds::agent
