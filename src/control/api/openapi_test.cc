// The document and the table of routes, both ways.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <string>

#include "control/api/routes.h"

namespace sundog::control {
namespace {

namespace json = boost::json;

std::set<std::string> Described() {
  std::set<std::string> described;
  std::string_view document = OpenApiDocument();
  json::value parsed = json::parse({document.data(), document.size()});
  for (const auto& path : parsed.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      std::string method(operation.key());
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      described.insert(method + " " + std::string(path.key()));
    }
  }
  return described;
}

TEST(OpenApi, DescribesEachRouteAndNothingElse) {
  std::set<std::string> routes{"GET " + std::string(kOpenApiPath)};
  for (const auto& [method, pattern] : RoutePatterns()) {
    routes.insert(std::string(method) + " " + std::string(pattern));
  }
  EXPECT_EQ(Described(), routes);
}

TEST(OpenApi, SaysWhatTokensMayAskFor) {
  std::string_view document = OpenApiDocument();
  json::value parsed = json::parse({document.data(), document.size()});
  for (const auto& [method, pattern] : RoutePatterns()) {
    std::string word(method);
    for (char& c : word) c = static_cast<char>(std::tolower(c));
    const json::value& operation = parsed.at("paths").at(pattern).at(word);
    bool says_so = false;
    for (const json::value& one : operation.at("security").as_array()) {
      says_so |= one.as_object().contains("token");
    }
    std::string path(pattern);
    for (size_t at; (at = path.find('{')) != std::string::npos;) {
      path.replace(at, path.find('}') - at + 1, "x");
    }
    std::optional<Route> route = FindRoute(method, path);
    ASSERT_TRUE(route.has_value()) << path;
    EXPECT_EQ(route->takes_tokens, says_so) << method << " " << pattern;
  }
}

}  // namespace
}  // namespace sundog::control
