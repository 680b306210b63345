#include "sandbox/wire.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>

namespace pds::sandbox {

namespace {
constexpr uint32_t magic = 0x31736470;  // "pds1"
}

void Writer::number(uint64_t v, int bytes) {
  for (int i = 0; i < bytes; i++) bytes_.push_back(static_cast<char>(v >> (8 * i)));
}

void Writer::text(std::string_view v) {
  u32(static_cast<uint32_t>(v.size()));
  bytes_.append(v);
}

uint64_t Reader::number(size_t bytes) {
  if (rest_.size() < bytes) {
    bad_ = true;
    rest_ = {};
    return 0;
  }
  uint64_t v = 0;
  for (size_t i = 0; i < bytes; i++) v |= static_cast<uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  rest_.remove_prefix(bytes);
  return v;
}

std::string Reader::text() {
  size_t size = u32();
  if (size > rest_.size()) {
    bad_ = true;
    rest_ = {};
    return {};
  }
  std::string out(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return out;
}

size_t Reader::count(size_t max) {
  size_t n = u32();
  if (n <= max) return n;
  bad_ = true;
  return 0;
}

Result<void> Reader::finish() const {
  if (bad_) return fail("E_SANDBOX_PROTOCOL", "a control message ends early or counts more than is allowed");
  if (!rest_.empty()) return fail("E_SANDBOX_PROTOCOL", "a control message has bytes after its end");
  return {};
}

namespace {

void put(Writer& out, const std::vector<std::string>& list) {
  out.u32(static_cast<uint32_t>(list.size()));
  for (const auto& item : list) out.text(item);
}

std::vector<std::string> get_list(Reader& in, size_t max) {
  std::vector<std::string> list(in.count(max));
  for (auto& item : list) item = in.text();
  return list;
}

void put(Writer& out, const std::map<std::string, std::string>& map) {
  out.u32(static_cast<uint32_t>(map.size()));
  for (const auto& [key, value] : map) {
    out.text(key);
    out.text(value);
  }
}

std::map<std::string, std::string> get_map(Reader& in, size_t max) {
  std::map<std::string, std::string> map;
  for (size_t n = in.count(max); n > 0; n--) {
    std::string key = in.text();
    map[std::move(key)] = in.text();
  }
  return map;
}

void put(Writer& out, const Endpoint& endpoint) {
  out.text(endpoint.address);
  out.u32(endpoint.port);
}

Endpoint get_endpoint(Reader& in) {
  Endpoint endpoint;
  endpoint.address = in.text();
  endpoint.port = static_cast<uint16_t>(in.u32());
  return endpoint;
}

void put(Writer& out, const Limits& limits) {
  out.u64(limits.memory_bytes);
  out.u32(limits.processes);
  out.u32(limits.open_files);
  out.u32(static_cast<uint32_t>(std::lround(limits.cpus * 1000)));
  out.u64(limits.tmp_bytes);
}

Limits get_limits(Reader& in) {
  Limits limits;
  limits.memory_bytes = in.u64();
  limits.processes = in.u32();
  limits.open_files = in.u32();
  limits.cpus = in.u32() / 1000.0;
  limits.tmp_bytes = in.u64();
  return limits;
}

void put_files(Writer& out, const SandboxSpec& spec) {
  out.u32(static_cast<uint32_t>(spec.binds.size()));
  for (const auto& bind : spec.binds) {
    out.text(bind.source);
    out.text(bind.target);
    out.u8(bind.read_only);
  }
  out.u32(static_cast<uint32_t>(spec.scratch.size()));
  for (const auto& scratch : spec.scratch) {
    out.text(scratch.target);
    out.u64(scratch.bytes_max);
  }
}

void get_files(Reader& in, SandboxSpec& spec) {
  spec.binds.resize(in.count(binds_max));
  for (auto& bind : spec.binds) {
    bind.source = in.text();
    bind.target = in.text();
    bind.read_only = in.u8() != 0;
  }
  spec.scratch.resize(in.count(binds_max));
  for (auto& scratch : spec.scratch) {
    scratch.target = in.text();
    scratch.bytes_max = in.u64();
  }
}

template <class T>
Result<T> finished(const Reader& in, T value) {
  CHECK(in.finish());
  return value;
}

}  // namespace

std::string encode(const SandboxSpec& spec) {
  Writer out;
  out.text(spec.id);
  out.u8(static_cast<uint8_t>(spec.profile));
  out.text(spec.image_root);
  out.text(spec.layer);
  put(out, spec.arguments);
  put(out, spec.environment);
  out.text(spec.working_directory);
  out.u32(spec.uid);
  out.u32(spec.gid);
  out.text(spec.hostname);
  put(out, spec.limits);
  put_files(out, spec);
  put(out, spec.addresses);
  out.u32(static_cast<uint32_t>(spec.listeners.size()));
  for (const auto& listener : spec.listeners) put(out, listener);
  return out.take();
}

Result<SandboxSpec> decode_spec(std::string_view body) {
  Reader in(body);
  SandboxSpec spec;
  spec.id = in.text();
  uint8_t profile = in.u8();
  if (profile > static_cast<uint8_t>(Profile::instance)) return fail("E_SANDBOX_PROTOCOL", "unknown sandbox profile");
  spec.profile = static_cast<Profile>(profile);
  spec.image_root = in.text();
  spec.layer = in.text();
  spec.arguments = get_list(in, arguments_max);
  spec.environment = get_map(in, environment_max);
  spec.working_directory = in.text();
  spec.uid = in.u32();
  spec.gid = in.u32();
  spec.hostname = in.text();
  spec.limits = get_limits(in);
  get_files(in, spec);
  spec.addresses = get_list(in, addresses_max);
  spec.listeners.resize(in.count(listeners_max));
  for (auto& listener : spec.listeners) listener = get_endpoint(in);
  return finished(in, std::move(spec));
}

std::string encode(const Command& command) {
  Writer out;
  put(out, command.arguments);
  put(out, command.environment);
  out.text(command.working_directory);
  out.u32(command.uid);
  out.u32(command.gid);
  return out.take();
}

Result<Command> decode_command(std::string_view body) {
  Reader in(body);
  Command command;
  command.arguments = get_list(in, arguments_max);
  command.environment = get_map(in, environment_max);
  command.working_directory = in.text();
  command.uid = in.u32();
  command.gid = in.u32();
  return finished(in, std::move(command));
}

std::string encode(const Endpoint& endpoint) {
  Writer out;
  put(out, endpoint);
  return out.take();
}

Result<Endpoint> decode_endpoint(std::string_view body) {
  Reader in(body);
  Endpoint endpoint = get_endpoint(in);
  return finished(in, std::move(endpoint));
}

std::string encode(const ExitStatus& status) {
  Writer out;
  out.u32(static_cast<uint32_t>(status.code));
  out.u32(static_cast<uint32_t>(status.signal));
  return out.take();
}

Result<ExitStatus> decode_exit(std::string_view body) {
  Reader in(body);
  ExitStatus status;
  status.code = static_cast<int>(in.u32());
  status.signal = static_cast<int>(in.u32());
  return finished(in, status);
}

std::string encode(const Usage& usage) {
  Writer out;
  out.u64(static_cast<uint64_t>(usage.cpu_time.count()));
  out.u64(usage.memory_bytes);
  out.u64(usage.memory_peak_bytes);
  out.u32(usage.processes);
  return out.take();
}

Result<Usage> decode_usage(std::string_view body) {
  Reader in(body);
  Usage usage;
  usage.cpu_time = Duration(static_cast<int64_t>(in.u64()));
  usage.memory_bytes = in.u64();
  usage.memory_peak_bytes = in.u64();
  usage.processes = in.u32();
  return finished(in, usage);
}

std::string encode(const Error& error) {
  Writer out;
  out.text(error.code);
  out.text(error.message.substr(0, 4096));
  out.u8(error.retryable);
  return out.take();
}

Error decode_error(std::string_view body) {
  Reader in(body);
  Error error{.code = in.text(), .message = in.text(), .http_status = 500, .retryable = in.u8() != 0};
  if (auto whole = in.finish(); !whole) return whole.error();
  return error;
}

std::string encode_number(uint64_t value) {
  Writer out;
  out.u64(value);
  return out.take();
}

Result<uint64_t> decode_number(std::string_view body) {
  Reader in(body);
  uint64_t value = in.u64();
  return finished(in, value);
}

std::string pack(const Message& message) {
  Writer out;
  out.u32(magic);
  out.u8(static_cast<uint8_t>(message.type));
  out.u64(message.request);
  return out.take() + message.body;
}

Result<Message> unpack(std::string_view packet) {
  constexpr size_t head_bytes = 13;
  if (packet.size() < head_bytes) return fail("E_SANDBOX_PROTOCOL", "a control message is shorter than its head");
  Reader in(packet.substr(0, head_bytes));
  if (in.u32() != magic) return fail("E_SANDBOX_PROTOCOL", "a control message does not begin with the magic number");
  Message message;
  message.type = static_cast<MessageType>(in.u8());
  message.request = in.u64();
  message.body = packet.substr(head_bytes);
  return message;
}

Result<void> send_message(int socket, const Message& message, const std::vector<int>& fds) {
  std::string packet = pack(message);
  if (packet.size() > message_bytes_max || fds.size() > message_fds_max)
    return fail("E_SANDBOX_SPEC", "the sandbox's description is longer than a control message may be");
  iovec part{packet.data(), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(message_fds_max * sizeof(int))];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  }
  while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return fail_world("E_WOULD_BLOCK", "the control socket's queue is full");
    if (errno == EPIPE || errno == ECONNRESET) return fail_world("E_CLOSED", "the control connection is closed");
    return fail_errno("send on a control socket", errno);
  }
  return {};
}

