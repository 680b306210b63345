// One line per request in the format of application load balancer access logs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pds::proxy {

// Views live as long as the exchange that fills them in. Durations below zero were not reached and are written as -1.
struct AccessEntry {
  std::string_view type = "http";  // "http", "https", "ws", "wss"
  Timestamp finished{}, started{};
  std::string_view load_balancer;  // "app/web/50dc6c495c0c9188"
  std::string_view client;         // "127.0.0.1:51234"
  std::string_view target;         // "10.0.1.17:9898"; empty: none was chosen
  Duration request_time{-1}, target_time{-1}, response_time{-1};
  int elb_status = 0, target_status = 0;  // 0: none
  uint64_t received_bytes = 0, sent_bytes = 0;
  std::string_view method, scheme = "http", host, request_target;
  uint16_t port = 80;
  int version_minor = 1;
  std::string_view user_agent, ssl_cipher, ssl_protocol, target_group, trace_id, domain, certificate;
  int rule_priority = -1;   // -1: none was matched; 0: the default action
  std::string_view action;  // "forward", "redirect", "fixed-response"
  std::string_view redirect_url, error_reason;
};

class AccessLogFormatter {
 public:
  // The line with its newline; valid until the next call.
  std::string_view format(const AccessEntry& entry);

 private:
  void append_time(Timestamp t);
  std::string line_;
  int64_t second_ = -1;  // whose text is kept: most lines share it with the one before
  std::string second_text_;
};

}  // namespace pds::proxy
