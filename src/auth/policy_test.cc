#include "auth/policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sundog::auth {
namespace {

constexpr std::string_view kCluster = "arn:aws:dsql:us-east-1:123456789012:cluster/abc";

Verdict JudgeBy(std::string_view json, std::string_view action,
                std::string_view resource = kCluster) {
  return Policy::Parse(json).Judge(action, resource);
}

std::string ProblemOf(std::string_view json) {
  try {
    Policy::Parse(json);
  } catch (const PolicyError& error) {
    return error.what();
  }
  return "none";
}

TEST(Policy, AllowsWhatItNames) {
  constexpr std::string_view kPolicy = R"({"Version": "2012-10-17", "Id": "p", "Statement": [
      {"Sid": "One", "Effect": "Allow", "Action": ["dsql:DbConnect", "dsql:Get*"],
       "Resource": "arn:aws:dsql:*:123456789012:cluster/a?c"}]})";
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:DbConnect"), Verdict::kAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "DSQL:getCluster"), Verdict::kAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:DbConnectAdmin"), Verdict::kNotAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:DbConnect", "arn:aws:dsql:x:123456789012:cluster/aBc"),
            Verdict::kAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:DbConnect", "arn:aws:dsql:x:123456789012:cluster/ABC"),
            Verdict::kNotAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:DbConnect", "arn:aws:dsql:x:000000000000:cluster/abc"),
            Verdict::kNotAllowed);
}

TEST(Policy, AnExplicitDenyWinsInAnyOrderAndPolicy) {
  constexpr std::string_view kAllow =
      R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})";
  constexpr std::string_view kDeny =
      R"({"Statement": {"Effect": "Deny", "Action": "dsql:Delete*", "Resource": ["*"]}})";
  constexpr std::string_view kBoth = R"({"Statement": [
      {"Effect": "Deny", "Action": "dsql:Delete*", "Resource": "*"},
      {"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}]})";
  EXPECT_EQ(JudgeBy(kBoth, "dsql:DeleteCluster"), Verdict::kExplicitlyDenied);
  EXPECT_EQ(JudgeBy(kBoth, "dsql:GetCluster"), Verdict::kAllowed);
  EXPECT_EQ(JudgeBy(kDeny, "dsql:GetCluster"), Verdict::kNotAllowed);
  std::vector<Policy> policies{Policy::Parse(kAllow), Policy::Parse(kDeny)};
  EXPECT_EQ(Judge(policies, "dsql:DeleteCluster", kCluster), Verdict::kExplicitlyDenied);
  EXPECT_EQ(Judge(policies, "dsql:GetCluster", kCluster), Verdict::kAllowed);
  EXPECT_EQ(Judge({}, "dsql:GetCluster", kCluster), Verdict::kNotAllowed);
}

TEST(Policy, NotActionAndNotResourceAreAllOthers) {
  constexpr std::string_view kPolicy = R"({"Statement": {"Effect": "Allow",
      "NotAction": ["dsql:Delete*", "dsql:DbConnectAdmin"],
      "NotResource": "arn:aws:dsql:us-east-1:123456789012:cluster/prod*"}})";
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:GetCluster"), Verdict::kAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:DeleteCluster"), Verdict::kNotAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:dbconnectadmin"), Verdict::kNotAllowed);
  EXPECT_EQ(JudgeBy(kPolicy, "dsql:GetCluster",
                    "arn:aws:dsql:us-east-1:123456789012:cluster/prod1"),
            Verdict::kNotAllowed);
}

TEST(Policy, WhatItCannotSayIsRefusedByName) {
  auto statement = [](std::string_view more) {
    return R"({"Statement": {"Effect": "Allow", "Action": "dsql:*", "Resource": "*")" +
           std::string(more) + "}}";
  };
  EXPECT_EQ(ProblemOf(statement("")), "none");
  EXPECT_EQ(ProblemOf(statement(R"(, "Condition": {})")),
            "The element Condition is not supported in a Statement.");
  EXPECT_EQ(ProblemOf(statement(R"(, "Principal": "*")")),
            "The element Principal is not supported in a Statement.");
  EXPECT_EQ(ProblemOf(statement(R"(, "effect": "Deny")")),
            "The element effect is not supported in a Statement.");
  EXPECT_EQ(ProblemOf(R"({"Statements": []})"),
            "The element Statements is not supported in a policy.");
  EXPECT_EQ(ProblemOf(R"({"Version": "2020-01-01"})"),
            "The Version \"2020-01-01\" is not supported; write \"2012-10-17\".");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": "dsql:*",
                          "Resource": "arn:aws:dsql:*:*:cluster/${aws:username}"}})"),
            "The policy variable in \"arn:aws:dsql:*:*:cluster/${aws:username}\" is not supported; "
            "name what is meant.");
}

