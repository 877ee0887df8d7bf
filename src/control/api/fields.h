// A request's members: read by name and type, with all that is wrong collected for one answer.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/api/api_error.h"
#include "control/clusters.h"

namespace sundog::control {

inline constexpr size_t kMaxTags = 200;

// Text of 1 to `max` characters (not bytes).
bool HasLength(std::string_view text, size_t min, size_t max);

class Fields {
 public:
  // Outlived by `members`.
  explicit Fields(const boost::json::object& members) : members_(members) {}

  // Null: it is not there, or wrong. JSON's null is as if it were not there.
  std::optional<std::string> Text(std::string_view name, size_t min, size_t max);
  std::optional<bool> Flag(std::string_view name);
  std::optional<int64_t> Number(std::string_view name, int64_t min, int64_t max);
  // Null: it is not there, or no array.
  const boost::json::array* List(std::string_view name);
  std::optional<Tags> ReadTags(std::string_view name);
  // 1 to 128 visible characters of ASCII.
  std::string ClientToken(std::string_view name = "clientToken");
  bool Has(std::string_view name) const;

  void Require(std::string_view name);
  void Problem(std::string_view name, std::string message);
  // Throws when there was a problem.
  void Finish();

 private:
  const boost::json::value* Find(std::string_view name) const;

  const boost::json::object& members_;
  ApiError::Members problems_;
};

// What is wrong with a client token; null: nothing.
std::optional<std::string> ClientTokenProblem(std::string_view token);

}  // namespace sundog::control
