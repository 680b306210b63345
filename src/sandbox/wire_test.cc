#include "sandbox/wire.h"

#include <gtest/gtest.h>

namespace pds::sandbox {
namespace {

SandboxSpec full_spec() {
  SandboxSpec spec;
  spec.id = "i-1";
  spec.profile = Profile::instance;
  spec.layer = "/layers/1";
  spec.arguments = {"/bin/sh", "-c", "true"};
  spec.environment = {{"A", "1"}, {"B", ""}};
  spec.uid = spec.gid = 0;
  spec.hostname = "ip-10-0-0-1";
  spec.limits = {.memory_bytes = 1u << 30, .processes = 7, .open_files = 99, .cpus = 0.5, .tmp_bytes = 1 << 20};
  spec.binds = {{.source = "/a", .target = "/b", .read_only = false}};
  spec.scratch = {{.target = "/c", .bytes_max = 5}};
  spec.addresses = {"10.0.0.1"};
  spec.listeners = {{"10.0.0.1", 80}, {"127.0.0.1", 4566}};
  return spec;
}

TEST(Wire, a_spec_reads_back_as_it_was_written) {
  auto read = decode_spec(encode(full_spec()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode(*read), encode(full_spec()));
  EXPECT_EQ(read->limits.cpus, 0.5);
  EXPECT_FALSE(read->binds[0].read_only);
  EXPECT_EQ(read->listeners[1].port, 4566);
}

TEST(Wire, every_fraction_of_a_processor_reads_back_as_the_same_thousandths) {
  SandboxSpec spec = full_spec();
  for (uint32_t thousandths : {0u, 1u, 1001u, 1024'000u, UINT32_MAX}) {
    spec.limits.cpus = thousandths / 1000.0;
    auto read = decode_spec(encode(spec));
    ASSERT_TRUE(read);
    EXPECT_EQ(encode(*read), encode(spec)) << thousandths;
  }
}

TEST(Wire, every_shortened_or_lengthened_body_is_refused) {
  std::string body = encode(full_spec());
  for (size_t size = 0; size < body.size(); size++) EXPECT_FALSE(decode_spec(std::string_view(body).substr(0, size))) << size;
  EXPECT_FALSE(decode_spec(body + "x"));
}

TEST(Wire, a_count_beyond_its_maximum_is_refused_before_memory_is_taken) {
  Writer out;
  out.u32(0xffffffff);
  EXPECT_FALSE(decode_command(out.take()));
  Command many;
  many.arguments.assign(arguments_max + 1, "x");
  EXPECT_FALSE(decode_command(encode(many)));
}

TEST(Wire, numbers_statuses_and_errors_read_back) {
  EXPECT_EQ(decode_number(encode_number(UINT64_MAX)).value_or(0), UINT64_MAX);
  EXPECT_EQ(decode_exit(encode(ExitStatus{.code = 137, .signal = 9}))->signal, 9);
  EXPECT_EQ(
      decode_usage(encode(Usage{.cpu_time = 5us, .memory_bytes = 7, .memory_peak_bytes = 9, .processes = 3}))->memory_peak_bytes,
      9u);
  Error error = decode_error(encode(Error{"E_X", "why", 500, true}));
  EXPECT_EQ(error.code, "E_X");
  EXPECT_TRUE(error.retryable);
}

TEST(Wire, packets_need_the_magic_number) {
  Message message{.type = MessageType::signal, .request = 77, .body = encode_number(15), .fds = {}};
  auto read = unpack(pack(message));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->request, 77u);
  EXPECT_EQ(read->body, message.body);
  std::string packet = pack(message);
  packet[0] ^= 1;
  EXPECT_FALSE(unpack(packet));
  EXPECT_FALSE(unpack("pds1"));
}

}  // namespace
}  // namespace pds::sandbox
