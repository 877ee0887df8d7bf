// Values of PL/pgSQL variables: owned, with their type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/datum.h"
#include "types/sql_type.h"

namespace sundog::session::plpgsql {

class Value {
 public:
  Value() = default;
  static Value Null(types::SqlType type, types::PhysicalKind kind) {
    Value value;
    value.type_ = type;
    value.kind_ = kind;
    return value;
  }
  // Copies the bytes.
  static Value Of(types::SqlType type, types::PhysicalKind kind, const types::Datum& datum) {
    Value value = Null(type, kind);
    value.is_null_ = datum.is_null();
    if (value.is_null_) return value;
    if (kind == types::PhysicalKind::kVarlen) {
      value.bytes_ = datum.As<std::string_view>();
    } else {
      value.fixed_ = datum;
    }
    return value;
  }

  types::SqlType type() const { return type_; }
  types::PhysicalKind kind() const { return kind_; }
  bool is_null() const { return is_null_; }
  // Valid while this value lives unchanged.
  types::Datum datum() const {
    if (is_null_) return types::Datum();
    if (kind_ != types::PhysicalKind::kVarlen) return fixed_;
    return types::Datum::From(std::string_view(bytes_));
  }
  template <typename T>
  T As() const {
    return datum().As<T>();
  }

 private:
  types::SqlType type_;
  types::PhysicalKind kind_ = types::PhysicalKind::kVarlen;
  bool is_null_ = true;
  types::Datum fixed_;
  std::string bytes_;
};

struct RecordField {
  std::string name;
  Value value;
};

// The value of a record or row variable. A record that was never assigned has no fields.
struct Record {
  bool assigned = false;
  std::vector<RecordField> fields;
};

}  // namespace sundog::session::plpgsql
