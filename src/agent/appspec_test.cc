// AppSpec files as people write them, as they get them wrong, and as somebody would write them who wants the agent to choke.
#include "agent/appspec.h"

#include <gtest/gtest.h>

namespace pds::agent {
namespace {

using namespace std::chrono_literals;

const std::string head = "version: 0.0\nos: linux\n";

std::string message_of(const std::string& text) {
  Result<AppSpec> spec = parse_appspec(text);
  return spec ? "(accepted)" : spec.error().code + " " + spec.error().message;
}

void expect_said(const std::string& text, const std::string& part) {
  std::string message = message_of(text);
  EXPECT_TRUE(message.starts_with("E_APPSPEC ")) << message << " for " << text.substr(0, 200);
  EXPECT_NE(message.find(part), std::string::npos) << message << " for " << text.substr(0, 200);
}

TEST(AppSpec, a_whole_file_is_read_as_it_stands) {
  Result<AppSpec> spec = parse_appspec(head + R"(
files:
  - source: /
    destination: /opt/podinfo
  - source: config/app.yml
    destination: /etc/podinfo
file_exists_behavior: RETAIN
permissions:
  - object: /opt/podinfo
    pattern: "*.sh"
    except: [secret.sh, old.sh]
    owner: root
    group: adm
    mode: 0750
    type: [file]
  - {object: /etc/podinfo, mode: 4755, type: [directory]}
hooks:
  ApplicationStop:
    - location: scripts/stop
      timeout: 120
      runas: podinfo
  AfterInstall:
    - location: scripts/one
    - location: scripts/two
  BeforeBlockTraffic:
)");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  ASSERT_EQ(spec->files.size(), 2u);
  EXPECT_EQ(spec->files[0].source, "/");
  EXPECT_EQ(spec->files[1].destination, "/etc/podinfo");
  EXPECT_EQ(spec->file_exists_behavior, FileExists::retain);
  ASSERT_EQ(spec->permissions.size(), 2u);
  const Permission& scripts = spec->permissions[0];
  EXPECT_EQ(scripts.pattern, "*.sh");
  EXPECT_EQ(scripts.except, (std::vector<std::string>{"secret.sh", "old.sh"}));
  EXPECT_EQ(scripts.owner, "root");
  EXPECT_EQ(scripts.group, "adm");
  EXPECT_EQ(scripts.mode, 0750u);
  EXPECT_TRUE(scripts.files && !scripts.directories);
  EXPECT_EQ(spec->permissions[1].mode, 04755u);
  EXPECT_EQ(spec->permissions[1].pattern, "**");
  EXPECT_TRUE(spec->permissions[1].directories && !spec->permissions[1].files);
  const Script& stop = spec->hooks.at("ApplicationStop").at(0);
  EXPECT_EQ(stop.location, "scripts/stop");
  EXPECT_EQ(stop.timeout, 120s);
  EXPECT_EQ(stop.runas, "podinfo");
  ASSERT_EQ(spec->hooks.at("AfterInstall").size(), 2u);
  EXPECT_EQ(spec->hooks.at("AfterInstall")[1].location, "scripts/two");
  EXPECT_EQ(spec->hooks.at("AfterInstall")[1].timeout, 3600s);
  EXPECT_FALSE(spec->hooks.contains("BeforeBlockTraffic")) << "an event without scripts has none";
}

TEST(AppSpec, the_least_is_a_version_and_an_operating_system) {
  Result<AppSpec> spec = parse_appspec(head);
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_TRUE(spec->files.empty() && spec->hooks.empty() && spec->permissions.empty() && !spec->file_exists_behavior);
  EXPECT_TRUE(parse_appspec("version: 0\nos: linux\nfiles:\npermissions:\nhooks:\n")) << "empty sections are none";
}

TEST(AppSpec, what_is_wrong_is_said) {
  expect_said("", "not a YAML mapping");
  expect_said("[]", "not a YAML mapping");
  expect_said("version: 1.0\nos: linux", "invalid version value (1.0)");
  expect_said("os: linux", "invalid version value ()");
  expect_said("version: 0.0\nos: windows", "unsupported operating system (windows)");
  expect_said("version: 0.0\n os: [", "not valid YAML");
  expect_said(head + "resources: []", "'resources' of the file");
  expect_said(head + "file_exists_behavior: MAYBE", "DISALLOW, OVERWRITE or RETAIN");
}

TEST(AppSpec, what_is_wrong_with_files_is_said) {
  expect_said(head + "files: /", "'files' in the application specification file must be a list");
  expect_said(head + "files:\n  - /", "must have a source and a destination");
  expect_said(head + "files:\n  - source: a", "no destination for the file a");
  expect_said(head + "files:\n  - destination: /a", "no source for a file");
  expect_said(head + "files:\n  - {source: a, destination: etc}", "'etc' must be an absolute path");
  expect_said(head + "files:\n  - {source: \"a\\0b\", destination: /a}", "NUL byte");
  expect_said(head + "files:\n  - {source: a, destination: /a, mode: 644}", "'mode' of files");
}

TEST(AppSpec, what_is_wrong_with_permissions_is_said) {
  expect_said(head + "permissions: {object: /a}", "must be a list");
  expect_said(head + "permissions:\n  - {mode: 644}", "no object for a permission");
  expect_said(head + "permissions:\n  - {object: /a, type: [socket]}", "type socket");
  expect_said(head + "permissions:\n  - {object: /a, except: b}", "'except' in the application specification file must be a list");
  for (const char* mode : {"999", "12345", "rwx", "-1", "[]", "\"\"", "0888"})
    expect_said(head + "permissions:\n  - {object: /a, mode: " + mode + "}", "octal digits");
  // Refused rather than overlooked: a file that should have been protected would not be.
  expect_said(head + "permissions:\n  - {object: /a, acls: [\"d:u:x:rw\"]}", "'acls' of permissions");
  expect_said(head + "permissions:\n  - {object: /a, context: {user: a}}", "'context' of permissions");
}

TEST(AppSpec, what_is_wrong_with_hooks_is_said) {
  expect_said(head + "hooks: []\n", "must be a mapping");
  expect_said(head + "hooks:\n  BeforeLunch: []", "unknown lifecycle events: BeforeLunch");
  // CodeDeploy's own events take no scripts.
  for (const char* event : {"Install", "DownloadBundle", "AllowTraffic", "BlockTraffic", "Start", "End"})
    expect_said(head + "hooks:\n  " + event + ":\n    - location: a", "unknown lifecycle events");
  expect_said(head + "hooks:\n  ApplicationStart: a", "must be a list of at most 100");
  expect_said(head + "hooks:\n  ApplicationStart:\n    - a", "must each have a location");
  expect_said(head + "hooks:\n  ApplicationStart:\n    - timeout: 5", "no location for a script of ApplicationStart");
  for (const char* timeout : {"0", "-1", "3601", "soon", "1.5", "[1]", "99999999999999999999"})
    expect_said(head + "hooks:\n  ApplicationStart:\n    - {location: a, timeout: " + timeout + "}", "between 1 and 3600");
  expect_said(head + "hooks:\n  AfterInstall:\n    - {location: a, timeout: 1801}\n    - {location: b, timeout: 1800}", "exceed 3600 seconds");
  EXPECT_EQ(message_of(head + "hooks:\n  AfterInstall:\n    - {location: a, timeout: 1800}\n    - {location: b, timeout: 1800}"), "(accepted)");
}

TEST(AppSpec, each_maximum_is_an_answer) {
  auto repeated = [](const std::string& text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += text;
    return out;
  };
  std::string padding = head + "#" + std::string(appspec_bytes_max - head.size() - 1, 'x');
  EXPECT_EQ(message_of(padding), "(accepted)");
  expect_said(padding + "x", "larger than 1048576 bytes");

  std::string file = "  - source: a\n    destination: /a\n";
  EXPECT_EQ(message_of(head + "files:\n" + repeated(file, appspec_files_max)), "(accepted)");
  expect_said(head + "files:\n" + repeated(file, appspec_files_max + 1), "must be a list");

  std::string script = "    - location: a\n";
  EXPECT_EQ(message_of(head + "hooks:\n  AfterInstall:\n" + repeated(script, appspec_scripts_max)), "(accepted)");
  expect_said(head + "hooks:\n  AfterInstall:\n" + repeated(script, appspec_scripts_max + 1), "list of at most 100");

  EXPECT_EQ(message_of(head + "files:\n  - {source: " + std::string(appspec_text_max, 'a') + ", destination: /a}"), "(accepted)");
  expect_said(head + "files:\n  - {source: " + std::string(appspec_text_max + 1, 'a') + ", destination: /a}", "longer than 4096 bytes");

  expect_said(head + "files: " + std::string(appspec_depth_max + 1, '['), "nested too deep");
  expect_said(head + "files:\n  " + repeated("- ", appspec_depth_max + 2) + "a", "nested too deep");
  expect_said(head + "hooks:\n" + std::string(4 * appspec_depth_max + 1, ' ') + "a: b", "nested too deep");
  expect_said("version: 0.0\nos: \xff\xfe", "not UTF-8");
}

TEST(AppSpec, aliases_do_not_make_much_of_little) {
  EXPECT_EQ(message_of(head + "x: 1"), "E_APPSPEC 'x' of the file in the application specification file is not supported.");
  std::string text = head + "permissions:\n  - &p\n    object: &name " + std::string(4000, 'a') + "\n    except:\n";
  for (int i = 0; i < 900; ++i) text += "      - *name\n";
  for (int i = 0; i < 900; ++i) text += "  - *p\n";
  ASSERT_LT(text.size(), 30'000u);
  expect_said(text, "too many exceptions");
}

}  // namespace
}  // namespace pds::agent
