#include "oci/builder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <unistd.h>

#include "base/crypto.h"
#include "io/process.h"
#include "oci/elf.h"
#include "oci/test_support.h"
#include "oci/unpack.h"

namespace pds::oci {
namespace {

struct BuilderTest : testing::Test {
  TemporaryDirectory directory;
  StillClock clock;
  std::unique_ptr<Store> store = *Store::open(directory / "store", clock);
  // Small, so that building it many times is quick; its libraries are real.
  ImageSpec spec{
      .binary = "/bin/true", .install_path = "/usr/local/bin/program", .command = {"--help"}, .exposed_ports = {"9898/tcp"}};

  RootFilesystem unpacked(const Digest& image) {
    auto root = unpack_image(*store, image, directory / "cache");
    EXPECT_TRUE(root) << root.error().message;
    return *std::move(root);
  }
};

TEST_F(BuilderTest, building_twice_gives_the_same_digest_in_another_store_and_at_another_time) {
  Digest first = build_image(*store, spec)->manifest.digest;
  clock.passed += 24h;
  auto other = *Store::open(directory / "other", clock);
  EXPECT_EQ(build_image(*other, spec)->manifest.digest, first);
  spec.created = *parse_source_date_epoch("86400");
  EXPECT_NE(build_image(*store, spec)->manifest.digest, first);
}

TEST_F(BuilderTest, the_image_has_the_program_its_libraries_a_user_and_no_shell) {
  spec.extra_files = {{.path = "/etc/podinfo/release.json", .content = "{}"}};
  BuiltImage image = *build_image(*store, spec, "v1");
  EXPECT_EQ(store->find_tag("v1")->digest, image.manifest.digest);
  RootFilesystem root = unpacked(image.manifest.digest);
  EXPECT_EQ(root.config.user, "65532:65532");
  EXPECT_EQ(root.config.entrypoint, std::vector<std::string>{"/usr/local/bin/program"});
  EXPECT_EQ(*io::read_file(root.root + "/etc/podinfo/release.json"), "{}");
  EXPECT_NE(io::read_file(root.root + "/etc/passwd")->find("nonroot:x:65532"), std::string::npos);
  EXPECT_TRUE(io::exists(root.root + "/usr/lib64/ld-linux-x86-64.so.2") || root.config.architecture != "amd64");
  for (const char* shell : {"/bin/sh", "/usr/bin/sh", "/bin/bash", "/usr/bin/busybox"})
    EXPECT_FALSE(io::exists(root.root + shell)) << shell;
  EXPECT_FALSE(image.libraries.empty());
}

TEST_F(BuilderTest, the_loader_in_the_image_finds_every_library_without_the_host) {
  // A program of the system with libraries beside libc; this one could not start there when it is built with a sanitizer.
  spec.binary = "/usr/bin/openssl";
  if (!io::exists(spec.binary)) GTEST_SKIP() << "openssl is not installed";
  RootFilesystem root = unpacked(build_image(*store, spec)->manifest.digest);
  // chroot needs a user namespace of one's own when we are not root, and unshare makes it.
  auto run = io::run_process(
      {"/usr/bin/unshare", "--user", "--map-root-user", "--root", root.root, "/usr/local/bin/program", "version"}, {});
  ASSERT_TRUE(run) << run.error().message;
  if (run->errors.find("unshare") != std::string::npos) GTEST_SKIP() << run->errors;
  EXPECT_EQ(run->exit_code, 0) << run->errors;
  EXPECT_TRUE(run->output.starts_with("OpenSSL")) << run->output;
}

TEST_F(BuilderTest, unpacking_happens_once_per_digest_and_crumbs_of_a_crash_are_swept) {
  Digest image = build_image(*store, spec)->manifest.digest;
  ASSERT_TRUE(io::make_directories(directory / "cache/.unfinished-999999999-0/rootfs"));
  RootFilesystem first = unpacked(image);
  EXPECT_FALSE(io::exists(directory / "cache/.unfinished-999999999-0"));
  ASSERT_TRUE(io::write_file_atomically(directory / "mark", "x"));
  ASSERT_EQ(::link((directory / "mark").c_str(), (first.root + "/mark").c_str()), 0);
  EXPECT_EQ(unpacked(image).root, first.root);
  EXPECT_TRUE(io::exists(first.root + "/mark"));
}

TEST_F(BuilderTest, an_index_and_an_image_for_another_machine_are_refused) {
  BuiltImage image = *build_image(*store, spec);
  Digest index = store->put_manifest(serialise(Index{.manifests = {image.manifest}}), media::index)->digest;
  EXPECT_EQ(unpack_image(*store, index, directory / "cache").error().code, "E_IMAGE_UNSUPPORTED");
  ImageConfig config = *parse_config(*store->read_blob(image.config.digest, config_bytes_max));
  config.architecture = "s390x";
  Manifest foreign{.config = *store->put_blob(serialise(config), media::config)};
  Digest digest = store->put_manifest(serialise(foreign), media::manifest)->digest;
  EXPECT_EQ(unpack_image(*store, digest, directory / "cache").error().code, "E_IMAGE_UNSUPPORTED");
}

TEST_F(BuilderTest, what_is_missing_is_named) {
  spec.binary = directory / "absent";
  EXPECT_EQ(build_image(*store, spec).error().code, "E_NOT_FOUND");
  ASSERT_TRUE(io::write_file_atomically(directory / "script", "#!/bin/sh\n"));
  spec.binary = directory / "script";
  EXPECT_EQ(build_image(*store, spec).error().code, "E_ELF_INVALID");
}

TEST(SourceDateEpoch, whole_seconds_or_nothing) {
  EXPECT_EQ(*parse_source_date_epoch(""), Timestamp{});
  EXPECT_EQ(to_iso8601(*parse_source_date_epoch("1700000000")), "2023-11-14T22:13:20Z");
  for (const char* bad : {"x", "-1", "1.5", "999999999999999"})
    EXPECT_EQ(parse_source_date_epoch(bad).error().code, "E_VALUE") << bad;
}

TEST(Elf, the_closure_of_this_program_has_the_c_library_and_no_name_twice) {
  LibraryClosure closure = *library_closure("/proc/self/exe");
  bool has_libc = false;
  for (size_t i = 0; i < closure.libraries.size(); ++i) {
    has_libc = has_libc || closure.libraries[i].soname == "libc.so.6";
    if (i > 0) EXPECT_LT(closure.libraries[i - 1].soname, closure.libraries[i].soname);
  }
  EXPECT_TRUE(has_libc);
  EXPECT_EQ(closure.architecture, host_architecture());
}

// A system of another place: the libraries of this program, and nothing else.
TEST(Elf, libraries_come_from_the_sysroot_that_is_given) {
  char pattern[] = "/tmp/pds-sysroot-XXXXXX";
  std::string root = ::mkdtemp(pattern);
  LibraryClosure here = *library_closure("/proc/self/exe");
  std::string leaver = here.architecture == "arm64" ? "/usr/lib/aarch64-linux-gnu/" : "/usr/lib/x86_64-linux-gnu/";
  ASSERT_TRUE(io::make_directories(root + leaver));
  EXPECT_EQ(library_closure("/proc/self/exe", root).error().code, "E_LIBRARY_NOT_FOUND");
  for (const Library& library : here.libraries) {
    std::string name = library.soname.substr(library.soname.rfind('/') + 1);
    ASSERT_TRUE(io::write_file_atomically(root + leaver + name, *io::read_file(library.source), 0755));
  }
  Result<LibraryClosure> there = library_closure("/proc/self/exe", root);
  ASSERT_TRUE(there) << there.error().message;
  ASSERT_EQ(there->libraries.size(), here.libraries.size());
  for (const Library& library : there->libraries) {
    EXPECT_EQ(library.file, leaver + library.soname);
    EXPECT_EQ(library.source, root + library.file);
  }
  ASSERT_EQ(::symlink("/etc/passwd", (root + "/out").c_str()), 0);
  EXPECT_EQ(library_at(root, "/out").error().code, "E_NOT_FOUND");
  std::filesystem::remove_all(root);
}

TEST(Elf, damaged_files_are_refused_wherever_the_damage_is) {
  std::string bytes = *io::read_file("/proc/self/exe");
  ASSERT_TRUE(parse_elf(bytes));
  for (size_t size : {size_t{0}, size_t{3}, size_t{63}, size_t{100}})
    EXPECT_FALSE(parse_elf(std::string_view(bytes).substr(0, size))) << size;
  SeededRandom random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = bytes.substr(0, 8192);
    for (int i = 0; i < 8; ++i) damaged[random.below(1024)] = static_cast<char>(random.below(256));
    (void)parse_elf(damaged);  // an answer of either kind, under the sanitizers too
  }
}

}  // namespace
}  // namespace pds::oci