TEST(Policy, WhatIsLeftOutOrWrongIsNamed) {
  EXPECT_EQ(ProblemOf("{}"), "A policy must have a Statement.");
  EXPECT_EQ(ProblemOf(R"({"Statement": []})"), "A policy must have a Statement.");
  EXPECT_EQ(ProblemOf("[]"), "A policy must be a JSON object.");
  EXPECT_EQ(ProblemOf(R"({"Statement": "x"})"),
            "Statement must be an object or a list of objects.");
  EXPECT_EQ(ProblemOf(R"({"Statement": [1]})"), "Each Statement must be an object.");
  EXPECT_EQ(ProblemOf(R"({"Version": 2012})"), "Version must be a string.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Action": "*", "Resource": "*"}})"),
            "Each Statement must have the Effect \"Allow\" or \"Deny\".");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}})"),
            "Each Statement must have the Effect \"Allow\" or \"Deny\".");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Resource": "*"}})"),
            "Each Statement must have an Action or a NotAction.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": "*"}})"),
            "Each Statement must have a Resource or a NotResource.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "a:b"}})"),
            "A Statement cannot have both Action and NotAction.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": []}})"),
            "Action must not be an empty list.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": ["a:b", 1]}})"),
            "Action must be a string or a list of strings.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": "DbConnect"}})"),
            "The Action \"DbConnect\" must be \"*\" or of the form service:action.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": "ds*:Get"}})"),
            "The Action \"ds*:Get\" must be \"*\" or of the form service:action.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "abc"}})"),
            "The Resource \"abc\" must be \"*\" or an ARN.");
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Sid": "a b"}})"),
            "The Sid \"a b\" must be of letters and digits.");
  EXPECT_EQ(ProblemOf(R"({"Statement": [
                {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"}]})"),
            "The Sid \"A\" is given to two Statements.");
}

std::string StatementAbout(std::string_view principal, std::string_view effect = "Allow") {
  return fmt::format(R"({{"Statement": {{"Effect": "{}", "Principal": {}, "Action": "*",)"
                     R"( "Resource": "*"}}}})",
                     effect, principal);
}

TEST(ResourcePolicy, SaysWhomItIsAbout) {
  constexpr std::string_view kUser = "arn:aws:iam::123456789012:user/u";
  auto allows = [&](std::string_view principal) {
    return Policy::ParseOfResource(StatementAbout(principal)).Judge("a:b", "*", kUser) ==
           Verdict::kAllowed;
  };
  for (const char* principal :
       {R"("*")", R"({"AWS": "*"})", R"({"AWS": "123456789012"})",
        R"({"AWS": "arn:aws:iam::123456789012:root"})",
        R"({"AWS": ["000000000000", "arn:aws:iam::123456789012:user/u"]})"}) {
    EXPECT_TRUE(allows(principal)) << principal;
  }
  for (const char* principal :
       {R"({"AWS": "000000000000"})", R"({"AWS": "arn:aws:iam::123456789012:user/v"})",
        R"({"AWS": "arn:aws:iam::123456789012:user/"})", R"({"AWS": "arn:aws:iam::root"})",
        R"({"AWS": "arn:aws:iam::12345678901:root"})"}) {
    EXPECT_FALSE(allows(principal)) << principal;
  }
}

