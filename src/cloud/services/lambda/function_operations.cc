#include <fmt/core.h>

#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/lambda/service.h"
#include "cloud/services/lambda/settings.h"

namespace pds::cloud::lambda {

namespace {

constexpr const char* stale_revision =
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest "
    "Revision Id";

std::unexpected<Error> invalid(std::string message) { return fail("InvalidParameterValueException", std::move(message)); }

// 2023-11-20T16:46:07.000+0000
std::string lambda_time(Timestamp at) {
  std::string text = to_iso8601_millis(at);
  text.back() = '+';
  return text + "0000";
}

Result<void> check_architecture(const char* operation, const std::vector<std::string>& architectures, VersionRecord& version) {
  if (architectures.empty()) return {};
  if (architectures[0] != "x86_64" && architectures[0] != "arm64")
    return fail(
        "ValidationException",
        fmt::format(
            "1 validation error detected: Value '[{}]' at 'architectures' failed to satisfy constraint: Member must satisfy "
            "constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
            architectures[0]));
  if (architectures[0] != machine_architecture())
    return fail("NotImplemented",
                fmt::format("{}: Architectures {} is not supported: this machine runs {}", operation, architectures[0],
                            machine_architecture()),
                501);
  version.architecture = architectures[0];
  return {};
}

}  // namespace

wire::FunctionConfiguration Lambda::configuration_of(const VersionRecord& version, bool qualified) const {
  wire::FunctionConfiguration out;
  out.function_name = version.function;
  out.function_arn = catalog_.arn(version.function, qualified ? version.version : "");
  out.role = version.role;
  out.description = version.description;
  out.last_modified = lambda_time(version.last_modified);
  out.code_sha256 = version.image_digest.substr(version.image_digest.find(':') + 1);
  out.version = version.version;
  out.revision_id = version.revision_id;
  out.package_type = "Image";
  out.timeout = version.timeout;
  out.memory_size = version.memory_size;
  out.environment = version.environment;
  if (version.image_config) out.image_config_response = wire::ImageConfigResponse{*version.image_config};
  out.tracing_config.mode = version.tracing_mode;
  out.architectures = {version.architecture};
  out.ephemeral_storage.size = version.ephemeral_storage;
  out.snap_start = {"None", "Off"};
  out.logging_config.log_format = "Text";
  out.logging_config.log_group = version.log_group;
  auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  out.state = given(version.state);
  out.state_reason = given(version.state_reason);
  out.state_reason_code = given(version.state_reason_code);
  out.last_update_status = given(version.last_update_status);
  out.last_update_status_reason = given(version.last_update_status_reason);
  out.last_update_status_reason_code = given(version.last_update_status_reason_code);
  return out;
}

io::Task<Result<std::string>> Lambda::resolve_image(const std::string& image_uri) {
  Result<ContainerImage> image = co_await dependencies_.images.resolve(image_uri);
  if (image) co_return image->digest;
  const std::string& code = image.error().code;
  if (code == "ImageNotFoundException" || code == "RepositoryNotFoundException")
    co_return invalid(fmt::format("Source image {} does not exist. Provide a valid source image.", image_uri));
  if (code == "E_IMAGE_INDEX" || code == "E_MEDIA_TYPE" || image.error().message.find("index") != std::string::npos ||
      image.error().message.find("media type") != std::string::npos)
    co_return invalid(
        fmt::format("The image manifest, config or layer media type for the source image {} is not supported.", image_uri));
  co_return invalid(
      fmt::format("Source image {} is not valid. Provide a valid source image. ({})", image_uri, image.error().message));
}

io::Task<Result<wire::CreateFunctionReply>> Lambda::create_function(const Call&, const wire::CreateFunctionRequest& request) {
  CO_TRY(FunctionName name, catalog_.parse(request.function_name));
  if (!name.qualifier.empty() || !is_function_name(name.name))
    co_return fail(
        "ValidationException",
        fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must have "
                    "length less than or equal to {} and no qualifier",
                    request.function_name, function_name_bytes_max));
  if (request.package_type.value_or("Zip") != "Image")
    co_return fail("NotImplemented", "CreateFunction: PackageType Zip is not supported: give PackageType Image and Code.ImageUri",
                   501);
  CO_CHECK(refuse_unsupported("CreateFunction", request));
  if (!request.code_signing_config_arn.value_or("").empty())
    co_return invalid("CodeSigningConfigArn cannot be specified for functions with PackageType Image");
  if (request.code.image_uri.value_or("").empty())
    co_return invalid("Please provide ImageUri when updating a function with packageType Image.");
  if (catalog_.functions.contains(name.name))
    co_return fail("ResourceConflictException", fmt::format("Function already exist: {}", name.name), 409);

