#include "oci/layer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "oci/compression.h"
#include "oci/test_support.h"

namespace pds::oci {
namespace {

// A tar of whatever entries one likes, hostile ones too.
struct Archive {
  std::string bytes;
  TarWriter writer{[this](std::string_view piece) {
    bytes += piece;
    return Result<void>();
  }};
  Archive& add(TarEntry entry, std::string_view content = "") {
    entry.size = content.size();
    EXPECT_TRUE(writer.begin(entry));
    EXPECT_TRUE(writer.write(content));
    return *this;
  }
  Archive& file(std::string path, std::string_view content = "x") { return add({.path = std::move(path)}, content); }
  Archive& directory(std::string path) { return add({.kind = TarKind::directory, .path = std::move(path), .mode = 0755}); }
  Archive& symlink(std::string path, std::string to) {
    return add({.kind = TarKind::symlink, .path = std::move(path), .link = std::move(to)});
  }
  Archive& link(std::string path, std::string to) {
    return add({.kind = TarKind::hard_link, .path = std::move(path), .link = std::move(to)});
  }
  std::string finish() {
    EXPECT_TRUE(writer.finish());
    return bytes;
  }
};

struct LayerTest : testing::Test {
  TemporaryDirectory directory;
  StillClock clock;
  std::unique_ptr<Store> store = *Store::open(directory / "store", clock);
  std::string root = directory / "root";
  UnpackLimits limits;

  void SetUp() override {
    ASSERT_TRUE(io::make_directories(root));
    ASSERT_TRUE(io::write_file_atomically(directory / "outside", "untouched"));
  }
  // "" when it was applied, otherwise the error's code.
  std::string apply(const std::string& tar) {
    Descriptor layer = *store->put_blob(tar, media::layer_tar);
    UnpackUsage usage;
    auto done = apply_layer(*store, layer, Digest::of(tar), root, limits, usage);
    return done ? "" : done.error().code;
  }
  std::string content(const std::string& path) { return io::read_file(root + "/" + path).value_or("(absent)"); }
  void expect_nothing_outside() {
    EXPECT_EQ(*io::read_file(directory / "outside"), "untouched");
    EXPECT_EQ(*io::list_directory(directory.path()), (std::vector<std::string>{"outside", "root", "store"}));
  }
};

TEST_F(LayerTest, the_same_entries_give_the_same_bytes_in_any_order) {
  LayerEntry a{.path = "/etc/a", .content = "1"}, b{.path = "/etc.d/b", .content = "2"};
  Layer first = *write_layer(*store, {a, b}, Timestamp(5s)), second = *write_layer(*store, {b, a}, Timestamp(5s));
  EXPECT_EQ(first.descriptor, second.descriptor);
  EXPECT_EQ(first.diff_id, second.diff_id);
  EXPECT_NE(write_layer(*store, {a, b}, Timestamp(6s))->diff_id, first.diff_id);
}

TEST_F(LayerTest, gzip_has_neither_time_nor_name_nor_operating_system) {
  Layer layer = *write_layer(*store, {{.path = "/a", .content = "1"}}, Timestamp{});
  std::string bytes = *store->read_blob(layer.descriptor.digest, 1 << 20);
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10));
}

