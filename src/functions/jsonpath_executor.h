// Runs a jsonpath over a document: walks the syntax tree item by item and hands each result to the
// item's `next`, collecting what comes out of the last one.
//
//  1. In lax mode arrays are unwrapped and scalars wrapped where an item wants the other, and
//     structural errors give nothing.
//  2. Inside predicates errors make the predicate unknown. Elsewhere they are thrown, or, in silent
//     mode, end the evaluation.
//  3. Without a result list the walk stops at the first result; in strict mode existence is asked
//     with a list all the same, because any error counts.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "functions/function.h"
#include "functions/regex.h"
#include "types/jsonb.h"
#include "types/jsonpath.h"

namespace sundog::base {
class SqlError;
class SqlState;
}  // namespace sundog::base

namespace sundog::functions {

// A JSON value, or what .datetime() makes of a string.
struct JsonPathValue {
  types::Jsonb json;
  Oid datetime_type = types::kInvalidOid;
  Datum datetime;
  int32_t zone_east_s = 0;  // of a timestamptz: the zone it was written in

  bool is_datetime() const { return datetime_type != types::kInvalidOid; }
  bool is_array() const { return !is_datetime() && json.is_array(); }
  bool is_object() const { return !is_datetime() && json.is_object(); }
  bool is_number() const { return !is_datetime() && json.is_number(); }
  bool is_string() const { return !is_datetime() && json.is_string(); }
};

using JsonPathResults = std::vector<JsonPathValue>;

// A parsed jsonpath with what running it leaves behind for the next run.
struct JsonPathProgram {
  explicit JsonPathProgram(std::string_view text) : path(types::ParseJsonPath(text)) {}
  types::JsonPath path;
  std::map<const types::JsonPathItem*, std::unique_ptr<Regex>> regexes;
};

class JsonPathExecutor {
 public:
  enum class Outcome : uint8_t { kOk, kNotFound, kError };

  struct Options {
    std::optional<types::Jsonb> variables;
    bool silent = false;
    bool uses_time_zone = false;
  };

  // Results may point into the document, the variables and `arena`.
  JsonPathExecutor(const types::IoContext& io, JsonPathProgram& program, Options options,
                   base::Arena& arena);

  Outcome Run(types::Jsonb document, JsonPathResults* results);
  // A value as jsonb: datetimes become strings.
  types::Jsonb ToJsonb(const JsonPathValue& value);

 private:
  using Item = types::JsonPathItem;
  using Kind = types::JsonPathKind;
  enum class Truth : uint8_t { kFalse, kTrue, kUnknown };

  // The object that .keyvalue() counts its ids from.
  struct BaseObject {
    const char* begin = nullptr;
    int64_t id = 0;
  };

  Outcome Execute(const Item& item, const JsonPathValue& value, JsonPathResults* found,
                  bool unwrap);
  Outcome Execute(const Item& item, const JsonPathValue& value, JsonPathResults* found) {
    return Execute(item, value, found, lax_);
  }
  Outcome ExecuteMethod(const Item& item, const JsonPathValue& value, JsonPathResults* found,
                        bool unwrap);
  Outcome Continue(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome ContinueFrom(const Item* next, const JsonPathValue& value, JsonPathResults* found);
  Outcome UnwrapInto(const Item& item, const JsonPathValue& array, JsonPathResults* found);
  // Results of `item`; where asked, arrays among them replaced by their elements in lax mode.
  Outcome Collect(const Item& item, const JsonPathValue& value, bool unwrap,
                  JsonPathResults& results);
  Outcome CollectQuietly(const Item& item, const JsonPathValue& value, bool unwrap,
                         JsonPathResults* results);

  struct Levels {
    uint32_t first;
    uint32_t last;
    bool ignores_structure;
    bool unwraps;
  };
  Outcome Descend(const Item* next, types::Jsonb container, JsonPathResults* found, uint32_t level,
                  const Levels& levels);
  Outcome Visit(const Item* next, types::Jsonb child, JsonPathResults* found, uint32_t level,
                const Levels& levels);

  Outcome Literal(const Item& item, JsonPathResults* found);
  Outcome Root(const Item& item, JsonPathResults* found);
  Outcome Key(const Item& item, const JsonPathValue& value, JsonPathResults* found, bool unwrap);
  Outcome AnyKey(const Item& item, const JsonPathValue& value, JsonPathResults* found,
                 bool unwrap);
  Outcome AnyArray(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome IndexArray(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Elements(const Item& item, const Item::Subscript& subscript, const JsonPathValue& value,
                   JsonPathResults* found);
  Outcome Index(const Item& item, const JsonPathValue& value, int32_t* index);
  Outcome AnyLevel(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Filter(const Item& item, const JsonPathValue& value, JsonPathResults* found,
                 bool unwrap);
  Outcome Arithmetic(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Sign(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Size(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Numeric(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Double(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Datetime(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome KeyValue(const Item& item, const JsonPathValue& value, JsonPathResults* found);
  Outcome Predicate(const Item& item, const JsonPathValue& value, JsonPathResults* found);

  Truth Test(const Item& item, const JsonPathValue& value);
  Truth TestPairs(const Item& item, const JsonPathValue& value);
  Truth TestPair(const Item& item, const JsonPathValue& left, const JsonPathValue* right);
  Truth Compare(Kind op, const JsonPathValue& left, const JsonPathValue& right);
  Truth LikeRegex(const Item& item, const JsonPathValue& value);
  // Nullopt: not comparable. Throws 0A000 where that needs a time zone and none may be used.
  std::optional<int> CompareDatetimes(const JsonPathValue& a, const JsonPathValue& b);
  Datum ToTimestamptz(const JsonPathValue& value, Oid other);

  // A suppressible error: thrown, or an outcome.
  Outcome Fail(base::SqlState state, std::string message, std::string hint = {});
  JsonPathValue Number(std::string_view numeric);
  std::string_view TypeName(const JsonPathValue& value) const;

  const types::IoContext& io_;
  JsonPathProgram& program_;
  Options options_;
  base::Arena& arena_;
  bool lax_;
  bool ignores_structure_;
  bool throws_;
  types::Jsonb document_;
  JsonPathValue current_;  // @
  int32_t innermost_size_ = -1;
  BaseObject base_;
  int64_t next_object_id_ = 1;
  int depth_ = 0;
};

}  // namespace sundog::functions