TEST(ResourcePolicy, RefusesWhatItDoesNotUnderstand) {
  EXPECT_THROW(Policy::ParseOfResource(
                   R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})"),
               PolicyError);
  for (const char* principal :
       {R"("123456789012")", R"({})", R"({"Service": "x"})", R"({"AWS": "*", "Service": "x"})",
        R"({"AWS": []})", R"({"AWS": "bob"})", R"({"AWS": "arn:aws:iam::123456789012:user/*"})",
        "7"}) {
    EXPECT_THROW(Policy::ParseOfResource(StatementAbout(principal)), PolicyError) << principal;
  }
  EXPECT_THROW(Policy::Parse(StatementAbout(R"("*")")), PolicyError);
}

TEST(ResourcePolicy, EitherMayAllowAndEachMayDeny) {
  constexpr std::string_view kCaller = "arn:aws:iam::123456789012:user/u";
  std::vector<Policy> allowing{Policy::Parse(
      R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})")};
  std::vector<Policy> denying{Policy::Parse(
      R"({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})")};
  Policy allows = Policy::ParseOfResource(StatementAbout(R"("*")"));
  Policy denies = Policy::ParseOfResource(StatementAbout(R"("*")", "Deny"));
  Policy silent = Policy::ParseOfResource(StatementAbout(R"({"AWS": "000000000000"})", "Deny"));
  auto judge = [&](const std::vector<Policy>& own, const Policy* of_resource) {
    return Judge(own, of_resource, kCaller, "dsql:GetCluster", "arn");
  };
  EXPECT_EQ(judge({}, nullptr), Verdict::kNotAllowed);
  EXPECT_EQ(judge({}, &allows), Verdict::kAllowed);
  EXPECT_EQ(judge(allowing, &silent), Verdict::kAllowed);
  EXPECT_EQ(judge(allowing, &denies), Verdict::kDeniedByResource);
  EXPECT_EQ(judge(denying, &allows), Verdict::kExplicitlyDenied);
}

TEST(Policy, ANameGivenTwiceIsRefused) {
  EXPECT_EQ(ProblemOf(R"({"Statement": {"Effect": "Deny", "Effect": "Allow",
                          "Action": "*", "Resource": "*"}})"),
            "The policy gives a name twice in one object.");
  EXPECT_EQ(ProblemOf(R"({"Statement": [], "Statement": {"Effect": "Allow", "Action": "*",
                          "Resource": "*"}})"),
            "The policy gives a name twice in one object.");
  // Colons inside strings are no names'.
  EXPECT_EQ(ProblemOf(R"({"Id": "\":\\", "Statement": {"Effect": "Allow", "Action": "a:b",
                          "Resource": "arn:aws:dsql:x:y:z"}})"),
            "none");
}

TEST(Policy, MalformedJsonIsSaidToBe) {
  EXPECT_EQ(ProblemOf(R"({"Statement": ])"),
            "The policy is not valid JSON: syntax error, at byte 14.");
  for (std::string_view bad : {"", " ", "{", "{}}", "{} x", "nul", "{\"a\":}", "{'a': 1}",
                               "{\"a\": \"\xff\"}"}) {
    EXPECT_TRUE(ProblemOf(bad).starts_with("The policy is not valid JSON: ")) << ProblemOf(bad);
  }
  EXPECT_TRUE(ProblemOf(std::string(1000, '[')).starts_with("The policy is not valid JSON: "));
  EXPECT_EQ(ProblemOf(std::string(20481, ' ')), "A policy may have 20480 bytes at most.");
}

TEST(PolicyPattern, StarIsAnyTextAndQuestionMarkOneCharacter) {
  EXPECT_TRUE(MatchesPattern("*", "", false));
  EXPECT_TRUE(MatchesPattern("a*b*c", "aXbYbZc", false));
  EXPECT_TRUE(MatchesPattern("**a?", "xxab", false));
  EXPECT_FALSE(MatchesPattern("a?", "a", false));
  EXPECT_FALSE(MatchesPattern("a*b", "abc", false));
  EXPECT_FALSE(MatchesPattern("", "a", false));
  EXPECT_TRUE(MatchesPattern("", "", false));
  EXPECT_FALSE(MatchesPattern("A", "a", false));
  EXPECT_TRUE(MatchesPattern("A*", "abc", true));
  // Takes no exponential time.
  std::string stars;
  for (int i = 0; i < 1000; ++i) stars += "*a";
  EXPECT_FALSE(MatchesPattern(stars, std::string(2000, 'a') + "b", false));
}

}  // namespace
}  // namespace sundog::auth
