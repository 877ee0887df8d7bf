#include "functions/jsonb_assign.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/json_access.h"
#include "types/jsonb_builder.h"

namespace sundog::functions {

namespace {

using types::Jsonb;
using types::JsonbBuilder;

// Copies the document member by member, but for the one place of the path.
class Changer {
 public:
  Changer(std::span<const Datum> path, Jsonb value, JsonbChange change)
      : path_(path), value_(value), change_(change) {}

  std::string_view Run(Jsonb document, base::Arena& arena) {
    Descend(document, 0);
    return builder_.Finish(arena);
  }

 private:
  bool is_last(size_t level) const { return level + 1 == path_.size(); }
  bool inserts() const {
    return change_ == JsonbChange::kInsertBefore || change_ == JsonbChange::kInsertAfter;
  }
  bool creates() const {
    return inserts() || change_ == JsonbChange::kCreate || change_ == JsonbChange::kAssign;
  }
  bool assigns() const { return change_ == JsonbChange::kAssign; }
  std::string_view step(size_t level) const { return path_[level].As<std::string_view>(); }

  void Descend(Jsonb node, size_t level) {
    if (path_[level].is_null()) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     fmt::format("path element at position {} is null", level + 1));
    }
    if (node.is_object()) {
      builder_.BeginObject();
      Object(node, level);
      builder_.End();
    } else if (node.is_array()) {
      builder_.BeginArray();
      Array(node, level);
      builder_.End();
    } else {
      if (assigns()) {
        throw SqlError(sqlstate::kInvalidParameterValue, "cannot replace existing key")
            .Detail("The path assumes key is a composite object, but it is a scalar value.");
      }
      builder_.Add(node);
    }
  }

  void Object(Jsonb object, size_t level) {
    int at = object.FindKey(step(level));
    for (int i = 0; i < object.count(); ++i) {
      if (i != at) {
        builder_.Key(object.Key(i));
        builder_.Add(object.Value(i));
      } else if (!is_last(level)) {
        builder_.Key(object.Key(i));
        Descend(object.Value(i), level + 1);
      } else if (inserts()) {
        throw SqlError(sqlstate::kInvalidParameterValue, "cannot replace existing key")
            .Hint("Try using the function jsonb_set to replace key value.");
      } else if (change_ != JsonbChange::kDelete) {
        builder_.Key(object.Key(i));
        builder_.Add(value_);
      }
    }
    if (at >= 0) return;
    if (is_last(level) && creates()) {
      builder_.Key(step(level));
      builder_.Add(value_);
    } else if (!is_last(level) && assigns()) {
      builder_.Key(step(level));
      Chain(level + 1);
    }
  }

  // The element the step names; -1: before the first; ≥ count: none.
  int64_t Index(std::string_view text, int count, size_t level) const {
    std::optional<int32_t> parsed = JsonArrayIndex(text);
    if (!parsed.has_value()) {
      throw SqlError(sqlstate::kInvalidTextRepresentation,
                     fmt::format("path element at position {} is not an integer: \"{}\"", level + 1,
                                 text));
    }
    int64_t index = *parsed;
    if (index < 0) {
      index += count;
      if (index < 0 && assigns()) {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       fmt::format("path element at position {} is out of range: {}", level + 1,
                                   *parsed));
      }
      if (index < 0) index = -1;
    }
    if (!assigns() && index > count) index = count;
    return index;
  }

  void Array(Jsonb array, size_t level) {
    int count = array.count();
    int64_t index = Index(step(level), count, level);
    if (index == -1 && is_last(level) && creates()) builder_.Add(value_);
    for (int i = 0; i < count; ++i) {
      if (i != index) {
        builder_.Add(array.Element(i));
      } else if (!is_last(level)) {
        Descend(array.Element(i), level + 1);
      } else {
        Place(array.Element(i));
      }
    }
    if (index < count) return;
    if (is_last(level) && creates()) {
      AddNulls(index - count);
      builder_.Add(value_);
    } else if (!is_last(level) && assigns()) {
      AddNulls(index - count);
      Chain(level + 1);
    }
  }

  void Place(Jsonb old) {
    if (change_ == JsonbChange::kInsertAfter) builder_.Add(old);
    if (change_ != JsonbChange::kDelete) builder_.Add(value_);
    if (change_ == JsonbChange::kInsertBefore) builder_.Add(old);
  }

  void AddNulls(int64_t count) {
    for (; count > 0; --count) builder_.Add(Jsonb());
  }

  // What the rest of the path asks for where there is nothing yet.
  void Chain(size_t level) {
    if (level == path_.size()) return builder_.Add(value_);
    std::optional<int32_t> index = JsonArrayIndex(step(level));
    if (index.has_value()) {
      builder_.BeginArray();
      AddNulls(*index);
    } else {
      builder_.BeginObject();
      builder_.Key(step(level));
    }
    Chain(level + 1);
    builder_.End();
  }

  std::span<const Datum> path_;
  Jsonb value_;
  JsonbChange change_;
  JsonbBuilder builder_;
};

}  // namespace

std::string_view ChangeJsonb(Jsonb document, std::span<const Datum> path, Jsonb value,
                             JsonbChange change, base::Arena& arena) {
  return Changer(path, value, change).Run(document, arena);
}

std::optional<Jsonb> FollowJsonb(Jsonb document, std::span<const Datum> path) {
  std::optional<Jsonb> node = document;
  for (const Datum& step : path) {
    if (step.is_null()) return std::nullopt;
    node = JsonStep<BinaryJson>(*node, step.As<std::string_view>());
    if (!node.has_value()) return std::nullopt;
  }
  return node;
}

std::string_view AssignJsonb(const Datum& document, std::span<const Datum> path,
                             bool first_is_integer, const Datum& value, base::Arena& arena) {
  for (const Datum& step : path) {
    if (!step.is_null()) continue;
    throw SqlError(sqlstate::kNullValueNotAllowed,
                   "jsonb subscript in assignment must not be null");
  }
  Jsonb root;
  if (document.is_null()) {
    JsonbBuilder empty;
    if (first_is_integer) {
      empty.BeginArray();
    } else {
      empty.BeginObject();
    }
    empty.End();
    root = Jsonb(empty.Finish(arena));
  } else {
    root = Jsonb(document.As<std::string_view>());
  }
  Jsonb fresh = value.is_null() ? Jsonb() : Jsonb(value.As<std::string_view>());
  return ChangeJsonb(root, path, fresh, JsonbChange::kAssign, arena);
}

}  // namespace sundog::functions