  VersionRecord version;
  version.function = name.name;
  version.version = latest;
  version.log_group = "/aws/lambda/" + name.name;
  CO_CHECK(apply_settings(settings_of(request), version));
  CO_CHECK(check_architecture("CreateFunction", request.architectures, version));
  CO_CHECK(check_tags(request.tags));
  if (Result<void> trusted = dependencies_.roles.check_trust(version.role, "lambda.amazonaws.com"); !trusted)
    co_return invalid("The role defined for the function cannot be assumed by Lambda.");
  version.image_uri = *request.code.image_uri;
  version.image_repository = repository_of(version.image_uri);
  CO_TRY(version.image_digest, co_await resolve_image(version.image_uri));
  if (catalog_.functions.contains(name.name))
    co_return fail("ResourceConflictException", fmt::format("Function already exist: {}", name.name), 409);

  version.state = "Pending";
  version.state_reason = "The function is being created.";
  version.state_reason_code = "Creating";
  catalog_.functions.put(name.name, FunctionRecord{.name = name.name, .created = core_.clock.now(), .tags = request.tags});
  const VersionRecord& kept = put_changed(std::move(version));
  if (request.publish.value_or(false)) co_return configuration_of(publish(name.name, std::nullopt), true);
  co_return configuration_of(kept, false);
}

// Every change gives a new revision and a new configuration, whose environments are new ones; a reconciler makes it active.
const VersionRecord& Lambda::put_changed(VersionRecord version) {
  version.revision_id = new_id();
  version.configuration_id = new_id();
  version.last_modified = core_.clock.now();
  std::string key = version_key(version.function, version.version);
  const VersionRecord& kept = catalog_.versions.put(key, std::move(version));
  tasks_.spawn(activate(key, kept.configuration_id));
  return kept;
}

io::Task<void> Lambda::activate(std::string key, std::string configuration_id) {
  co_await core_.loop.yield();
  Result<void> kept = co_await core_.store.durable();
  const VersionRecord* version = catalog_.versions.find(key);
  if (!kept || !version || version->configuration_id != configuration_id) co_return;
  if (version->state != "Pending" && version->last_update_status != "InProgress")
    co_return;  // asked for before the service started
  std::string by_digest = version->image_repository + "@" + version->image_digest;
  Result<ContainerImage> image = co_await dependencies_.images.resolve(by_digest);
  settle(key, configuration_id, image ? std::nullopt : std::optional(image.error()));
}

void Lambda::settle(const std::string& key, const std::string& configuration_id, const std::optional<Error>& problem) {
  const VersionRecord* version = catalog_.versions.find(key);
  if (!version || version->configuration_id != configuration_id) return;  // deleted, or changed again
  catalog_.versions.update(key, [&](VersionRecord& record) {
    bool creating = record.state != "Active";
    record.revision_id = new_id();
    if (creating) {
      record.state = problem ? "Failed" : "Active";
      record.state_reason = problem ? problem->message : "";
      record.state_reason_code = problem ? "ImageDeleted" : "";
    }
    record.last_update_status = problem ? "Failed" : "Successful";
    record.last_update_status_reason = problem ? problem->message : "";
    record.last_update_status_reason_code = problem ? "ImageDeleted" : "";
  });
}

Result<wire::GetFunctionReply> Lambda::get_function(const Call&, const wire::GetFunctionRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  TRY(const VersionRecord* version, catalog_.version_at(name));
  wire::GetFunctionReply reply;
  reply.configuration = configuration_of(*version, !name.qualifier.empty());
  if (!name.qualifier.empty()) reply.configuration.function_arn = catalog_.arn(name.name, name.qualifier);
  reply.code.repository_type = "ECR";
  reply.code.image_uri = version->image_uri;
  reply.code.resolved_image_uri = version->image_repository + "@" + version->image_digest;
  reply.tags = catalog_.functions.find(name.name)->tags;
  return reply;
}

