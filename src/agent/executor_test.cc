// The agent's hands in a temporary root: real bundles, real scripts.
#include "agent/executor.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/archive.h"
#include "agent/script.h"
#include "base/check.h"
#include "io/files.h"
#include "io/process.h"

namespace pds::agent {
namespace {

class Root {
 public:
  Root() {
    char path[] = "/tmp/pds-agent-XXXXXX";
    ASSERT(mkdtemp(path) != nullptr);
    path_ = path;
  }
  ~Root() { [[maybe_unused]] auto removed = io::remove_tree(path_); }
  std::string at(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text, int mode = 0644) const {
    std::string path = at(name);
    ASSERT(io::make_directories(path.substr(0, path.rfind('/')), 0755) && io::write_file_atomically(path, text, mode));
  }
  std::string read(const std::string& name) const { return io::read_file(at(name)).value_or("(absent)"); }

 private:
  std::string path_;
};

Executor::Specification specification(const std::string& deployment) {
  Executor::Specification s;
  s.deployment_id = deployment, s.deployment_group_id = "group", s.deployment_group_name = "dg", s.application_name = "app";
  s.deployment_creator = "user", s.deployment_type = "BLUE_GREEN";
  s.revision = {"S3", aws::codedeploy_commands::RevisionS3{"bucket", "key", "tgz", {}, "etag"}};
  return s;
}

// A bundle whose scripts note that they ran, packed as a deployment's download.
void make_bundle(const Root& root, const Executor& executor, const std::string& deployment, const std::string& start_script) {
  std::string folder = "bundle-" + deployment;
  root.write(folder + "/appspec.yml", "version: 0.0\nos: linux\nfiles:\n  - source: /app\n    destination: " + root.at("opt") +
                                          "\nhooks:\n  ApplicationStop:\n    - location: stop.sh\n  ApplicationStart:\n    - "
                                          "location: start.sh\n      timeout: 1\n");
  root.write(folder + "/app/version", deployment);
  root.write(folder + "/stop.sh",
             "#!/bin/sh\necho stop of " + deployment + " >>" + root.at("trace") + "\n");  // not executable: the agent mends it
  root.write(folder + "/start.sh", start_script, 0755);
  ASSERT(executor.layout().prepare("group", deployment).has_value());
  auto packed = io::run_process({"/bin/tar", "-C", root.at(folder), "-czf", executor.layout().bundle("group", deployment), "."},
                                {{"PATH", "/bin:/usr/bin"}});
  ASSERT(packed && packed->exit_code == 0);
}

TEST(Executor, a_second_revision_stops_the_first_by_the_first_ones_script) {
  Root root;
  Executor executor{Layout(root.at("deployments"))};
  std::string note = "#!/bin/sh\necho start $DEPLOYMENT_ID $LIFECYCLE_EVENT $BUNDLE_KEY >>" + root.at("trace") + "\n";
  for (const char* deployment : {"d-1", "d-2"}) {
    make_bundle(root, executor, deployment, note);
    EXPECT_EQ(executor.is_noop("ApplicationStop", specification(deployment)), std::string(deployment) == "d-1");
    for (const char* event :
         {"ApplicationStop", "DownloadBundle", "BeforeInstall", "Install", "AfterInstall", "ApplicationStart", "ValidateService"})
      EXPECT_EQ(executor.execute(event, specification(deployment)).message, "Succeeded") << deployment << " " << event;
    EXPECT_EQ(root.read("opt/version"), deployment);
  }
  EXPECT_EQ(root.read("trace"), "start d-1 ApplicationStart key\nstop of d-1\nstart d-2 ApplicationStart key\n");
}

TEST(Executor, what_somebody_else_has_put_is_not_overwritten) {
  Root root;
  Executor executor{Layout(root.at("deployments"))};
  make_bundle(root, executor, "d-1", "#!/bin/sh\n");
  root.write("opt/version", "somebody's");
  ASSERT_EQ(executor.execute("DownloadBundle", specification("d-1")).error_code, 0);
  EXPECT_EQ(executor.execute("Install", specification("d-1")).message,
            "The deployment failed because a specified file already exists at this location: " + root.at("opt/version"));
  EXPECT_EQ(root.read("opt/version"), "somebody's");
}

TEST(Executor, scripts_fail_in_the_words_of_awss_agent) {
  struct Case {
    const char *script, *message;
    int code;
  };
  for (const Case& c :
       {Case{"#!/bin/sh\necho why >&2\nexit 3\n", "Script at specified location: start.sh failed with exit code 3", 4},
        Case{"#!/bin/sh\nsleep 30\n", "Script at specified location: start.sh failed to complete in 1 seconds", 3}}) {
    Root root;
    Executor executor{Layout(root.at("deployments"))};
    make_bundle(root, executor, "d-1", c.script);
    ASSERT_EQ(executor.execute("DownloadBundle", specification("d-1")).error_code, 0);
    Executor::Diagnostics done = executor.execute("ApplicationStart", specification("d-1"));
    EXPECT_EQ(done.message, c.message);
    EXPECT_EQ(done.error_code, c.code);
    EXPECT_EQ(done.script_name, "start.sh");
    if (c.code == 4) EXPECT_NE(done.log.find("[stderr]why\n"), std::string::npos) << done.log;
  }
}

TEST(Archive, what_would_leave_the_directory_is_refused) {
  Root root;
  root.write("evil.txt", "x");
  ASSERT_TRUE(io::make_directories(root.at("a/b")).has_value());
  auto tar = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/bin/tar", "-P", "-cf", root.at("bundle.tar")});
    auto done = io::run_process(arguments, {{"PATH", "/bin:/usr/bin"}});
    ASSERT(done && done->exit_code == 0);
  };
  ASSERT_EQ(symlink("../..", root.at("a/up").c_str()), 0);
  ASSERT_EQ(symlink("/etc", root.at("a/etc").c_str()), 0);
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"-C", root.at("a/b"), "../../evil.txt"},
                                                    {root.at("evil.txt")},
                                                    {"-C", root.at("a"), "up"},
                                                    {"-C", root.at("a"), "etc"}}) {
    tar(arguments);
    ASSERT_TRUE(io::remove_tree(root.at("out")) && io::make_directories(root.at("out")));
    Result<void> done = unpack_bundle(root.at("bundle.tar"), "tar", root.at("out"));
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, "E_BUNDLE_UNSAFE") << done.error().message;
  }
}

}  // namespace
}  // namespace pds::agent
