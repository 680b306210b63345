// The Sandbox of sandbox.h over a record and a control connection.
#pragma once

#include "sandbox/channel.h"
#include "sandbox/run_directory.h"
#include "sandbox/sandbox.h"

namespace pds::sandbox {

// What a sandbox needs of its host.
class Undertaker {
 public:
  virtual ~Undertaker() = default;
  virtual io::Task<Result<void>> destroy_sandbox(std::string id) = 0;
  virtual void forget_sandbox(const std::string& id) = 0;  // its object is gone
};

class RunningSandbox final : public Sandbox {
 public:
  // Connects when its init lives; else it is one that has ended. `fresh`: it was just begun, which saves asking whether it runs.
  static Result<std::unique_ptr<RunningSandbox>> open(io::Loop& loop, Undertaker& host, std::string directory, Record record,
                                                      bool fresh);
  RunningSandbox(io::Loop& loop, Undertaker& host, std::string directory, Record record);
  ~RunningSandbox() override;

  // A listener's socket that came with the start: the first listen() for it needs not ask.
  void keep_listener(const Endpoint& endpoint, io::Fd socket) { kept_.emplace_back(endpoint, std::move(socket)); }

  const std::string& id() const override { return record_.id; }
  Profile profile() const override { return record_.profile; }
  io::ProcessIdentity process() const override { return record_.init; }
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(std::string address, uint16_t port, io::Deadline deadline) override;
  io::Task<Result<std::unique_ptr<io::Listener>>> listen(std::string address, uint16_t port) override;
  io::Task<Result<io::Fd>> open_udp(std::string address, uint16_t port) override;
  std::shared_ptr<io::Connector> connector(std::string address, uint16_t port) override;
  io::Task<Result<CommandResult>> run(Command command, io::Deadline deadline) override;
  io::Task<Result<void>> signal(int signal_number) override;
  io::Task<ExitStatus> wait_exit() override;
  bool has_exited() const override { return exited_.is_set(); }
  io::Task<Result<void>> freeze() override { return set_frozen(true); }
  io::Task<Result<void>> thaw() override { return set_frozen(false); }
  bool frozen() const override { return frozen_; }
  io::Task<Result<Usage>> usage() override;
  Result<LogChunk> read_log(uint64_t from, size_t bytes_max) override;
  io::Task<Result<void>> wait_log(uint64_t from) override;
  io::Task<Result<uint64_t>> flush_log() override;
  io::Task<Result<void>> destroy() override;

 private:
  void on_message(const Message& message);
  void on_closed();
  void ended(ExitStatus status);
  // Of the door: E_SANDBOX_FROZEN and E_SANDBOX_GONE are told apart here.
  io::Task<Result<Message>> ask(MessageType type, std::string body, io::Deadline deadline);
  io::Task<Result<io::Fd>> ask_descriptor(MessageType type, Endpoint endpoint, io::Deadline deadline);
  io::Task<Result<void>> set_frozen(bool frozen);

  io::Loop& loop_;
  Undertaker& host_;
  std::string directory_;
  Record record_;
  std::shared_ptr<Channel> channel_;  // null: had ended when we came
  io::Fd log_;
  std::vector<std::pair<Endpoint, io::Fd>> kept_;
  io::Event exited_;
  ExitStatus status_;
  bool frozen_ = false;
  bool destroying_ = false;
  std::shared_ptr<RunningSandbox*> self_;  // for connectors, which may outlive us
};

}  // namespace pds::sandbox
