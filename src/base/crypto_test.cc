#include "base/crypto.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"

namespace pds {
namespace {

TEST(Crypto, digests_are_as_published) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231, test cases 2 and 6: a short key, and one longer than a block.
TEST(Crypto, hmac_is_as_its_rfc_has_it) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Crypto, what_was_sealed_opens_with_the_same_key_and_data_only) {
  std::string key(32, 'k'), nonce(12, 'n'), sealed = seal(key, nonce, "secret", "row");
  EXPECT_EQ(open_sealed(key, sealed, "row").value_or(""), "secret");
  EXPECT_FALSE(open_sealed(std::string(32, 'x'), sealed, "row"));
  EXPECT_FALSE(open_sealed(key, sealed, "other row"));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_sealed(key, changed, "row")) << i;
    EXPECT_FALSE(open_sealed(key, sealed.substr(0, i), "row")) << i;
  }
}

// Across the ends of the pool, and past it.
TEST(Crypto, random_bytes_never_come_twice) {
  SystemRandom random;
  std::set<std::string> seen;
  for (size_t size : {16, 24, 128, 129, 4096})
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(seen.insert(random.bytes(size)).second);
}

TEST(Crypto, a_uuid_is_of_version_4) {
  SeededRandom random(1);
  std::string uuid = random.uuid();
  ASSERT_EQ(uuid.size(), 36u);
  for (size_t at : {8, 13, 18, 23}) EXPECT_EQ(uuid[at], '-');
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
}

}  // namespace
}  // namespace pds