Result<wire::FunctionConfiguration> Lambda::get_function_configuration(const Call&, const wire::QualifiedRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  TRY(const VersionRecord* version, catalog_.version_at(name));
  wire::FunctionConfiguration reply = configuration_of(*version, false);
  reply.function_arn = catalog_.arn(name.name, name.qualifier);
  return reply;
}

Result<wire::ListFunctionsReply> Lambda::list_functions(const Call&, const wire::ListFunctionsRequest& request) {
  if (request.function_version && *request.function_version != "ALL")
    return fail(
        "ValidationException",
        fmt::format(
            "1 validation error detected: Value '{}' at 'functionVersion' failed to satisfy constraint: Member must satisfy "
            "enum value set: [ALL]",
            *request.function_version));
  if (request.master_region)
    return fail("NotImplemented", "ListFunctions: MasterRegion is not supported: there are no replicated functions", 501);
  std::vector<const VersionRecord*> found;
  for (const auto& [key, version] : catalog_.versions.rows())
    if (request.function_version || version.version == latest) found.push_back(&version);
  TRY(std::optional<std::string> next,
      aws::cut_page(
          found, request.marker, request.max_items.value_or(0), 50,
          [](const VersionRecord* v) { return version_key(v->function, v->version); }, "InvalidParameterValueException"));
  wire::ListFunctionsReply reply;
  reply.next_marker = next;
  for (const VersionRecord* version : found) {
    reply.functions.push_back(configuration_of(*version, request.function_version.has_value()));
    // Lists leave out what is under way.
    reply.functions.back().state = reply.functions.back().last_update_status = std::nullopt;
  }
  return reply;
}

Result<const VersionRecord*> Lambda::changeable(std::string_view function_name, const std::optional<std::string>& revision_id) {
  TRY(FunctionName name, catalog_.parse(function_name));
  if (!name.qualifier.empty() && name.qualifier != latest)
    return invalid("Only the $LATEST version of a function can be changed; it is named without a qualifier");
  CHECK(catalog_.function_at(name.name));
  const VersionRecord* version = catalog_.find_version(name.name, latest);
  if (revision_id && *revision_id != version->revision_id) return fail("PreconditionFailedException", stale_revision, 412);
  if (version->state == "Pending") CHECK(cloud::lambda::check_invokable(*version));
  if (version->last_update_status == "InProgress")
    return fail("ResourceConflictException",
                fmt::format("The operation cannot be performed at this time. An update is in progress for resource: {}",
                            catalog_.arn(name.name)),
                409);
  return version;
}

namespace {

void begin_update(VersionRecord& version) {
  version.last_update_status = "InProgress";
  version.last_update_status_reason = "The function is being created.";
  version.last_update_status_reason_code = "Creating";
}

}  // namespace

io::Task<Result<wire::FunctionConfiguration>> Lambda::update_function_code(const Call&,
                                                                           const wire::UpdateFunctionCodeRequest& request) {
  if (std::optional<std::string> other = aws::find_unsupported(shape_of(&request), &request))
    co_return fail("NotImplemented",
                   fmt::format("UpdateFunctionCode: {} is not supported: functions run from container images here", *other), 501);
  CO_TRY(const VersionRecord* before, changeable(request.function_name, request.revision_id));
  if (request.image_uri.value_or("").empty())
    co_return invalid("Please provide ImageUri when updating a function with packageType Image.");
  CO_TRY(std::string digest, co_await resolve_image(*request.image_uri));
  // Somebody else may have changed it while the image was looked up.
  CO_TRY(before, changeable(request.function_name, request.revision_id));
  VersionRecord version = *before;
  CO_CHECK(check_architecture("UpdateFunctionCode", request.architectures, version));
  version.image_uri = *request.image_uri;
  version.image_repository = repository_of(version.image_uri);
  version.image_digest = std::move(digest);
  if (request.dry_run.value_or(false)) co_return configuration_of(version, false);
  begin_update(version);
  runtime_.retire(before->configuration_id);
  const VersionRecord& kept = put_changed(std::move(version));
  if (request.publish.value_or(false)) co_return configuration_of(publish(kept.function, std::nullopt), true);
  co_return configuration_of(kept, false);
}

