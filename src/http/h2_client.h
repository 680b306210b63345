// The client's end of HTTP/2: connections that carry many exchanges, and the exchanges.
#pragma once

#include "http/client.h"
#include "http/h2_head.h"
#include "http/h2_session.h"

namespace pds::http {

class H2Exchange;

// Lives as long as somebody holds it; what runs in it never sees it go, because its last holder leaves that to the loop's next
// turn.
class H2ClientConnection final : private H2Session {
 public:
  static std::shared_ptr<H2ClientConnection> make(io::Loop& loop, std::unique_ptr<io::Stream> stream,
                                                  std::shared_ptr<H2Memory> memory, const ClientOptions& options,
                                                  std::string destination);
  ~H2ClientConnection() override;

  // Waits for the peer's SETTINGS: they say how many requests it takes. E_TIMEOUT, E_BAD_MESSAGE (this is not HTTP/2), E_CLOSED.
  io::Task<Result<void>> greeting(io::Deadline deadline);
  // Whether it takes new requests at all, and how many now.
  bool is_usable() const;
  size_t room() const;
  bool is_idle() const { return exchanges_ == 0; }
  // Takes no new requests from now on, and closes when its exchanges are over.
  void retire();

 private:
  friend class H2Exchange;
  H2ClientConnection(io::Loop& loop, std::unique_ptr<io::Stream> stream, std::shared_ptr<H2Memory> memory,
                     const ClientOptions& options, std::string destination);
  io::Task<void> live();
  H2Stream* stream_for(int32_t id, bool opens) override;
  void settings_received() override { greeted_ = true; }
  void input_settled() override {
    if (greeted_) greeting_.open();
  }
  void going_away() override { retired_ = true; }
  io::Deadline next_deadline() override;
  bool at_deadline() override;
  bool busy() const override { return exchanges_ > 0; }

  ClientOptions options_;
  std::string destination_;
  bool secure_;
  bool greeted_ = false;
  bool used_ = false;  // an exchange has begun here before
  bool retired_ = false;
  bool over_ = false;  // nothing will be read any more
  size_t exchanges_ = 0;
  MonoTime quiet_since_;
  Gate greeting_;
  H2Exchange* first_ = nullptr;  // all exchanges, to tell them of the end
  io::TaskSet living_;
};

class H2Exchange final : public ClientExchange, private H2Stream {
 public:
  explicit H2Exchange(std::shared_ptr<H2ClientConnection> connection);
  ~H2Exchange() override;
  static void* operator new(size_t size) { return io::detail::allocate_frame(size); }
  static void operator delete(void* memory, size_t size) noexcept { io::detail::free_frame(memory, size); }

  // Frames the head; it goes out with what else this turn of the loop has to say.
  Result<void> begin(const RequestHead& head, const OutgoingFraming& outgoing);
  io::Task<Result<void>> write(std::string_view piece) override;
  io::Task<Result<void>> finish(const Headers* trailers = nullptr) override;
  io::Task<Result<const ResponseHead*>> response() override;
  Body& body() override { return body_; }
  std::unique_ptr<io::Stream> take_stream() override { return nullptr; }  // a stream is no connection of its own
  bool request_was_sent() const override { return framed_ && !untouched_; }
  bool reused_connection() const override { return reused_; }
  void cut() override;
  bool response_began() const override { return head_ready_ || interim_answers_ > 0; }
  ResponseHead take_head() { return std::move(head_); }

 private:
  friend class H2ClientConnection;
  void fields_begin() override;
  void field(std::string_view name, std::string_view value) override;
  void bad_field() override;
  void fields_end(bool last) override;
  void closed(uint32_t code) override;
  void settle() override;
  void connection_ended();
  io::Task<Result<void>> put_checked(std::string_view piece, bool last, const Headers* trailers = nullptr);
  std::unexpected<Error> lost(std::string_view why) const;

  std::shared_ptr<H2ClientConnection> connection_;
  H2Exchange *previous_ = nullptr, *next_ = nullptr;
  ResponseHead head_;
  H2ResponseReader reader_{head_};
  H2TrailerReader trailer_reader_;
  OutgoingFraming outgoing_;
  uint64_t outgoing_left_ = 0;
  int interim_answers_ = 0;
  uint32_t close_code_ = 0;
  bool asks_head_ = false;
  bool reused_;
  bool framed_ = false;
  bool untouched_ = false;  // the peer has said that it did nothing with it
  bool head_ready_ = false;
  bool request_complete_ = false;
  bool* destroyed_ = nullptr;  // while it is settled
  Gate answered_;
};

// The HTTP/2 connections of one client.
class H2Pool {
 public:
  // One that takes another request; the one with the most under way first, so that the others can end. Null: none does.
  std::shared_ptr<H2ClientConnection> take();
  void add(std::shared_ptr<H2ClientConnection> connection) { connections_.push_back(std::move(connection)); }
  size_t size() const { return connections_.size(); }
  size_t idle() const;
  void close_idle();
  void retire_all();

 private:
  std::vector<std::shared_ptr<H2ClientConnection>> connections_;
};

}  // namespace pds::http
