// What a service offers on the wire: one table of operations, each a member function from request to reply.
//
//   Api SecretsManager::api() {
//     Api api(aws::secretsmanager::service_info());
//     api.add<aws::secretsmanager::CreateSecret>(this, &SecretsManager::create_secret);
//     return api;
//   }
//
// The same member functions are what other services call in process: check, act, reply, no HTTP and no JSON.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/codec.h"
#include "aws/shape.h"
#include "io/loop.h"

namespace pds::cloud {

// Who calls, and where.
struct Call {
  std::string account = "000000000000";
  std::string region = "us-east-1";
  std::string principal_arn;         // "arn:aws:iam::000000000000:root", ".../assumed-role/podinfo/i-0abc"
  std::string access_key_id;
  std::string request_id;
  std::string source_address;
  std::string host;                  // as the caller named us: for URLs in replies
  std::string passed_to_service;     // while iam:PassRole is asked: who gets the role, "lambda.amazonaws.com"
  bool internal = false;             // made by the cloud itself: not authorised again
};

// A role that a request hands to a service, which the caller must be allowed to do by iam:PassRole.
struct PassedRole {
  std::string role_arn;
  std::string service;  // "lambda.amazonaws.com"
  std::string refusal;  // AWS's sentence where the service has one of its own; empty: IAM's
};

// Coverage: every operation the service's API has is real, partial (with what is missing) or refused (501).
struct Coverage {
  std::string operation;
  std::string missing;               // empty: real
};

class Api {
 public:
  // A shape of an operation, by itself: there are hundreds of them, so nothing is generated for each but this.
  using Value = std::unique_ptr<void, void (*)(void*)>;
  struct Entry {
    const aws::Operation* operation = nullptr;
    // One of the two is set. The request is a decoded, validated shape; the reply is filled in.
    std::function<Result<void>(const Call&, const void* request, void* reply)> run;
    std::function<io::Task<Result<void>>(const Call&, const void* request, void* reply)> run_later;
    Value (*make_request)() = nullptr;
    Value (*make_reply)() = nullptr;
    // ARN of what the request is about, for authorisation; "*" when the operation has none.
    std::function<std::string(const Call&, const void* request)> resource;
    // Null: the operation passes no roles.
    std::function<std::vector<PassedRole>(const Call&, const void* request)> passed_roles;
    std::string missing;
  };

  explicit Api(const aws::ServiceInfo& service) : service_(&service) {}

  // Handler: Result<Op::Reply> (T::*)(const Call&, const Op::Request&), or the same returning io::Task of it.
  template <class Op, class T>
  Entry& add(T* object, Result<typename Op::Reply> (T::*handler)(const Call&, const typename Op::Request&)) {
    Entry& entry = insert(Op::info(), make<typename Op::Request>, make<typename Op::Reply>);
    entry.run = [object, handler](const Call& call, const void* request, void* reply) -> Result<void> {
      Result<typename Op::Reply> result = (object->*handler)(call, *static_cast<const typename Op::Request*>(request));
      if (!result) return std::unexpected(std::move(result).error());
      *static_cast<typename Op::Reply*>(reply) = std::move(*result);
      return {};
    };
    return entry;
  }
  template <class Op, class T>
  Entry& add(T* object, io::Task<Result<typename Op::Reply>> (T::*handler)(const Call&, const typename Op::Request&)) {
    Entry& entry = insert(Op::info(), make<typename Op::Request>, make<typename Op::Reply>);
    entry.run_later = [object, handler](const Call& call, const void* request, void* reply) {
      return finish<typename Op::Reply>((object->*handler)(call, *static_cast<const typename Op::Request*>(request)), reply);
    };
    return entry;
  }

  // An operation that is not done. REST services only: its method and path are what the 501 finds its name by. It needs no shapes.
  void refuse(const aws::Operation& operation) { refused_.push_back(&operation); }

  const aws::ServiceInfo& service() const { return *service_; }
  const Entry* find(std::string_view operation) const;
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  const std::vector<const aws::Operation*>& operations() const { return operations_; }   // for match_rest
  const std::vector<const aws::Operation*>& refused() const { return refused_; }

 private:
  template <class T>
  static Value make() {
    return {new T(), [](void* value) { delete static_cast<T*>(value); }};
  }
  template <class Reply>
  static io::Task<Result<void>> finish(io::Task<Result<Reply>> task, void* reply) {
    Result<Reply> result = co_await task;
    if (!result) co_return std::unexpected(std::move(result).error());
    *static_cast<Reply*>(reply) = std::move(*result);
    co_return Result<void>{};
  }
  Entry& insert(const aws::Operation& operation, Value (*make_request)(), Value (*make_reply)());

  const aws::ServiceInfo* service_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<const aws::Operation*> operations_, refused_;
};

}  // namespace pds::cloud
