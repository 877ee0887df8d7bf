#include "control/api/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <utility>

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr size_t kMaxTokenBytes = 128;
constexpr size_t kMaxTagKey = 128;
constexpr size_t kMaxTagValue = 256;

}  // namespace

bool HasLength(std::string_view text, size_t min, size_t max) {
  // UTF-8: all but continuation bytes begin a character.
  auto characters = static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
  return characters >= min && characters <= max;
}

std::optional<std::string> ClientTokenProblem(std::string_view token) {
  bool fits = !token.empty() && token.size() <= kMaxTokenBytes &&
              std::all_of(token.begin(), token.end(), [](char c) { return c >= '!' && c <= '~'; });
  if (fits) return std::nullopt;
  return "A client token must be 1 to 128 visible characters of ASCII.";
}

const json::value* Fields::Find(std::string_view name) const {
  const json::value* member = members_.if_contains(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

bool Fields::Has(std::string_view name) const { return Find(name) != nullptr; }

std::optional<std::string> Fields::Text(std::string_view name, size_t min, size_t max) {
  const json::value* member = Find(name);
  if (member == nullptr) return std::nullopt;
  const json::string* text = member->if_string();
  if (text == nullptr) {
    Problem(name, fmt::format("{} must be a string.", name));
    return std::nullopt;
  }
  std::string result(text->data(), text->size());
  if (!HasLength(result, min, max)) {
    Problem(name, fmt::format("{} must have {} to {} characters.", name, min, max));
    return std::nullopt;
  }
  return result;
}

std::optional<bool> Fields::Flag(std::string_view name) {
  const json::value* member = Find(name);
  if (member == nullptr) return std::nullopt;
  if (!member->is_bool()) {
    Problem(name, fmt::format("{} must be true or false.", name));
    return std::nullopt;
  }
  return member->get_bool();
}

std::optional<int64_t> Fields::Number(std::string_view name, int64_t min, int64_t max) {
  const json::value* member = Find(name);
  if (member == nullptr) return std::nullopt;
  const int64_t* number = member->if_int64();
  if (number == nullptr || *number < min || *number > max) {
    Problem(name, fmt::format("{} must be a whole number from {} to {}.", name, min, max));
    return std::nullopt;
  }
  return *number;
}

const json::array* Fields::List(std::string_view name) {
  const json::value* member = Find(name);
  if (member == nullptr) return nullptr;
  if (!member->is_array()) Problem(name, fmt::format("{} must be an array.", name));
  return member->if_array();
}

std::optional<Tags> Fields::ReadTags(std::string_view name) {
  const json::value* member = Find(name);
  if (member == nullptr) return std::nullopt;
  const json::object* pairs = member->if_object();
  if (pairs == nullptr) {
    Problem(name, fmt::format("{} must be an object.", name));
    return std::nullopt;
  }
  if (pairs->size() > kMaxTags) {
    Problem(name, fmt::format("There may be {} tags at most.", kMaxTags));
    return std::nullopt;
  }
  Tags tags;
  for (const auto& pair : *pairs) {
    std::string key(pair.key());
    const json::string* value = pair.value().if_string();
    if (!HasLength(key, 1, kMaxTagKey) || key.starts_with("aws:")) {
      Problem(name, "A tag's key must have 1 to 128 characters, and not begin with aws:.");
    } else if (value == nullptr || !HasLength({value->data(), value->size()}, 0, kMaxTagValue)) {
      Problem(name, "A tag's value must be a string of 0 to 256 characters.");
    } else {
      tags[key] = std::string(value->data(), value->size());
    }
  }
  return tags;
}

std::string Fields::ClientToken(std::string_view name) {
  const json::value* member = Find(name);
  if (member == nullptr) return "";
  const json::string* text = member->if_string();
  std::string token = text == nullptr ? "" : std::string(text->data(), text->size());
  if (auto problem = ClientTokenProblem(token)) Problem(name, *problem);
  return token;
}

void Fields::Require(std::string_view name) {
  if (!Has(name)) Problem(name, fmt::format("{} is missing.", name));
}

void Fields::Problem(std::string_view name, std::string message) {
  problems_.emplace_back(name, std::move(message));
}

void Fields::Finish() {
  if (!problems_.empty()) throw ApiError::Fields(std::move(problems_));
}

}  // namespace sundog::control