TEST_F(LayerTest, what_was_written_is_unpacked_with_its_modes) {
  std::string long_name(150, 'n');
  Layer layer = *write_layer(*store,
                             {{.path = "/bin/tool", .mode = 0755, .content = "tool"},
                              {.kind = LayerEntry::Kind::symlink, .path = "/link", .target = "bin/tool"},
                              {.kind = LayerEntry::Kind::directory, .path = "/tmp", .mode = 01777},
                              {.path = "/" + long_name + "/" + long_name, .content = "long"}},
                             Timestamp{});
  UnpackUsage usage;
  ASSERT_TRUE(apply_layer(*store, layer.descriptor, layer.diff_id, root, limits, usage));
  EXPECT_EQ(content("bin/tool"), "tool");
  EXPECT_EQ(content("link"), "tool");
  EXPECT_EQ(content(long_name + "/" + long_name), "long");
  struct stat status{};
  ASSERT_EQ(::stat((root + "/tmp").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 01777u);
  EXPECT_EQ(usage.bytes, 8u);
}

TEST_F(LayerTest, two_things_at_one_path_and_things_below_files_are_not_written) {
  EXPECT_EQ(write_layer(*store, {{.path = "/a"}, {.path = "/a"}}, {}).error().code, "E_LAYER_INVALID");
  EXPECT_EQ(write_layer(*store, {{.path = "/a"}, {.path = "/a/b"}}, {}).error().code, "E_LAYER_INVALID");
  for (const char* path : {"a", "/", "/a/", "/a//b", "/a/../b", "/./a", ""}) {
    EXPECT_EQ(write_layer(*store, {{.path = path}}, {}).error().code, "E_LAYER_INVALID") << path;
  }
}

TEST_F(LayerTest, hostile_entries_are_refused_and_nothing_is_written_outside) {
  struct Case {
    const char* what;
    std::string tar;
  };
  const Case cases[] = {
      {"absolute path", Archive().file("/outside").finish()},
      {"dot dot", Archive().file("../outside").finish()},
      {"dot dot inside", Archive().file("a/../../outside").finish()},
      {"through a symlink up", Archive().symlink("up", "..").file("up/outside").finish()},
      {"through an absolute symlink", Archive().symlink("abs", directory.path()).file("abs/outside").finish()},
      {"through a chain of symlinks", Archive().symlink("a", "b").symlink("b", "..").file("a/outside").finish()},
      {"hard link to outside", Archive().link("mine", "../outside").finish()},
      {"absolute hard link", Archive().link("mine", directory / "outside").finish()},
      {"hard link through a symlink", Archive().symlink("up", "..").link("mine", "up/outside").finish()},
      {"hard link to a symlink", Archive().symlink("s", "../outside").link("mine", "s").finish()},
      {"hard link to nothing", Archive().link("mine", "absent").finish()},
      {"the same file twice", Archive().file("a").file("a").finish()},
      {"a file, then a directory of that name", Archive().file("a").directory("a").finish()},
      {"the same symlink twice", Archive().symlink("a", "b").symlink("a", "c").finish()},
      {"a file over the root", Archive().file(".").finish()},
      {"whiteout of the parent", Archive().file(".wh...").finish()},
      {"whiteout of nothing", Archive().file(".wh.").finish()},
      {"empty symlink", Archive().symlink("a", "").finish()},
  };
  for (const Case& c : cases) {
    ASSERT_TRUE(io::remove_tree(root));
    ASSERT_TRUE(io::make_directories(root));
    EXPECT_EQ(apply(c.tar), "E_LAYER_UNSAFE") << c.what;
    expect_nothing_outside();
  }
}

TEST_F(LayerTest, devices_pipes_and_sparse_files_are_refused) {
  std::string tar = Archive().file("node").finish();
  for (char kind : {'3', '4', '6', 'S', 'Z'}) {
    std::string bad = tar;
    bad[156] = kind;
    for (int i = 124; i < 135; ++i) bad[static_cast<size_t>(i)] = '0';  // no content
    unsigned sum = 0;
    for (size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bad[i]);
    std::snprintf(&bad[148], 8, "%06o", sum);
    bad.erase(512, 512);
    EXPECT_EQ(apply(bad), "E_LAYER_UNSAFE") << kind;
  }
}

TEST_F(LayerTest, symlinks_may_say_what_they_like_as_long_as_nobody_follows_them_out_here) {
  EXPECT_EQ(apply(Archive().symlink("s", "/etc/passwd").symlink("t", "../../x").finish()), "");
  expect_nothing_outside();
}

TEST_F(LayerTest, hard_links_inside_are_made) {
  EXPECT_EQ(apply(Archive().file("d/a", "one").link("b", "d/a").finish()), "");
  EXPECT_EQ(content("b"), "one");
}

TEST_F(LayerTest, whiteouts_remove_what_lies_below_and_nothing_of_their_own_layer) {
  ASSERT_EQ(apply(Archive().file("d/old", "1").file("d/keep", "2").file("e/old", "3").file("gone/deep/er", "4").finish()), "");
  ASSERT_EQ(apply(Archive().file("d/.wh.old").file("e/new", "5").file("e/.wh..wh..opq").file(".wh.gone").finish()), "");
  EXPECT_EQ(content("d/old"), "(absent)");
  EXPECT_EQ(content("d/keep"), "2");
  EXPECT_EQ(content("e/old"), "(absent)");
  EXPECT_EQ(content("e/new"), "5");
  EXPECT_FALSE(io::exists(root + "/gone"));
}

TEST_F(LayerTest, a_later_layer_replaces_files_links_and_whole_directories) {
  ASSERT_EQ(apply(Archive().file("a", "1").symlink("s", "a").file("d/x", "2").finish()), "");
  ASSERT_EQ(apply(Archive().file("a", "new").file("s", "plain").file("d", "file now").finish()), "");
  EXPECT_EQ(content("a"), "new");
  EXPECT_EQ(content("s"), "plain");
  EXPECT_EQ(content("d"), "file now");
}

TEST_F(LayerTest, a_layer_that_is_not_its_diff_id_is_refused_before_anything_is_placed) {
  std::string tar = Archive().file("a").finish();
  Descriptor layer = *store->put_blob(tar, media::layer_tar);
  UnpackUsage usage;
  EXPECT_EQ(apply_layer(*store, layer, Digest::of("other"), root, limits, usage).error().code, "E_DIGEST_MISMATCH");
  EXPECT_TRUE(io::list_directory(root)->empty());
}

TEST_F(LayerTest, a_layer_cut_short_anywhere_is_refused) {
  std::string tar = Archive().file("a", std::string(3000, 'x')).finish();
  for (size_t size : {size_t{1}, size_t{100}, size_t{511}, size_t{513}, size_t{1000}, size_t{3500}}) {
    EXPECT_EQ(apply(tar.substr(0, size)), "E_LAYER_INVALID") << size;
  }
  Layer good = *write_layer(*store, {{.path = "/a", .content = tar}}, {});
  std::string packed = *store->read_blob(good.descriptor.digest, 1 << 20);
  for (size_t size : {size_t{5}, size_t{15}, packed.size() / 2, packed.size() - 1}) {
    Descriptor cut = *store->put_blob(packed.substr(0, size), media::layer_gzip);
    UnpackUsage usage;
    EXPECT_EQ(apply_layer(*store, cut, good.diff_id, root, limits, usage).error().code, "E_LAYER_INVALID") << size;
  }
}

TEST_F(LayerTest, zstd_layers_are_unpacked_and_damaged_ones_refused) {
  std::string tar = Archive().file("a", "zstd").finish();
  std::string packed(ZSTD_compressBound(tar.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), tar.data(), tar.size(), 3));
  UnpackUsage usage;
  ASSERT_TRUE(apply_layer(*store, *store->put_blob(packed, media::layer_zstd), Digest::of(tar), root, limits, usage));
  EXPECT_EQ(content("a"), "zstd");
  Descriptor cut = *store->put_blob(packed.substr(0, packed.size() - 3), media::layer_zstd);
  EXPECT_EQ(apply_layer(*store, cut, Digest::of(tar), root, limits, usage).error().code, "E_LAYER_INVALID");
}

