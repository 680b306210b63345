// One line per request in the format of application load balancer access logs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pds::proxy {

// A user agent is cut there, as AWS does.
inline constexpr size_t logged_user_agent_bytes_max = 8 * 1024;

// Views live as long as the exchange that fills them in. Durations below zero were not reached and are written as -1.
struct AccessEntry {
  std::string_view type = "http";  // "http", "https", "h2", "grpcs", "ws", "wss"
  Timestamp finished{}, started{};
  std::string_view load_balancer;  // "app/web/50dc6c495c0c9188"
  std::string_view client;         // "127.0.0.1:51234"
  std::string_view target;         // "10.0.1.17:9898"; empty: none was chosen, or it is a function
  // Received to sent to the target; sent to the head of its answer; that to the beginning of ours.
  Duration request_time{-1}, target_time{-1}, response_time{-1};
  int elb_status = 0, target_status = 0;  // 0: none
  uint64_t received_bytes = 0, sent_bytes = 0;
  // Empty method: the request was malformed, and nothing of it is repeated.
  std::string_view method, scheme = "http", host, request_target;
  uint16_t port = 80;
  std::string_view version = "HTTP/1.1";
  std::string_view user_agent, ssl_cipher, ssl_protocol, target_group, trace_id, domain, certificate;
  int rule_priority = -1;   // -1: none was matched; 0: the default action
  std::string_view action;  // "forward", "redirect", "fixed-response"
  std::string_view redirect_url, error_reason;
  std::string_view classification, classification_reason;  // of requests that do not comply with RFC 9112
  uint64_t connection_trace = 0;                           // written as TID_ and sixteen digits; 0: none
};

class AccessLogFormatter {
 public:
  // The line with its newline; valid until the next call.
  std::string_view format(const AccessEntry& entry);

 private:
  std::string_view second_text(int64_t second);
  std::string buffer_;  // room for the longest line so far
  int64_t second_ = -1;
  std::string second_text_;
};

}  // namespace pds::proxy
