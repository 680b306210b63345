// What AutoScaling is made of; included by its operations only.
#pragma once

#include "aws/paging.h"
#include "cloud/services/autoscaling/activities.h"
#include "cloud/services/autoscaling/elbv2_target_groups.h"
#include "cloud/services/autoscaling/reconciler.h"
#include "cloud/services/autoscaling/records.h"
#include "cloud/services/autoscaling/rules.h"
#include "cloud/services/autoscaling/service.h"
#include "io/clock.h"

namespace pds::cloud {

struct AutoScaling::Impl : std::enable_shared_from_this<AutoScaling::Impl> {
  Impl(Core& c, Ec2& e, std::unique_ptr<autoscaling::TargetGroups> adapter, autoscaling::TargetGroups& t, MetricSink& m)
      : core(c),
        ec2(e),
        owned(std::move(adapter)),
        targets(t),
        metrics(m),
        tables(c),
        activities(c, tables),
        reconciler(c, tables, activities, e, t) {}

  Core& core;
  Ec2& ec2;
  std::unique_ptr<autoscaling::TargetGroups> owned;
  autoscaling::TargetGroups& targets;
  MetricSink& metrics;
  autoscaling::Tables tables;
  autoscaling::Activities activities;
  autoscaling::Reconciler reconciler;
  io::TaskSet tasks;
  io::Event wake;
  bool started = false;

  // ValidationError when there is no such group, or it is being deleted.
  Result<const autoscaling::GroupRecord*> group_at(const std::string& name) const;
  // All of them, in this group.
  Result<std::vector<autoscaling::MemberRecord>> members_at(const std::string& group,
                                                            const std::vector<std::string>& instance_ids) const;
  Result<void> change_group(const std::string& name, const std::function<Result<void>(autoscaling::GroupRecord&)>& change);
  // The answer where there is none of what is asked for. A group that is named must exist, as for any other question about it.
  template <class Reply, class Request>
  Result<Reply> none_of(const char* operation, const Request& request) const {
    CHECK(autoscaling::begin(operation, request));
    if constexpr (requires { request.auto_scaling_group_name.value(); }) {
      if (request.auto_scaling_group_name) CHECK(group_at(*request.auto_scaling_group_name));
    } else if constexpr (requires { request.auto_scaling_group_name.size(); }) {
      CHECK(group_at(request.auto_scaling_group_name));
    }
    return Reply{};
  }
  bool step();
  void kick();  // from the loop's next turn: whoever kicks may be in a transaction
  io::Task<void> run();
  io::Task<void> measure();
  void measure_group(const autoscaling::GroupRecord& group);
  aws::autoscaling::AutoScalingGroup describe(const autoscaling::GroupRecord& record, bool with_instances) const;
  aws::autoscaling::Activity activity(const std::string& id) const { return activities.find(id)->activity; }
};

}  // namespace pds::cloud
