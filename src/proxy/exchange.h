// One request on its way to a target and its answer on the way back. Lives in the frame of Frontend::serve; when that is cancelled
// (the client went away, the server was stopped) its destructor still counts and logs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/client.h"
#include "http/service.h"
#include "proxy/forwarding.h"
#include "proxy/frontend.h"
#include "proxy/retry.h"

namespace pds::proxy {

// What an exchange needs and the next one can use again, so that a steady state allocates nothing.
struct ExchangeMemory {
  http::RequestHead upstream_head;
  http::ResponseHead downstream_head;
  std::string trace_id;
};
inline constexpr size_t spare_memory_max = 256;
// An answer up to this size is waited for and passed on in one piece; longer ones stream.
inline constexpr uint64_t answer_piece_bytes_max = 64 * 1024;
// A redirect to a longer location is answered 414, and counted.
inline constexpr size_t redirect_url_bytes_max = 8 * 1024;
// Rules of a request that capacity units are not counted for.
inline constexpr uint64_t free_rule_evaluations = 10;

class Exchange {
 public:
  Exchange(Frontend& front, http::ServerRequest& request, http::Responder& responder);
  ~Exchange();
  Exchange(const Exchange&) = delete;

  io::Task<void> run();

 private:
  // A body that is no more than its first piece is kept for a second attempt; a longer one streams and can be sent once.
  struct Upload {
    http::RequestBody kind = http::RequestBody::none;
    std::string_view first;  // valid until the body is read again
    bool streams = false;
  };
  using Upstream = std::unique_ptr<http::ClientExchange>;

  io::Task<void> answer(int status, std::string_view error_reason);
  io::Task<void> answer_redirect(const Redirect& redirect, RequestView view);
  io::Task<void> answer_fixed(const FixedResponse& fixed);
  io::Task<void> send_own(http::ResponseHead& head, std::string_view body);

  io::Task<void> forward(const Forward& forward);
  io::Task<void> forward_to_function();
  io::Task<void> refuse_function_body(const Error& error);
  io::Task<void> answer_function_failure(const Error& error);
  io::Task<void> forward_to_server();
  io::Task<Result<Upload>> prepare_upload();
  void prepare_upstream_head();
  const http::ResponseHead& downstream_head(const http::ResponseHead& answer);
  bool changes_answers() const;
  bool may_try_again(const Upload& upload, const Error& error) const;
  io::Task<Result<void>> attempt(const Upload& upload, io::TaskSet& uploading);
  io::Task<Result<void>> answer_while_uploading(const Upload& upload, io::TaskSet& uploading);
  io::Task<void> upload_rest(std::string_view first);
  io::Task<void> wait_for_head();
  io::Task<void> relay();
  io::Task<void> relay_stream(const http::ResponseHead& head, std::string_view first);
  io::Task<void> tunnel();
  std::shared_ptr<Target> pick_target(TargetGroup& group);
  void add_cookies(const http::Headers& answer, http::Headers& headers);
  void count_head(int status);
  TargetProtocol protocol() const { return choice_->group->settings().protocol; }
  void begin_sending();
  void log(MonoTime ended);
  void cut();

  Frontend& front_;
  const std::shared_ptr<const Routes> routes_;
  http::ServerRequest& request_;
  http::Responder& responder_;
  std::unique_ptr<ExchangeMemory> memory_;
  const Forward* forward_ = nullptr;
  const Forward::Choice* choice_ = nullptr;
  std::shared_ptr<Target> target_;
  std::optional<Target::Flight> flight_;
  bool was_placed_ = false;  // by its cookie
  bool was_kept_ = false;  // the client came with a stickiness cookie of the group, whoever that named
  Upstream upstream_;
  const http::ResponseHead* head_ = nullptr;                   // of upstream_
  std::unique_ptr<io::Stream> client_stream_, target_stream_;  // of a tunnel
  // While a long body streams to the target:
  io::Event decided_;  // there is a head, or an error, or the client's half has failed
  std::optional<Error> head_error_, client_error_;
  bool upload_done_ = true;

  MonoTime began_, sent_{}, head_at_{}, sending_at_{};
  bool own_answer_ = false;  // made here, not by a target
  bool tunnelled_ = false;
  std::string redirect_url_;
  AccessEntry entry_;
};

}  // namespace pds::proxy