Result<wire::FunctionConfiguration> Lambda::update_function_configuration(const Call&,
                                                                          const wire::UpdateFunctionConfigurationRequest& request) {
  CHECK(refuse_unsupported("UpdateFunctionConfiguration", request));
  TRY(const VersionRecord* before, changeable(request.function_name, request.revision_id));
  VersionRecord version = *before;
  CHECK(apply_settings(settings_of(request), version));
  if (request.role && !dependencies_.roles.check_trust(version.role, "lambda.amazonaws.com"))
    return invalid("The role defined for the function cannot be assumed by Lambda.");
  begin_update(version);
  runtime_.retire(before->configuration_id);
  return configuration_of(put_changed(std::move(version)), false);
}

Result<wire::DeleteFunctionReply> Lambda::delete_function(const Call&, const wire::DeleteFunctionRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  CHECK(catalog_.function_at(name.name));
  if (name.qualifier.empty()) {
    for (const std::string& configuration_id : catalog_.erase_function(name.name)) runtime_.retire(configuration_id);
    return wire::DeleteFunctionReply{};
  }
  if (name.qualifier == latest) return invalid("$LATEST version cannot be deleted without deleting the function.");
  if (!is_version_number(name.qualifier)) return invalid("Deletion of aliases is not currently supported.");
  const VersionRecord* version = catalog_.find_version(name.name, name.qualifier);
  if (!version) return wire::DeleteFunctionReply{};  // as Lambda: gone is gone
  std::vector<std::string> users;
  for (const AliasRecord* alias : catalog_.aliases_of(name.name))
    if (alias->version == name.qualifier || alias->weights.contains(name.qualifier)) users.push_back(alias->name);
  if (!users.empty())
    return fail("ResourceConflictException",
                fmt::format("Unable to delete version because the following aliases reference it: [{}]", join(users, ", ")), 409);
  runtime_.retire(version->configuration_id);
  catalog_.versions.erase(version_key(name.name, name.qualifier));
  return wire::DeleteFunctionReply{};
}

// ---- versions ----

Result<wire::FunctionConfiguration> Lambda::publish_version(const Call&, const wire::PublishVersionRequest& request) {
  if (request.publish_to)
    return fail("NotImplemented", "PublishVersion: PublishTo is not supported: there are no capacity providers", 501);
  TRY(const VersionRecord* current, changeable(request.function_name, request.revision_id));
  std::string digest = current->image_digest.substr(current->image_digest.find(':') + 1);
  if (request.code_sha256 && !request.code_sha256->empty() && *request.code_sha256 != digest)
    return invalid(
        fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try again with the CodeSHA256 "
                    "in $LATEST.",
                    *request.code_sha256, digest));
  return configuration_of(publish(current->function, request.description), true);
}

// A version is a copy of $LATEST that never changes. Without a change since the last one there is nothing to copy: the last is the
// answer.
const VersionRecord& Lambda::publish(const std::string& function, const std::optional<std::string>& description) {
  const FunctionRecord& record = *catalog_.functions.find(function);
  const VersionRecord& current = *catalog_.find_version(function, latest);
  if (record.published_revision == current.configuration_id) {
    const VersionRecord* last = catalog_.find_version(function, std::to_string(record.last_version));
    if (last) return *last;
  }
  VersionRecord version = current;
  int64_t number = record.last_version + 1;
  catalog_.functions.update(function, [&](FunctionRecord& changed) {
    changed.last_version = number;
    changed.published_revision = current.configuration_id;
  });
  version.version = std::to_string(number);
  if (description) version.description = *description;
  version.state = "Pending";
  version.state_reason = "The function is being created.";
  version.state_reason_code = "Creating";
  version.last_update_status = version.last_update_status_reason = version.last_update_status_reason_code = "";
  return put_changed(std::move(version));
}

Result<wire::ListVersionsByFunctionReply> Lambda::list_versions_by_function(const Call&,
                                                                            const wire::ListVersionsByFunctionRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name));
  CHECK(catalog_.function_at(name.name));
  std::vector<const VersionRecord*> found = catalog_.versions_of(name.name);
  TRY(std::optional<std::string> next,
      aws::cut_page(
          found, request.marker, request.max_items.value_or(0), 50,
          [](const VersionRecord* v) { return version_key(v->function, v->version); }, "InvalidParameterValueException"));
  wire::ListVersionsByFunctionReply reply;
  reply.next_marker = next;
  for (const VersionRecord* version : found) reply.versions.push_back(configuration_of(*version, true));
  return reply;
}

}  // namespace pds::cloud::lambda
