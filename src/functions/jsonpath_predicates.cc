// jsonpath's predicates: three-valued, and unknown where an operand fails.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/jsonpath_executor.h"
#include "types/numeric.h"
#include "types/type_info.h"

namespace sundog::functions {

using types::Jsonb;
using Outcome = JsonPathExecutor::Outcome;

Outcome JsonPathExecutor::Predicate(const Item& item, const JsonPathValue& value,
                                    JsonPathResults* found) {
  Truth truth = Test(item, value);
  if (item.next == nullptr && found == nullptr) return Outcome::kOk;
  Jsonb result = truth == Truth::kUnknown ? Jsonb() : Jsonb::Bool(truth == Truth::kTrue);
  return Continue(item, {result}, found);
}

JsonPathExecutor::Truth JsonPathExecutor::Test(const Item& item, const JsonPathValue& value) {
  switch (item.kind) {
    case Kind::kAnd: {
      Truth left = Test(*item.left, value);
      if (left == Truth::kFalse) return left;
      Truth right = Test(*item.right, value);
      return right == Truth::kTrue ? left : right;
    }
    case Kind::kOr: {
      Truth left = Test(*item.left, value);
      if (left == Truth::kTrue) return left;
      Truth right = Test(*item.right, value);
      return right == Truth::kFalse ? left : right;
    }
    case Kind::kNot: {
      Truth inner = Test(*item.left, value);
      if (inner == Truth::kUnknown) return inner;
      return inner == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    }
    case Kind::kIsUnknown:
      return Test(*item.left, value) == Truth::kUnknown ? Truth::kTrue : Truth::kFalse;
    case Kind::kExists: {
      JsonPathResults all;
      Outcome outcome = CollectQuietly(*item.left, value, false, lax_ ? nullptr : &all);
      if (outcome == Outcome::kError) return Truth::kUnknown;
      bool exists = lax_ ? outcome == Outcome::kOk : !all.empty();
      return exists ? Truth::kTrue : Truth::kFalse;
    }
    default: return TestPairs(item, value);
  }
}

// True if some pair of operand values satisfies the predicate.
JsonPathExecutor::Truth JsonPathExecutor::TestPairs(const Item& item,
                                                    const JsonPathValue& value) {
  JsonPathResults left;
  if (CollectQuietly(*item.left, value, true, &left) == Outcome::kError) return Truth::kUnknown;
  JsonPathResults right;
  if (item.right != nullptr) {
    bool unwrap = item.kind != Kind::kStartsWith;
    if (CollectQuietly(*item.right, value, unwrap, &right) == Outcome::kError) {
      return Truth::kUnknown;
    }
  }
  bool found = false;
  bool failed = false;
  size_t partners = item.right != nullptr ? right.size() : 1;
  for (const JsonPathValue& a : left) {
    for (size_t k = 0; k < partners; ++k) {
      Truth truth = TestPair(item, a, item.right != nullptr ? &right[k] : nullptr);
      if (truth == Truth::kUnknown) {
        if (!lax_) return truth;
        failed = true;
      } else if (truth == Truth::kTrue) {
        if (lax_) return truth;
        found = true;
      }
    }
  }
  if (found) return Truth::kTrue;
  return failed ? Truth::kUnknown : Truth::kFalse;
}

JsonPathExecutor::Truth JsonPathExecutor::TestPair(const Item& item, const JsonPathValue& left,
                                                   const JsonPathValue* right) {
  if (item.kind == Kind::kLikeRegex) return LikeRegex(item, left);
  if (item.kind == Kind::kStartsWith) {
    if (!left.is_string() || !right->is_string()) return Truth::kUnknown;
    return left.json.string().starts_with(right->json.string()) ? Truth::kTrue : Truth::kFalse;
  }
  return Compare(item.kind, left, *right);
}

JsonPathExecutor::Truth JsonPathExecutor::LikeRegex(const Item& item,
                                                    const JsonPathValue& value) {
  if (!value.is_string()) return Truth::kUnknown;
  std::unique_ptr<Regex>& regex = program_.regexes[&item];
  if (regex == nullptr) {
    auto has = [&](char flag) { return item.flags.find(flag) != std::string::npos; };
    RegexFlags flags;
    flags.ignore_case = has('i');
    flags.literal = has('q');
    flags.newline_stops = !has('q') && !has('s');
    flags.newline_anchors = !has('q') && has('m');
    regex = std::make_unique<Regex>(item.text, flags);
  }
  return regex->Matches(value.json.string()) ? Truth::kTrue : Truth::kFalse;
}

JsonPathExecutor::Truth JsonPathExecutor::Compare(Kind op, const JsonPathValue& left,
                                                  const JsonPathValue& right) {
  auto kind_of = [](const JsonPathValue& value) {
    if (value.is_datetime()) return -1;
    return value.json.is_bool() ? static_cast<int>(types::JsonbTag::kTrue)
                                : static_cast<int>(value.json.tag());
  };
  if (kind_of(left) != kind_of(right)) {
    bool null = (!left.is_datetime() && left.json.is_null()) ||
                (!right.is_datetime() && right.json.is_null());
    if (!null) return Truth::kUnknown;
    return op == Kind::kNotEqual ? Truth::kTrue : Truth::kFalse;
  }
  int order;
  if (left.is_datetime()) {
    std::optional<int> compared = CompareDatetimes(left, right);
    if (!compared.has_value()) return Truth::kUnknown;
    order = *compared;
  } else {
    if (!left.json.is_scalar()) return Truth::kUnknown;
    order = types::CompareJsonbValues(left.json, right.json);
  }
  bool holds = false;
  switch (op) {
    case Kind::kEqual: holds = order == 0; break;
    case Kind::kNotEqual: holds = order != 0; break;
    case Kind::kLess: holds = order < 0; break;
    case Kind::kGreater: holds = order > 0; break;
    case Kind::kLessOrEqual: holds = order <= 0; break;
    default: holds = order >= 0; break;
  }
  return holds ? Truth::kTrue : Truth::kFalse;
}

}  // namespace sundog::functions
