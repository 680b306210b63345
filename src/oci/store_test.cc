#include "oci/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/test_support.h"

namespace pds::oci {
namespace {

struct StoreTest : testing::Test {
  TemporaryDirectory directory;
  StillClock clock;
  std::unique_ptr<Store> store = *Store::open(directory / "store", clock);

  std::string manifest_of(const Descriptor& config, std::optional<Descriptor> subject = {}) {
    Manifest manifest{.config = config, .subject = std::move(subject)};
    return serialise(manifest);
  }
  std::vector<std::string> leftovers() { return *io::list_directory(store->root() + "/uploads"); }
};

TEST_F(StoreTest, content_is_found_under_its_digest_and_nothing_else) {
  Descriptor blob = *store->put_blob("hello");
  EXPECT_EQ(blob.digest, Digest::of("hello"));
  EXPECT_EQ(*store->read_blob(blob.digest, 100), "hello");
  EXPECT_EQ(store->read_blob(Digest::of("other"), 100).error().code, "E_BLOB_UNKNOWN");
  EXPECT_EQ(store->read_blob(blob.digest, 4).error().code, "E_TOO_LARGE");
}

TEST_F(StoreTest, an_upload_that_is_not_what_was_promised_leaves_nothing) {
  {
    BlobWriter writer = *store->begin_blob();
    ASSERT_TRUE(writer.append("hel"));
    ASSERT_TRUE(writer.append("lo"));
    EXPECT_EQ(writer.commit("", Digest::of("goodbye")).error().code, "E_DIGEST_MISMATCH");
  }
  EXPECT_FALSE(store->has_blob(Digest::of("hello")));
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(StoreTest, content_that_was_changed_on_disk_is_not_served_and_is_mended_by_putting_it_again) {
  Digest digest = store->put_blob("hello")->digest;
  ASSERT_TRUE(store->has_blob(digest));
  ASSERT_TRUE(io::write_file_atomically(store->blob_path(digest), "hullo"));
  EXPECT_EQ(store->read_blob(digest, 100).error().code, "E_DIGEST_MISMATCH");
  ASSERT_TRUE(store->put_blob("hello"));
  EXPECT_EQ(*store->read_blob(digest, 100), "hello");
}

TEST_F(StoreTest, a_manifest_needs_its_parts_but_not_its_subject) {
  Descriptor config{.media_type = std::string(media::config), .digest = Digest::of("{}"), .size = 2};
  Descriptor absent{.media_type = std::string(media::manifest), .digest = Digest::of("absent"), .size = 6};
  EXPECT_EQ(store->put_manifest(manifest_of(config), media::manifest).error().code, "E_MANIFEST_BLOB_UNKNOWN");
  ASSERT_TRUE(store->put_blob("{}"));
  EXPECT_TRUE(store->put_manifest(manifest_of(config, absent), media::manifest));
  ASSERT_EQ(store->referrers(absent.digest).size(), 1u);
  EXPECT_EQ(store->referrers(absent.digest, media::config).size(), 1u);
  EXPECT_EQ(store->referrers(absent.digest, "application/other").size(), 0u);
}

TEST_F(StoreTest, tags_move_and_everything_is_there_after_reopening) {
  Descriptor one = *store->put_blob("1", media::config), two = *store->put_blob("2", media::config);
  Digest first = store->put_manifest(manifest_of(one), media::manifest, "latest")->digest;
  clock.passed += 1h;
  ManifestRecord second = *store->put_manifest(manifest_of(two), media::manifest, "latest");
  EXPECT_EQ(store->find_tag("latest")->digest, second.digest);
  EXPECT_TRUE(store->find_manifest(first)->tags.empty());
  store.reset();
  store = *Store::open(directory / "store", clock);
  auto found = store->find_tag("latest");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->digest, second.digest);
  EXPECT_EQ(found->pushed_at, second.pushed_at);
  EXPECT_EQ(found->image_bytes, 1u);
  EXPECT_EQ(store->manifests().size(), 2u);
}

TEST_F(StoreTest, deleting_a_manifest_takes_what_only_it_names) {
  Descriptor shared = *store->put_blob("shared", media::config), own = *store->put_blob("own", media::config);
  Manifest a{.config = shared}, b{.config = own, .layers = {shared}};
  Digest first = store->put_manifest(serialise(a), media::manifest)->digest;
  Digest second = store->put_manifest(serialise(b), media::manifest, "t")->digest;
  EXPECT_EQ(store->delete_blob(own.digest).error().code, "E_DENIED");
  ASSERT_TRUE(store->delete_manifest(second));
  EXPECT_FALSE(store->has_blob(own.digest));
  EXPECT_FALSE(store->has_blob(second));
  EXPECT_TRUE(store->has_blob(shared.digest));
  EXPECT_TRUE(store->tags().empty());
  EXPECT_TRUE(store->find_manifest(first));
  EXPECT_EQ(store->delete_manifest(second).error().code, "E_MANIFEST_UNKNOWN");
}

TEST_F(StoreTest, what_an_abandoned_push_leaves_is_removed_when_it_is_old) {
  Descriptor named = *store->put_blob("named", media::config), abandoned = *store->put_blob("abandoned");
  ASSERT_TRUE(store->put_manifest(manifest_of(named), media::manifest));
  Timestamp now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  EXPECT_EQ(*store->remove_unnamed(now - 1h), 0u);
  EXPECT_EQ(*store->remove_unnamed(now + 1h), 1u);
  EXPECT_FALSE(store->has_blob(abandoned.digest));
  EXPECT_TRUE(store->has_blob(named.digest));
}

TEST_F(StoreTest, content_can_be_shared_with_another_store) {
  auto other = *Store::open(directory / "other", clock);
  Digest digest = store->put_blob("hello")->digest;
  ASSERT_TRUE(other->adopt_blob(*store, digest));
  EXPECT_EQ(*other->read_blob(digest, 100), "hello");
  EXPECT_EQ(other->adopt_blob(*store, Digest::of("none")).error().code, "E_BLOB_UNKNOWN");
}

TEST_F(StoreTest, bounds_are_kept) {
  auto small = *Store::open(directory / "small", clock, {.blob_bytes_max = 200, .manifests_max = 1, .tags_max = 1});
  EXPECT_EQ(small->put_blob(std::string(201, 'x')).error().code, "E_TOO_LARGE");
  Manifest manifest{.config = {.media_type = "a/b", .digest = small->put_blob("{}")->digest, .size = 2}};
  auto put = [&](std::optional<std::string> tag) { return small->put_manifest(serialise(manifest), media::manifest, tag); };
  // Manifests count as content too, so room is made for them here.
  small.reset();
  small = *Store::open(directory / "small", clock, {.manifests_max = 1, .tags_max = 1});
  ASSERT_TRUE(put("a"));
  EXPECT_EQ(put("b").error().code, "E_TOO_MANY_TAGS");
  manifest.annotations["x"] = "y";
  EXPECT_EQ(put({}).error().code, "E_TOO_MANY_MANIFESTS");
}

TEST_F(StoreTest, a_second_process_is_told_that_the_store_is_open) {
  EXPECT_EQ(Store::open(directory / "store", clock).error().code, "E_LOCKED");
}

TEST_F(StoreTest, a_damaged_index_is_named) {
  store.reset();
  ASSERT_TRUE(io::write_file_atomically(directory / "store/index.json", R"({"manifests":[{}]})"));
  EXPECT_EQ(Store::open(directory / "store", clock).error().code, "E_STORE_DAMAGED");
}

bool put(const char* path, const std::string& text) {
  io::Fd fd(::open(path, O_WRONLY | O_CLOEXEC));
  return ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Runs on a file system of 256 KiB of its own, in a child, because only the kernel can fill a disk truthfully. 0: as it should be.
int on_a_full_disk(const std::string& mount_point, const Clock& clock) {
  std::string user = "0 " + std::to_string(::geteuid()) + " 1", group = "0 " + std::to_string(::getegid()) + " 1";
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
  // Without both mappings the kernel refuses to make files (EOVERFLOW).
  bool mapped = put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", user) && put("/proc/self/gid_map", group);
  if (!mapped) return 77;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=256k") != 0) return 77;
  auto store = Store::open(mount_point + "/store", clock);
  if (!store) return 1;
  {
    auto writer = (*store)->begin_blob();
    if (!writer) return 2;
    Result<void> appended;
    for (int i = 0; i < 64 && appended; ++i) appended = writer->append(std::string(8192, 'x'));
    if (appended || appended.error().code != "E_DISK_FULL") return 3;
  }
  if (!io::list_directory(mount_point + "/store/uploads")->empty()) return 4;
  return (*store)->put_blob("small things fit again") ? 0 : 5;
}

TEST_F(StoreTest, a_full_disk_is_a_precise_error_and_leaves_nothing_half_stored) {
  ASSERT_TRUE(io::make_directories(directory / "mount"));
  pid_t child = ::fork();
  if (child == 0) ::_exit(on_a_full_disk(directory / "mount", clock));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no namespaces of one's own here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace pds::oci
