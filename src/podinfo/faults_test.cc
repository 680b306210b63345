// What is wrong on purpose: injected faults, random errors, releases that are broken.
#include <map>

#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

TEST_F(AppTest, InjectedFaultsSpareProbesAndTheirOwnSwitch) {
  EXPECT_EQ(ask("POST", "/fault_injection/enable").body, "{\n  \"fault_injection\": \"enabled\"\n}");
  http::Response failed = ask("GET", "/version");
  EXPECT_EQ(failed.head.status, 500);
  EXPECT_EQ(failed.body, "{\"status\":\"fault injection enabled\"}\n");
  EXPECT_EQ(failed.head.headers.get("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(ask("POST", "/readyz/disable").head.status, 500);
  for (const char* spared : {"/healthz", "/readyz", "/metrics", "/fault_injection/status"})
    EXPECT_EQ(ask("GET", spared).head.status, 200);
  EXPECT_EQ(ask("GET", "/nothing").head.status, 404);
  EXPECT_EQ(ask("POST", "/fault_injection/disable").head.status, 202);
  EXPECT_EQ(ask("GET", "/version").head.status, 200);
}

TEST_F(AppTest, RandomErrorsAreAThirdOfAllAnswers) {
  options.random_error = true;
  std::map<int, int> statuses;
  for (int i = 0; i < 3000; ++i) ++statuses[ask("GET", "/healthz").head.status];
  EXPECT_EQ(statuses.size(), 4u);
  EXPECT_NEAR(statuses[200], 2000, 150);
  for (int error : {400, 409, 500}) EXPECT_NEAR(statuses[error], 333, 90) << error;
}

TEST_F(AppTest, ABrokenReleaseFailsAPartOfItsRequestsButNoProbe) {
  release.fault = Fault{0s, 0.2};
  int failed = 0;
  for (int i = 0; i < 1000; ++i) {
    failed += ask("GET", "/version").head.status == 500;
    EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
  }
  EXPECT_GT(failed, 150);
  EXPECT_LT(failed, 250);
}

TEST_F(AppTest, ABrokenReleaseIsSoundUntilItsTime) {
  release.fault = Fault{1h, 1};
  EXPECT_EQ(ask("GET", "/version").head.status, 200);
}

}  // namespace
}  // namespace pds::podinfo
