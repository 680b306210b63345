#include "podinfo/trace/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "http/parser.h"

namespace pds::podinfo::trace {
namespace {

constexpr size_t headers_max = 64, resource_attributes_max = 128;

class Reader {
 public:
  Reader(const Environment& environment, std::vector<std::string>& warnings) : environment_(environment), warnings_(warnings) {}

  // Empty counts as unset.
  std::string_view get(const std::string& name) const {
    auto entry = environment_.find(name);
    return entry == environment_.end() ? std::string_view() : trim(entry->second);
  }
  // A signal's own variable before the one for all: OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT.
  std::string name_for(std::string_view signal, std::string_view what) const {
    std::string own = fmt::format("OTEL_EXPORTER_OTLP_{}_{}", signal, what);
    return get(own).empty() ? fmt::format("OTEL_EXPORTER_OTLP_{}", what) : own;
  }
  // Once for each variable, though two signals read it.
  void warn(const std::string& name, std::string_view why) {
    std::string warning = fmt::format("{}: {}", name, why);
    if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(std::move(warning));
  }

  void read_milliseconds(const std::string& name, Duration& out) {
    constexpr int64_t day = 86'400'000;
    int64_t value = out.count() / 1000;
    read_number(name, 0, day, value);
    out = std::chrono::milliseconds(value);
  }
  template <class Integer>
  void read_number(const std::string& name, int64_t least, int64_t most, Integer& out) {
    std::string_view text = get(name);
    if (text.empty()) return;
    std::optional<int64_t> number = parse_int(text);
    if (!number || *number < least || *number > most) return warn(name, fmt::format("a whole number from {} to {} is needed", least, most));
    out = static_cast<Integer>(*number);
  }
  bool read_bool(const std::string& name) const { return iequals(get(name), "true"); }