TEST_F(LayerTest, counts_and_sizes_are_bounded) {
  limits.entries_max = 2;
  EXPECT_EQ(apply(Archive().file("a").file("b").file("c").finish()), "E_TOO_LARGE");
  limits = {.bytes_max = 10'000};
  EXPECT_EQ(apply(Archive().file("d", std::string(10'001, 'x')).finish()), "E_TOO_LARGE");
}

TEST_F(LayerTest, a_bomb_is_stopped_while_it_unpacks) {
  // 64 MiB of zeros in some 64 KiB.
  Layer bomb = *write_layer(*store, {{.path = "/zeros", .content = std::string(64u << 20, '\0')}}, {});
  ASSERT_LT(bomb.descriptor.size, 100'000u);
  UnpackUsage usage;
  EXPECT_EQ(apply_layer(*store, bomb.descriptor, bomb.diff_id, root, limits, usage).error().code, "E_TOO_LARGE");
  EXPECT_TRUE(io::list_directory(root)->empty());
}

TEST_F(LayerTest, an_archive_of_nothing_but_announcements_ends) {
  std::string tar;
  for (int i = 0; i < 20; ++i) {
    Archive one;
    one.file(std::string(300, 'p'));  // begins with a pax record: header and one block
    tar += one.bytes.substr(0, 1024);
  }
  EXPECT_EQ(apply(tar), "E_LAYER_INVALID");
}

}  // namespace
}  // namespace pds::oci
