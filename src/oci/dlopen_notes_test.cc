#include "oci/dlopen_notes.h"

#include <gtest/gtest.h>

#include "base/dlopen_note.h"
#include "base/text.h"
#include "io/files.h"
#include "oci/builder.h"
#include "oci/elf.h"
#include "oci/test_support.h"
#include "oci/unpack.h"

namespace pds::oci {
namespace {

PDS_DLOPEN_NOTE(this_programs_note, R"([{"feature":"a","priority":"recommended","soname":["libnone.so.1","libresolv.so.2"]},
                                        {"feature":"b","priority":"suggested","soname":["libnone.so.2"]}])");

std::string number(uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); }

std::string note(std::string_view owner, uint32_t kind, std::string_view content, size_t alignment = 4) {
  std::string out = number(static_cast<uint32_t>(owner.size())) + number(static_cast<uint32_t>(content.size())) + number(kind);
  out.append(owner).resize((out.size() + alignment - 1) / alignment * alignment);
  out.append(content).resize((out.size() + alignment - 1) / alignment * alignment);
  return out;
}

std::string dlopen_note(std::string json, size_t alignment = 4) {
  return note({"FDO\0", 4}, 0x407c0c0a, json + '\0', alignment);
}

TEST(DlopenNotes, are_read_from_among_other_notes) {
  for (size_t alignment : {4, 8}) {
    std::string other = note({"GNU\0", 4}, 3, "12345", alignment);
    std::string segment = other + dlopen_note(R"([{"feature":"x","priority":"required","soname":["a.so","b.so"]}])", alignment) + other +
                          dlopen_note(R"([{"soname":["c.so"],"priority":"recommended"},{"soname":["d.so"]}])", alignment);
    auto entries = parse_dlopen_notes(segment, alignment);
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 3u);
    EXPECT_EQ((*entries)[0].feature, "x");
    EXPECT_EQ((*entries)[0].sonames, (std::vector<std::string>{"a.so", "b.so"}));
    EXPECT_TRUE((*entries)[0].required);
    EXPECT_FALSE((*entries)[1].required);
    EXPECT_EQ((*entries)[2].sonames, std::vector<std::string>{"d.so"});
  }
  EXPECT_TRUE(parse_dlopen_notes("", 4)->empty());
  // The same kind, by another owner.
  EXPECT_TRUE(parse_dlopen_notes(note({"XDO\0", 4}, 0x407c0c0a, "what"), 4)->empty());
}

TEST(DlopenNotes, that_are_damaged_are_refused) {
  std::string good = dlopen_note(R"([{"soname":["a.so"]}])");
  ASSERT_TRUE(parse_dlopen_notes(good, 4));
  for (size_t size = 1; size + 4 < good.size(); ++size) EXPECT_FALSE(parse_dlopen_notes(good.substr(0, size), 4)) << size;
  for (const char* json : {"", "{}", "[1]", "[{}]", R"([{"soname":[]}])", R"([{"soname":[1]}])", R"([{"soname":[""]}])",
                           R"([{"soname":["../a.so"]}])", R"([{"soname":"a.so"}])", R"([{"soname":["a\u0000.so"]}])"})
    EXPECT_FALSE(parse_dlopen_notes(dlopen_note(json), 4)) << json;
  EXPECT_FALSE(parse_dlopen_notes(dlopen_note(R"([{"soname":[")" + std::string(256, 'a') + "\"]}]"), 4));
  EXPECT_FALSE(parse_dlopen_notes(note({"FDO\0", 4}, 0x407c0c0a, "[]"), 4)) << "without a zero byte at its end";
  std::string many = "[";
  for (int i = 0; i < 257; ++i) many += std::string(i ? "," : "") + R"({"soname":["a.so"]})";
  EXPECT_FALSE(parse_dlopen_notes(dlopen_note(many + "]"), 4));
  EXPECT_FALSE(parse_dlopen_notes(std::string((1u << 20) + 1, '\0'), 4));
}

TEST(DlopenNotes, that_a_program_has_are_in_its_file) {
  ElfFile file = *parse_elf(*io::read_file("/proc/self/exe"));
  ASSERT_EQ(file.loads.size(), 2u);
  EXPECT_EQ(file.loads[0].sonames, (std::vector<std::string>{"libnone.so.1", "libresolv.so.2"}));
  EXPECT_EQ(file.loads[1].feature, "b");
}

// This program at another place, and what may lie beside it.
struct ProgramTest : testing::Test {
  TemporaryDirectory directory;
  std::string program = directory / "program";
  std::string bytes = *io::read_file("/proc/self/exe");

  void write(const std::string& content) { ASSERT_TRUE(io::write_file_atomically(program, content, 0755)); }
  // Any library will do.
  void put_beside(const std::string& name) {
    LibraryClosure own = *library_closure("/proc/self/exe");
    ASSERT_TRUE(io::write_file_atomically(directory / name, *io::read_file(own.libraries.front().file)));
  }
};

TEST_F(ProgramTest, what_it_loads_from_beside_itself_is_found_and_what_is_absent_is_passed_over) {
  write(bytes);
  LibraryClosure alone = *library_closure(program);
  EXPECT_TRUE(alone.modules.empty());
  EXPECT_NE(std::ranges::find(alone.libraries, "libresolv.so.2", &Library::soname), alone.libraries.end()) << "the second name of the first note";
  put_beside("libnone.so.2");
  LibraryClosure closure = *library_closure(program);
  ASSERT_EQ(closure.modules.size(), 1u);
  EXPECT_EQ(closure.modules[0].soname, "libnone.so.2");
  EXPECT_EQ(closure.modules[0].file, *real_path(directory / "libnone.so.2"));
  put_beside("libnone.so.1");
  EXPECT_EQ(library_closure(program)->modules.size(), 2u);
  LibraryClosure least = *library_closure(program, "", false);
  EXPECT_TRUE(least.modules.empty());
  EXPECT_LE(least.libraries.size(), closure.libraries.size());  // a sanitizer may need the one that the note names
}

TEST_F(ProgramTest, what_is_required_and_absent_is_named) {
  write(replace_all(bytes, R"("priority":"suggested")", R"("priority":"required" )"));
  auto closure = library_closure(program);
  ASSERT_FALSE(closure);
  EXPECT_EQ(closure.error().code, "E_LIBRARY_NOT_FOUND");
  EXPECT_NE(closure.error().message.find("libnone.so.2"), std::string::npos) << closure.error().message;
  put_beside("libnone.so.2");
  EXPECT_TRUE(library_closure(program));
}

TEST_F(ProgramTest, its_modules_lie_beside_it_in_the_image) {
  write(bytes);
  put_beside("libnone.so.2");
  StillClock clock;
  auto store = *Store::open(directory / "store", clock);
  ImageSpec spec{.binary = program, .install_path = "/opt/it/program"};
  auto image = build_image(*store, spec);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_NE(std::ranges::find(image->libraries, "/opt/it/libnone.so.2"), image->libraries.end());
  EXPECT_TRUE(std::ranges::is_sorted(image->libraries));
  RootFilesystem root = *unpack_image(*store, image->manifest.digest, directory / "cache");
  EXPECT_EQ(*io::read_file(root.root + "/opt/it/libnone.so.2"), *io::read_file(directory / "libnone.so.2"));
  EXPECT_EQ(build_image(*store, spec)->manifest.digest, image->manifest.digest);
}

}  // namespace
}  // namespace pds::oci
