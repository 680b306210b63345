// The server's end of an HTTP/2 connection: requests side by side, each a task that is handed a body and a responder as over
// HTTP/1.1.
//
// What ends a request early ends its task: when the peer resets the stream, or the connection goes, the service is cancelled where
// it waits. So no more tasks run than there are streams, whatever the peer resets.
#pragma once

#include "http/connection.h"
#include "http/h2_head.h"
#include "http/h2_session.h"
#include "http/h2_upgrade.h"

namespace pds::http {

class H2ServerConnection;

class H2ServerStream final : public H2Stream, public Responder {
 public:
  H2ServerStream() : reader_(head_), trailer_reader_(body_.trailers()) {}

  io::Task<Result<void>> send(const ResponseHead& head, std::string_view body) override;
  using Responder::start;
  io::Task<Result<void>> start(const ResponseHead& head, std::string_view first_piece) override;
  io::Task<Result<void>> write(std::string_view piece) override;
  io::Task<Result<void>> finish(const Headers* trailers) override;
  io::Task<Result<void>> interim(const ResponseHead& head) override;
  io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const ResponseHead& head) override;
  bool started() const override { return started_; }
  uint64_t bytes_sent() const override { return sent_bytes_; }
  // After a request that was read whole, the connection is drained. A body that is not read ends its stream only.
  void close_after() override;
  void drop() override { started_ = true; }  // and never finished: reset

 private:
  friend class H2ServerConnection;
  void open(H2ServerConnection& connection, int32_t id);
  // A whole request, without a body, that did not come in frames.
  void take(RequestHead head);
  void close();  // for the next request
  io::Task<void> serve();
  io::Task<void> answer_for_service();
  io::Task<void> refuse(int status, std::string_view reason);
  void submit_head(const ResponseHead& head, std::optional<uint64_t> length, bool last);
  bool answers_without_body(const ResponseHead& head) const;
  std::unexpected<Error> cut(std::string_view why);
  io::Task<Result<void>> before_body() override;

  void fields_begin() override;
  void field(std::string_view name, std::string_view value) override;
  void bad_field() override;
  void fields_end(bool last) override;
  void closed(uint32_t code) override;
  void settle() override;

  H2ServerConnection* connection_ = nullptr;
  RequestHead head_;
  H2RequestReader reader_;
  H2TrailerReader trailer_reader_;
  io::TaskSet task_;
  std::optional<uint64_t> outgoing_left_;
  size_t index_ = 0;  // among the connection's streams
  bool head_read_ = false;
  bool trailers_broken_ = false;
  bool begun_ = false;       // the task has started
  bool served_ = false;      // and ended
  bool broken_off_ = false;  // by the peer: the task is to end
  bool started_ = false;
  bool finished_ = false;
  bool bodyless_ = false;
  bool continue_expected_ = false;
};

// What a server's HTTP/2 connections share.
struct H2ServerMemory {
  std::shared_ptr<H2Memory> session = std::make_shared<H2Memory>();
  std::vector<std::unique_ptr<H2ServerStream>> spare;  // with the memory that their heads have grown
};

class H2ServerConnection final : public Connection, private H2Session {
 public:
  H2ServerConnection(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port);
  ~H2ServerConnection() override;
  // `upgrade`: the request that it began with over HTTP/1.1.
  io::Task<void> run(std::optional<H2Upgrade> upgrade);
  // Refuses everything.
  io::Task<void> turn_away(std::string_view reason);
  // GOAWAY in two steps (RFC 9113 6.8): first that there will be an end, and once the peer has heard of it which request was the
  // last.
  void finish_up() override;

 private:
  friend class H2ServerStream;
  H2Stream* stream_for(int32_t id, bool opens) override;
  void settings_received() override { greeted_ = true; }
  void ping_answered() override;
  io::Deadline next_deadline() override;
  bool at_deadline() override;
  bool busy() const override { return !streams_.empty(); }
  void begin_with(H2Upgrade upgrade);
  void count_request();
  void wake_idle() override { finish_up(); }
  void forget(H2ServerStream& stream);
  void end_streams();
  void say_last();

  uint16_t local_port_;
  bool greeted_ = false;  // the peer's SETTINGS have come
  bool parting_ = false;  // it has been said that there will be an end
  bool last_said_ = false;
  MonoTime last_said_by_{};
  MonoTime quiet_since_;  // nothing was asked
  size_t requests_ = 0;
  std::vector<std::unique_ptr<H2ServerStream>> streams_;
};

}  // namespace pds::http