Result<Message> receive_message(int socket) {
  // Not cleared: most messages are a thousandth of the longest.
  auto packet = std::make_unique_for_overwrite<char[]>(message_bytes_max);
  iovec part{packet.get(), message_bytes_max};
  alignas(cmsghdr) char control[CMSG_SPACE(message_fds_max * sizeof(int))];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t size;
  while ((size = recvmsg(socket, &header, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return fail_world("E_WOULD_BLOCK", "no control message is waiting");
    if (errno == ECONNRESET) return fail_world("E_CLOSED", "the control connection is closed");
    return fail_errno("receive on a control socket", errno);
  }
  std::vector<io::Fd> fds;
  for (cmsghdr* rights = CMSG_FIRSTHDR(&header); rights; rights = CMSG_NXTHDR(&header, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
    int fd;
    for (size_t at = 0; at + sizeof fd <= rights->cmsg_len - CMSG_LEN(0); at += sizeof fd) {
      memcpy(&fd, CMSG_DATA(rights) + at, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if (size == 0) return fail_world("E_CLOSED", "the control connection is closed");
  if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return fail("E_SANDBOX_PROTOCOL", "a control message is longer than allowed");
  TRY(Message message, unpack({packet.get(), static_cast<size_t>(size)}));
  message.fds = std::move(fds);
  return message;
}

}  // namespace pds::sandbox
