// Where requests of one listener go. Routes are immutable: a change makes new ones and swaps the pointer, so that a request is
// judged by one state of affairs from beginning to end, and those under way finish on what they began with.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "proxy/condition.h"
#include "proxy/shares.h"
#include "proxy/stickiness.h"
#include "proxy/target_group.h"
#include "proxy/weighted_draw.h"

namespace pds::proxy {

struct Forward {
  struct Choice {
    std::shared_ptr<TargetGroup> group;
    uint32_t weight = 1;
    std::string token;  // in the group cookie; when stickiness is on
  };
  std::vector<Choice> choices;
  int stickiness_seconds = 0;  // of the choice of a group; 0: none

  Forward(std::vector<Choice> all, int sticky_seconds);
  // Null when every weight is 0. A group cookie wins while its time has not passed and its group's weight is not 0. `now` is real
  // time.
  const Choice* choose(uint64_t random, std::string_view cookie = {}, Timestamp now = {}) const;
  // What the group cookie is to be from now on. Valid until the next call.
  const std::string& cookie_for(const Choice& choice, Timestamp now) const;
  ForwardCounts counts() const { return {taken_}; }

 private:
  const Choice* kept_by(std::string_view cookie, Timestamp now) const;
  // Where things stand; not part of what the routes say.
  mutable WeightedDraw draw_;
  mutable std::vector<uint64_t> taken_;
  mutable std::vector<StickyCookie> cookies_;
};

// Placeholders #{protocol} #{host} #{port} #{path} #{query} stand for the request's own; the path's has no leading slash.
struct Redirect {
  std::string protocol = "#{protocol}", host = "#{host}", port = "#{port}", path = "/#{path}", query = "#{query}";
  int status = 302;  // 301 or 302
  std::string location(const RequestView& request, std::string_view request_protocol, uint16_t request_port) const;
};

struct FixedResponse {
  int status = 200;
  std::string content_type = "text/plain", body;
};

using Action = std::variant<Forward, Redirect, FixedResponse>;

struct Rule {
  int priority = 0;
  std::vector<Condition> conditions;  // all must hold
  Action action;
};

enum class ForwardedFor : uint8_t { append, preserve, remove };

// What holds for every request of a listener. The names are AWS's attributes.
struct FrontSettings {
  std::string load_balancer_id;  // "app/web/50dc6c495c0c9188": in access logs
  std::string dns_name;          // Host of requests that have none (HTTP/1.0)
  uint16_t port = 80;            // the listener's
  bool secure = false;
  bool drop_invalid_header_fields = false;  // else they pass
  bool preserve_host_header = false;        // else its port becomes the listener's
  bool tls_headers = false;                 // routing.http.x_amzn_tls_version_and_cipher_suite.enabled
  ForwardedFor forwarded_for = ForwardedFor::append;
  bool forwarded_client_port = false;  // routing.http.xff_client_port.enabled
  Duration idle_timeout = 60s;         // of tunnels; targets and servers have their own
  Duration client_keep_alive{0};       // a connection older than this ends with its next answer; real time, 0: never
  // Of every answer, in place of the target's fields of these names.
  bool server_header = true;  // false: no answer has one
  std::vector<std::pair<std::string, std::string>> response_headers;
};

struct Routes {
  FrontSettings settings;
  std::vector<Rule> rules;  // by rising priority
  Action default_action;
  const Action& match(const RequestView& request, uint64_t& evaluations, int& priority) const;
};

}  // namespace pds::proxy