 private:
  const Environment& environment_;
  std::vector<std::string>& warnings_;
};

// "key=value,key2=value2", values percent-encoded.
template <class Take>
void read_list(Reader& reader, const std::string& name, size_t most, Take take) {
  size_t count = 0;
  for (std::string_view member : split(reader.get(name), ',')) {
    member = trim(member);
    if (member.empty()) continue;
    size_t equals = member.find('=');
    Result<std::string> value = equals == std::string_view::npos ? fail("E_VALUE", "") : percent_decode(trim(member.substr(equals + 1)));
    if (count == most) return reader.warn(name, fmt::format("it has more than {} members", most));
    ++count;
    if (!value || !take(trim(member.substr(0, equals)), *value)) reader.warn(name, "a member is not key=value");
  }
}

Protocol read_protocol(Reader& reader, const std::string& name) {
  std::string_view text = reader.get(name);
  if (text == "http/protobuf") return Protocol::http_protobuf;
  if (!text.empty() && text != "grpc") reader.warn(name, fmt::format("\"{}\" is not spoken here, grpc and http/protobuf are", text.substr(0, 64)));
  return Protocol::grpc;
}

// A gRPC endpoint may be without a scheme: then OTEL_EXPORTER_OTLP_INSECURE says whether TLS is spoken.
std::string with_scheme(Reader& reader, std::string_view signal, std::string_view text) {
  if (text.find("://") != std::string_view::npos) return std::string(text);
  bool insecure = reader.read_bool(reader.name_for(signal, "INSECURE"));
  return fmt::format("{}://{}", insecure ? "http" : "https", text);
}

void read_url(Reader& reader, std::string_view signal, std::string_view path, EndpointSettings& out) {
  bool grpc = out.protocol == Protocol::grpc;
  std::string own = fmt::format("OTEL_EXPORTER_OTLP_{}_ENDPOINT", signal), general = "OTEL_EXPORTER_OTLP_ENDPOINT";
  bool is_own = !reader.get(own).empty();
  std::string fallback = grpc ? "http://localhost:4317" : "http://localhost:4318" + std::string(path);
  out.url = *http::parse_url(fallback);
  std::string_view given = reader.get(is_own ? own : general);
  if (given.empty()) return;
  Result<http::Url> url = http::parse_url(grpc ? with_scheme(reader, signal, given) : std::string(given));
  if (!url) return reader.warn(is_own ? own : general, url.error().message);
  out.url = *std::move(url);
  // The path of a signal is added to the address of all, and to that only.
  if (!grpc && !is_own) out.url.target = (out.url.target.ends_with('/') ? out.url.target.substr(0, out.url.target.size() - 1) : out.url.target) + std::string(path);
}

EndpointSettings read_endpoint(Reader& reader, std::string_view signal, std::string_view path) {
  EndpointSettings out;
  out.protocol = read_protocol(reader, reader.name_for(signal, "PROTOCOL"));
  read_url(reader, signal, path, out);
  read_list(reader, reader.name_for(signal, "HEADERS"), headers_max, [&out](std::string_view name, const std::string& value) {
    if (!http::is_token(name) || !http::is_field_value(value)) return false;
    out.headers.add(to_lower(name), value);
    return true;
  });
  reader.read_milliseconds(reader.name_for(signal, "TIMEOUT"), out.timeout);
  std::string compression = reader.name_for(signal, "COMPRESSION");
  out.gzip = reader.get(compression) == "gzip";
  if (!out.gzip && !reader.get(compression).empty() && reader.get(compression) != "none") reader.warn(compression, "gzip and none are known");
  out.certificate_file = reader.get(reader.name_for(signal, "CERTIFICATE"));
  return out;
}

void read_batch(Reader& reader, const std::string& prefix, BatchSettings& out) {
  reader.read_milliseconds(prefix + "SCHEDULE_DELAY", out.delay);
  reader.read_milliseconds(prefix + "EXPORT_TIMEOUT", out.export_timeout);
  reader.read_number(prefix + "MAX_QUEUE_SIZE", 1, 65536, out.queue_max);
  reader.read_number(prefix + "MAX_EXPORT_BATCH_SIZE", 1, 65536, out.batch_max);
  out.batch_max = std::min(out.batch_max, out.queue_max);
}

void read_sampler(Reader& reader, Sampler& out) {
  std::string_view name = reader.get("OTEL_TRACES_SAMPLER");
  if (name.empty()) return;
  if (std::optional<Sampler> sampler = Sampler::parse(name, reader.get("OTEL_TRACES_SAMPLER_ARG"))) {
    out = *sampler;
  } else {
    reader.warn("OTEL_TRACES_SAMPLER", "it is not known, or its argument is no number from 0 to 1");
  }
}

std::vector<Attribute> read_resource(Reader& reader, const std::string& service_name, const std::string& service_version) {
  std::map<std::string, std::string, std::less<>> all{{"telemetry.sdk.name", "podinfo"}, {"telemetry.sdk.language", "cpp"},
                                                      {"telemetry.sdk.version", service_version}};
  read_list(reader, "OTEL_RESOURCE_ATTRIBUTES", resource_attributes_max, [&all](std::string_view key, const std::string& value) {
    if (key.empty() || !is_utf8(value)) return false;
    all.insert_or_assign(std::string(key), value);
    return true;
  });
  all["service.name"] = service_name;
  all["service.version"] = service_version;
  std::vector<Attribute> out;
  for (auto& [key, value] : all) out.push_back({key, std::move(value)});
  return out;
}

}  // namespace

bool is_disabled(const Environment& environment) {
  auto entry = environment.find("OTEL_SDK_DISABLED");
  return entry != environment.end() && iequals(trim(entry->second), "true");
}

Settings read_settings(const Environment& environment, const std::string& service_name, const std::string& service_version) {
  Settings out;
  Reader reader(environment, out.warnings);
  out.traces = read_endpoint(reader, "TRACES", "/v1/traces");
  out.logs = read_endpoint(reader, "LOGS", "/v1/logs");
  read_batch(reader, "OTEL_BSP_", out.trace_batch);
  read_batch(reader, "OTEL_BLRP_", out.log_batch);
  read_sampler(reader, out.sampler);
  if (std::string_view names = reader.get("OTEL_PROPAGATORS"); !names.empty()) {
    if (auto propagators = parse_propagators(names)) {
      out.propagators = *std::move(propagators);
    } else {
      reader.warn("OTEL_PROPAGATORS", "it names a propagator that is not known");
    }
  }
  out.resource = read_resource(reader, service_name, service_version);
  reader.read_number("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", 0, 1024, out.attributes_max);
  reader.read_number("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, 1 << 20, out.value_bytes_max);
  return out;
}

}  // namespace pds::podinfo::trace
