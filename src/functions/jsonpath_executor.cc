#include "functions/jsonpath_executor.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/json_lexer.h"
#include "types/jsonb_builder.h"
#include "types/numeric.h"

namespace sundog::functions {

using types::Jsonb;
using Outcome = JsonPathExecutor::Outcome;

JsonPathExecutor::JsonPathExecutor(const types::IoContext& io, JsonPathProgram& program,
                                   Options options, base::Arena& arena)
    : io_(io),
      program_(program),
      options_(std::move(options)),
      arena_(arena),
      lax_(program.path.lax),
      ignores_structure_(program.path.lax),
      throws_(!options_.silent),
      next_object_id_(options_.variables.has_value() ? 2 : 1) {
  if (options_.variables.has_value() && !options_.variables->is_object()) {
    throw SqlError(sqlstate::kInvalidParameterValue, "\"vars\" argument is not an object")
        .Detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.");
  }
}

Outcome JsonPathExecutor::Run(Jsonb document, JsonPathResults* results) {
  document_ = document;
  current_ = {document};
  if (!lax_ && results == nullptr) {
    JsonPathResults all;
    Outcome outcome = Execute(*program_.path.root, current_, &all);
    if (outcome == Outcome::kError) return outcome;
    return all.empty() ? Outcome::kNotFound : Outcome::kOk;
  }
  return Execute(*program_.path.root, current_, results);
}

Outcome JsonPathExecutor::Fail(base::SqlState state, std::string message, std::string hint) {
  if (!throws_) return Outcome::kError;
  SqlError error(state, std::move(message));
  if (!hint.empty()) error.Hint(std::move(hint));
  throw error;
}

JsonPathValue JsonPathExecutor::Number(std::string_view numeric) {
  return {Jsonb::Number(numeric)};
}

Outcome JsonPathExecutor::ContinueFrom(const Item* next, const JsonPathValue& value,
                                       JsonPathResults* found) {
  if (next != nullptr) return Execute(*next, value, found);
  if (found != nullptr) found->push_back(value);
  return Outcome::kOk;
}

Outcome JsonPathExecutor::Continue(const Item& item, const JsonPathValue& value,
                                   JsonPathResults* found) {
  return ContinueFrom(item.next.get(), value, found);
}

Outcome JsonPathExecutor::UnwrapInto(const Item& item, const JsonPathValue& array,
                                     JsonPathResults* found) {
  return Descend(&item, array.json, found, 1, {1, 1, false, false});
}

Outcome JsonPathExecutor::Execute(const Item& item, const JsonPathValue& value,
                                  JsonPathResults* found, bool unwrap) {
  if (depth_ > types::kMaxJsonDepth) types::ThrowStackDepth();
  ++depth_;
  Outcome outcome;
  switch (item.kind) {
    case Kind::kNull:
    case Kind::kString:
    case Kind::kNumber:
    case Kind::kTrue:
    case Kind::kFalse:
    case Kind::kVariable: outcome = Literal(item, found); break;
    case Kind::kRoot: outcome = Root(item, found); break;
    case Kind::kCurrent: outcome = Continue(item, current_, found); break;
    case Kind::kLast:
      outcome = Continue(item, Number(types::NumericFromInt64(innermost_size_ - 1, arena_)), found);
      break;
    case Kind::kKey: outcome = Key(item, value, found, unwrap); break;
    case Kind::kAnyKey: outcome = AnyKey(item, value, found, unwrap); break;
    case Kind::kAnyArray: outcome = AnyArray(item, value, found); break;
    case Kind::kIndexArray: outcome = IndexArray(item, value, found); break;
    case Kind::kAny: outcome = AnyLevel(item, value, found); break;
    case Kind::kFilter: outcome = Filter(item, value, found, unwrap); break;
    case Kind::kAdd:
    case Kind::kSubtract:
    case Kind::kMultiply:
    case Kind::kDivide:
    case Kind::kModulo: outcome = Arithmetic(item, value, found); break;
    case Kind::kPlus:
    case Kind::kMinus: outcome = Sign(item, value, found); break;
    default:
      outcome = types::IsJsonPathPredicate(item.kind) ? Predicate(item, value, found)
                                                      : ExecuteMethod(item, value, found, unwrap);
  }
  --depth_;
  return outcome;
}

Outcome JsonPathExecutor::Literal(const Item& item, JsonPathResults* found) {
  if (item.next == nullptr && found == nullptr && item.kind != Kind::kVariable) {
    return Outcome::kOk;
  }
  BaseObject saved = base_;
  Jsonb value;
  switch (item.kind) {
    case Kind::kString: value = Jsonb::String(item.text); break;
    case Kind::kNumber: value = Jsonb::Number(item.text); break;
    case Kind::kTrue: value = Jsonb::Bool(true); break;
    case Kind::kFalse: value = Jsonb::Bool(false); break;
    case Kind::kVariable: {
      if (!options_.variables.has_value()) break;
      std::optional<Jsonb> variable = options_.variables->Find(item.text);
      if (!variable.has_value()) {
        throw SqlError(sqlstate::kUndefinedObject,
                       fmt::format("could not find jsonpath variable \"{}\"", item.text));
      }
      value = *variable;
      base_ = {options_.variables->payload().data(), 1};
      break;
    }
    default: break;
  }
  Outcome outcome = Continue(item, {value}, found);
  base_ = saved;
  return outcome;
}

Outcome JsonPathExecutor::Root(const Item& item, JsonPathResults* found) {
  BaseObject saved = base_;
  base_ = {document_.payload().data(), 0};
  Outcome outcome = Continue(item, {document_}, found);
  base_ = saved;
  return outcome;
}

Outcome JsonPathExecutor::Key(const Item& item, const JsonPathValue& value,
                              JsonPathResults* found, bool unwrap) {
  if (value.is_object()) {
    std::optional<Jsonb> member = value.json.Find(item.text);
    if (member.has_value()) return Continue(item, {*member}, found);
    if (ignores_structure_) return Outcome::kNotFound;
    return Fail(sqlstate::kSqlJsonMemberNotFound,
                fmt::format("JSON object does not contain key \"{}\"", item.text));
  }
  if (unwrap && value.is_array()) return UnwrapInto(item, value, found);
  if (ignores_structure_) return Outcome::kNotFound;
  return Fail(sqlstate::kSqlJsonMemberNotFound,
              "jsonpath member accessor can only be applied to an object");
}

Outcome JsonPathExecutor::AnyKey(const Item& item, const JsonPathValue& value,
                                 JsonPathResults* found, bool unwrap) {
  if (value.is_object()) {
    return Descend(item.next.get(), value.json, found, 1, {1, 1, false, lax_});
  }
  if (unwrap && value.is_array()) return UnwrapInto(item, value, found);
  if (ignores_structure_) return Outcome::kNotFound;
  return Fail(sqlstate::kSqlJsonObjectNotFound,
              "jsonpath wildcard member accessor can only be applied to an object");
}

Outcome JsonPathExecutor::AnyArray(const Item& item, const JsonPathValue& value,
                                   JsonPathResults* found) {
  if (value.is_array()) {
    return Descend(item.next.get(), value.json, found, 1, {1, 1, false, lax_});
  }
  if (lax_) return Continue(item, value, found);
  if (ignores_structure_) return Outcome::kNotFound;
  return Fail(sqlstate::kSqlJsonArrayNotFound,
              "jsonpath wildcard array accessor can only be applied to an array");
}

Outcome JsonPathExecutor::IndexArray(const Item& item, const JsonPathValue& value,
                                     JsonPathResults* found) {
  if (!value.is_array() && !lax_) {
    if (ignores_structure_) return Outcome::kNotFound;
    return Fail(sqlstate::kSqlJsonArrayNotFound,
                "jsonpath array accessor can only be applied to an array");
  }
  int32_t saved = innermost_size_;
  innermost_size_ = value.is_array() ? value.json.count() : 1;
  Outcome outcome = Outcome::kNotFound;
  for (const Item::Subscript& subscript : item.subscripts) {
    outcome = Elements(item, subscript, value, found);
    if (outcome == Outcome::kError || (outcome == Outcome::kOk && found == nullptr)) break;
  }
  innermost_size_ = saved;
  return outcome;
}

// The elements of one subscript or range.
Outcome JsonPathExecutor::Elements(const Item& item, const Item::Subscript& subscript,
                                   const JsonPathValue& value, JsonPathResults* found) {
  int32_t size = innermost_size_;
  int32_t from;
  Outcome outcome = Index(*subscript.from, value, &from);
  if (outcome == Outcome::kError) return outcome;
  int32_t to = from;
  if (subscript.to != nullptr) {
    outcome = Index(*subscript.to, value, &to);
    if (outcome == Outcome::kError) return outcome;
  }
  if (!ignores_structure_ && (from < 0 || from > to || to >= size)) {
    return Fail(sqlstate::kInvalidSqlJsonSubscript,
                "jsonpath array subscript is out of bounds");
  }
  from = std::max(from, 0);
  to = std::min(to, size - 1);
  outcome = Outcome::kNotFound;
  for (int32_t i = from; i <= to; ++i) {
    if (item.next == nullptr && found == nullptr) return Outcome::kOk;
    JsonPathValue element = value.is_array() ? JsonPathValue{value.json.Element(i)} : value;
    outcome = Continue(item, element, found);
    if (outcome == Outcome::kError || (outcome == Outcome::kOk && found == nullptr)) break;
  }
  return outcome;
}

Outcome JsonPathExecutor::Index(const Item& item, const JsonPathValue& value, int32_t* index) {
  JsonPathResults results;
  Outcome outcome = Execute(item, value, &results);
  if (outcome == Outcome::kError) return outcome;
  if (results.size() != 1 || !results[0].is_number()) {
    return Fail(sqlstate::kInvalidSqlJsonSubscript,
                "jsonpath array subscript is not a single numeric value");
  }
  int64_t wide;
  if (!types::TryNumericToInt64(types::NumericTruncate(results[0].json.number(), 0, arena_),
                                &wide) ||
      wide < INT32_MIN || wide > INT32_MAX) {
    return Fail(sqlstate::kInvalidSqlJsonSubscript,
                "jsonpath array subscript is out of integer range");
  }
  *index = static_cast<int32_t>(wide);
  return Outcome::kOk;
}

Outcome JsonPathExecutor::AnyLevel(const Item& item, const JsonPathValue& value,
                                   JsonPathResults* found) {
  Outcome outcome = Outcome::kNotFound;
  if (item.first_level == 0) {
    bool saved = ignores_structure_;
    ignores_structure_ = true;
    outcome = Continue(item, value, found);
    ignores_structure_ = saved;
    if (outcome == Outcome::kOk && found == nullptr) return outcome;
  }
  if (value.is_array() || value.is_object()) {
    outcome = Descend(item.next.get(), value.json, found, 1,
                      {item.first_level, item.last_level, true, lax_});
  }
  return outcome;
}

// Applies `next` to the container's children, and theirs, between the levels.
Outcome JsonPathExecutor::Descend(const Item* next, Jsonb container, JsonPathResults* found,
                                  uint32_t level, const Levels& levels) {
  Outcome outcome = Outcome::kNotFound;
  if (level > levels.last) return outcome;
  if (level > types::kMaxJsonDepth) types::ThrowStackDepth();
  for (int i = 0; i < container.count(); ++i) {
    Jsonb child = container.is_array() ? container.Element(i) : container.Value(i);
    bool leaves_only = levels.first == Item::kLastLevel && levels.last == Item::kLastLevel;
    if (level >= levels.first || (leaves_only && child.is_scalar())) {
      outcome = Visit(next, child, found, level, levels);
      if (outcome == Outcome::kError || (outcome == Outcome::kOk && found == nullptr)) break;
    }
    if (level < levels.last && !child.is_scalar()) {
      outcome = Descend(next, child, found, level + 1, levels);
      if (outcome == Outcome::kError || (outcome == Outcome::kOk && found == nullptr)) break;
    }
  }
  return outcome;
}

Outcome JsonPathExecutor::Visit(const Item* next, Jsonb child, JsonPathResults* found,
                                uint32_t /*level*/, const Levels& levels) {
  if (next == nullptr) {
    if (found != nullptr) found->push_back({child});
    return Outcome::kOk;
  }
  bool saved = ignores_structure_;
  if (levels.ignores_structure) ignores_structure_ = true;
  Outcome outcome = Execute(*next, {child}, found, levels.unwraps);
  ignores_structure_ = saved;
  return outcome;
}

Outcome JsonPathExecutor::Filter(const Item& item, const JsonPathValue& value,
                                 JsonPathResults* found, bool unwrap) {
  if (unwrap && value.is_array()) return UnwrapInto(item, value, found);
  JsonPathValue saved = current_;
  current_ = value;
  Truth truth = Test(*item.left, value);
  current_ = saved;
  return truth == Truth::kTrue ? Continue(item, value, found) : Outcome::kNotFound;
}

Outcome JsonPathExecutor::Collect(const Item& item, const JsonPathValue& value, bool unwrap,
                                  JsonPathResults& results) {
  if (!unwrap || !lax_) return Execute(item, value, &results);
  JsonPathResults wrapped;
  Outcome outcome = Execute(item, value, &wrapped);
  if (outcome == Outcome::kError) return outcome;
  for (const JsonPathValue& one : wrapped) {
    if (!one.is_array()) {
      results.push_back(one);
      continue;
    }
    for (int i = 0; i < one.json.count(); ++i) results.push_back({one.json.Element(i)});
  }
  return Outcome::kOk;
}

Outcome JsonPathExecutor::CollectQuietly(const Item& item, const JsonPathValue& value,
                                         bool unwrap, JsonPathResults* results) {
  bool saved = throws_;
  throws_ = false;
  Outcome outcome = results == nullptr ? Execute(item, value, nullptr)
                                       : Collect(item, value, unwrap, *results);
  throws_ = saved;
  return outcome;
}

Outcome JsonPathExecutor::Arithmetic(const Item& item, const JsonPathValue& value,
                                     JsonPathResults* found) {
  JsonPathResults left;
  JsonPathResults right;
  Outcome outcome = Collect(*item.left, value, true, left);
  if (outcome == Outcome::kError) return outcome;
  outcome = Collect(*item.right, value, true, right);
  if (outcome == Outcome::kError) return outcome;
  auto bad_operand = [&](const char* side) {
    return Fail(sqlstate::kSingletonSqlJsonItemRequired,
                fmt::format("{} operand of jsonpath operator {} is not a single numeric value",
                            side, types::JsonPathOperationName(item.kind)));
  };
  if (left.size() != 1 || !left[0].is_number()) return bad_operand("left");
  if (right.size() != 1 || !right[0].is_number()) return bad_operand("right");
  std::string_view a = left[0].json.number();
  std::string_view b = right[0].json.number();
  std::string_view result;
  try {
    switch (item.kind) {
      case Kind::kAdd: result = types::NumericAdd(a, b, arena_); break;
      case Kind::kSubtract: result = types::NumericSubtract(a, b, arena_); break;
      case Kind::kMultiply: result = types::NumericMultiply(a, b, arena_); break;
      case Kind::kDivide: result = types::NumericDivide(a, b, arena_); break;
      default: result = types::NumericModulo(a, b, arena_); break;
    }
  } catch (const SqlError& error) {
    return Fail(error.state(), error.what());
  }
  if (item.next == nullptr && found == nullptr) return Outcome::kOk;
  return Continue(item, Number(result), found);
}

Outcome JsonPathExecutor::Sign(const Item& item, const JsonPathValue& value,
                               JsonPathResults* found) {
  JsonPathResults operands;
  Outcome outcome = Collect(*item.left, value, true, operands);
  if (outcome == Outcome::kError) return outcome;
  outcome = Outcome::kNotFound;
  bool asks_only = found == nullptr && item.next == nullptr;
  for (const JsonPathValue& operand : operands) {
    if (!operand.is_number()) {
      if (asks_only) continue;
      return Fail(sqlstate::kSqlJsonNumberNotFound,
                  fmt::format("operand of unary jsonpath operator {} is not a numeric value",
                              types::JsonPathOperationName(item.kind)));
    }
    if (asks_only) return Outcome::kOk;
    JsonPathValue result = item.kind == Kind::kMinus
                               ? Number(types::NumericNegate(operand.json.number(), arena_))
                               : operand;
    Outcome one = Continue(item, result, found);
    if (one == Outcome::kError) return one;
    if (one == Outcome::kOk) {
      if (found == nullptr) return one;
      outcome = one;
    }
  }
  return outcome;
}

}  // namespace sundog::functions
