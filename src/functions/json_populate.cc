// json(b)_populate_record(set) and json(b)_to_record(set): members of objects become columns, with
// arrays and composite types filled from nested JSON and everything else read from its text.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "functions/json_access.h"
#include "functions/json_functions.h"
#include "types/array.h"
#include "types/domain_type.h"
#include "types/json_lexer.h"
#include "types/record.h"

namespace sundog::functions {

namespace {

using types::ArrayBuilder;
using types::ArrayShape;
using types::RecordBuilder;
using types::RecordReader;
using Columns = std::span<const types::CompositeField>;

template <typename Json>
class Populator {
 public:
  using Node = typename Json::Node;

  Populator(const types::IoContext& io, base::Arena& arena) : io_(io), arena_(arena) {}

  // `node` absent or JSON's null: SQL null. `old` is what a composite keeps for missing members.
  Datum Value(SqlType type, const std::optional<Node>& node, std::string_view column,
              const Datum& old) {
    const types::TypeInfo& info = io_.types->GetType(type.oid);
    if (!node.has_value() || Json::Kind(*node) == JsonKind::kNull) return types::NullOf(io_, info);
    if (Json::Kind(*node) != JsonKind::kString) {
      if (info.is_array()) return Array(type, *node, column);
      if (info.kind_code == 'c') return Composite(info, *node, old);
    }
    return types::InputText(io_, type, ScalarText(type.oid, *node), arena_);
  }

  Datum Composite(const types::TypeInfo& type, const Node& node, const Datum& old) {
    JsonKind kind = Json::Kind(node);
    if (kind != JsonKind::kObject) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("cannot call populate_composite on {}",
                                 kind == JsonKind::kArray ? "an array" : "a scalar"));
    }
    return Row(type.oid, type.fields, node, old);
  }

  Datum Row(Oid type, Columns columns, const Node& object, const Datum& old) {
    std::vector<Datum> values = Fields(columns, object, old);
    RecordBuilder builder(type, type == types::oids::kRecord);
    for (size_t i = 0; i < columns.size(); ++i) {
      Oid field = columns[i].type.oid;
      builder.Append(field, io_.types->GetType(field).physical, values[i], columns[i].name);
    }
    return Datum::From(builder.Finish(arena_));
  }

  // The object's members as the columns; those it has not stay as in `old`, all without an object.
  std::vector<Datum> Fields(Columns columns, const std::optional<Node>& object,
                            const Datum& old) {
    std::vector<Datum> values(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      Datum before;
      if (!old.is_null()) before = RecordReader(old.As<std::string_view>()).At(static_cast<int>(i));
      std::optional<Node> member;
      if (object.has_value()) member = Json::Member(*object, columns[i].name);
      values[i] = !member.has_value() && !old.is_null()
                      ? before
                      : Value(columns[i].type, member, columns[i].name, before);
    }
    return values;
  }

 private:
  std::string ScalarText(Oid type, const Node& node) {
    bool to_json = type == types::oids::kJson || type == types::oids::kJsonb;
    return to_json ? Json::JsonOf(node) : Json::TextOf(node);
  }

  // How far a (multidimensional) array has been read. The first element that is not an array tells
  // how many dimensions there are.
  struct ArrayProgress {
    SqlType element;
    std::string_view column;
    int dimensions = 0;
    int32_t lengths[types::kMaxArrayDimensions];
    int32_t sizes[types::kMaxArrayDimensions] = {};
  };

  Datum Array(SqlType type, const Node& node, std::string_view column) {
    const types::TypeInfo& element =
        io_.types->GetType(io_.types->GetType(type.oid).element);
    ArrayProgress progress{{element.oid, type.typmod}, column};
    for (int32_t& length : progress.lengths) length = -1;
    ArrayBuilder builder(element.oid, element.physical);
    Dimension(node, 1, progress, builder);
    CloseDimension(0, progress);
    ArrayShape shape;
    shape.dimensions = progress.dimensions;
    for (int d = 0; d < shape.dimensions; ++d) {
      shape.lengths[d] = progress.lengths[d];
      shape.lower_bounds[d] = 1;
    }
    if (builder.size() == 0) return Datum::From(builder.Finish(arena_));
    return Datum::From(builder.Finish(arena_, shape));
  }

  void Dimension(const Node& node, int depth, ArrayProgress& progress, ArrayBuilder& builder) {
    if (Json::Kind(node) != JsonKind::kArray) ThrowExpectedArray(depth - 1, progress);
    if (depth > types::kMaxArrayDimensions) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                                 depth, types::kMaxArrayDimensions));
    }
    typename Json::Cursor cursor(node);
    Node element;
    bool any = false;
    while (cursor.NextElement(element)) {
      any = true;
      if (progress.dimensions == 0 && Json::Kind(element) != JsonKind::kArray) {
        progress.dimensions = depth;
      }
      if (depth == progress.dimensions) {
        builder.Append(Value(progress.element, std::optional<Node>(element), {}, Datum()));
        ++progress.sizes[depth - 1];
      } else {
        Dimension(element, depth + 1, progress, builder);
        CloseDimension(depth, progress);
      }
    }
    if (!any && progress.dimensions == 0) progress.dimensions = depth;
  }

  void CloseDimension(int d, ArrayProgress& progress) {
    int32_t size = progress.sizes[d];
    if (progress.lengths[d] == -1) {
      progress.lengths[d] = size;
    } else if (progress.lengths[d] != size) {
      throw SqlError(sqlstate::kInvalidTextRepresentation, "malformed JSON array")
          .Detail("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
    progress.sizes[d] = 0;
    if (d > 0) ++progress.sizes[d - 1];
  }

  [[noreturn]] void ThrowExpectedArray(int depth, const ArrayProgress& progress) {
    SqlError error(sqlstate::kInvalidTextRepresentation, "expected JSON array");
    std::string indexes;
    for (int d = 0; d < depth; ++d) indexes += fmt::format("[{}]", progress.sizes[d]);
    if (depth == 0 && !progress.column.empty()) {
      error.Hint(fmt::format("See the value of key \"{}\".", progress.column));
    } else if (depth > 0 && !progress.column.empty()) {
      error.Hint(fmt::format("See the array element {} of key \"{}\".", indexes, progress.column));
    } else if (depth > 0) {
      error.Hint(fmt::format("See the array element {}.", indexes));
    }
    throw error;
  }

  const types::IoContext& io_;
  base::Arena& arena_;
};

// The function's name for messages: json_populate_record, jsonb_to_recordset, …
template <typename Json>
std::string FunctionName(std::string_view rest) {
  return fmt::format("{}_{}", Json::kName, rest);
}

template <typename Json>
void CheckObject(const typename Json::Node& node, std::string_view function) {
  JsonKind kind = Json::Kind(node);
  if (kind == JsonKind::kObject) return;
  // jsonb names its own helper.
  std::string name = Json::kBinary ? "populate_composite" : FunctionName<Json>(function);
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("cannot call {} on {}", name,
                             kind == JsonKind::kArray ? "an array" : "a scalar"));
}

// The type of the first argument, which says what the result's columns are.
template <typename Json>
const types::TypeInfo& RowTypeOf(CallContext& call, std::string_view function) {
  const types::TypeInfo* type = &call.types().GetBaseType(call.argument_type_info(0).oid);
  if (type->kind_code != 'c' && type->oid != types::oids::kRecord) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("first argument of {} must be a row type",
                               FunctionName<Json>(function)));
  }
  return *type;
}

template <typename Json>
Datum PopulateRecord(CallContext& call, std::span<const Datum> arguments) {
  const types::TypeInfo* type = &RowTypeOf<Json>(call, "populate_record");
  bool anonymous = type->oid == types::oids::kRecord;
  if (arguments[1].is_null()) return arguments[0];
  if (anonymous && arguments[0].is_null()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("could not determine row type for result of {}",
                               FunctionName<Json>("populate_record")))
        .Hint(
            "Provide a non-null record argument, or call the function in the FROM clause using a "
            "column definition list.");
  }
  auto node = Json::Root(arguments[1].As<std::string_view>());
  CheckObject<Json>(node, "populate_record");
  Populator<Json> populator(call.io(), call.arena());
  if (!anonymous) return populator.Composite(*type, node, arguments[0]);
  RecordReader base(arguments[0].As<std::string_view>());
  std::vector<types::CompositeField> fields = base.Fields(call.types());
  return populator.Row(types::oids::kRecord, fields, node, arguments[0]);
}

// No object: a row that stays as it was.
template <typename Json>
using Objects = std::vector<std::optional<typename Json::Node>>;

// One row, or one for each object of an array.
template <typename Json>
class RecordsCall : public SetCall {
 public:
  RecordsCall(CallContext& call, Objects<Json> objects, const Datum& base)
      : call_(call), objects_(std::move(objects)), base_(base) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    Columns expected = call_.result_columns();
    if (next_ == 0 && !objects_.empty()) TakeNamesOfBase(expected);
    if (!named_by_base_.empty()) expected = named_by_base_;
    for (; count < capacity && next_ < objects_.size(); ++count, ++next_) {
      base::Arena scratch;
      std::vector<Datum> values =
          Populator<Json>(call_.io(), scratch).Fields(expected, objects_[next_], base_);
      for (size_t c = 0; c < columns.size() && c < values.size(); ++c) {
        columns[c]->CopyDatum(count, values[c]);
      }
    }
    return count;
  }

 private:
  // The query names the result's columns where the base is an anonymous record, but members are
  // looked up by the names that the record itself has.
  void TakeNamesOfBase(Columns expected) {
    if (base_.is_null() || call_.argument_types()[0].oid != types::oids::kRecord) return;
    RecordReader base(base_.As<std::string_view>());
    types::CheckRecordHasColumns(call_.types(), base, expected);
    named_by_base_ = base.Fields(call_.types());
  }

  CallContext& call_;
  Objects<Json> objects_;
  size_t next_ = 0;
  Datum base_;
  std::vector<types::CompositeField> named_by_base_;
};

template <typename Json>
Objects<Json> ObjectsOf(const typename Json::Node& root,
                        std::string_view function) {
  std::string name = FunctionName<Json>(function);
  JsonKind kind = Json::Kind(root);
  if (kind != JsonKind::kArray) {
    std::string what = Json::kBinary                 ? "a non-array"
                       : kind == JsonKind::kObject ? "an object"
                                                     : "a scalar";
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("cannot call {} on {}", name, what));
  }
  Objects<Json> objects;
  typename Json::Cursor cursor(root);
  typename Json::Node element;
  while (cursor.NextElement(element)) {
    if (Json::Kind(element) != JsonKind::kObject) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("argument of {} must be an array of objects", name));
    }
    objects.push_back(element);
  }
  return objects;
}

template <typename Json>
std::unique_ptr<SetCall> ToRecord(CallContext& call, std::span<const Datum> arguments) {
  auto node = Json::Root(arguments[0].As<std::string_view>());
  CheckObject<Json>(node, "to_record");
  return std::make_unique<RecordsCall<Json>>(call, Objects<Json>{node}, Datum());
}

template <typename Json>
std::unique_ptr<SetCall> ToRecordSet(CallContext& call, std::span<const Datum> arguments) {
  Objects<Json> objects;
  if (!arguments[0].is_null()) {
    objects = ObjectsOf<Json>(Json::Root(arguments[0].As<std::string_view>()), "to_recordset");
  }
  return std::make_unique<RecordsCall<Json>>(call, std::move(objects), Datum());
}

// json_populate_record of type record in FROM, where the query names the columns.
template <typename Json>
std::unique_ptr<SetCall> PopulateRecordInFrom(CallContext& call,
                                              std::span<const Datum> arguments) {
  std::optional<typename Json::Node> node;
  if (!arguments[1].is_null()) {
    node = Json::Root(arguments[1].As<std::string_view>());
    CheckObject<Json>(*node, "populate_record");
  }
  return std::make_unique<RecordsCall<Json>>(call, Objects<Json>{node}, arguments[0]);
}

template <typename Json>
std::unique_ptr<SetCall> PopulateRecordSet(CallContext& call, std::span<const Datum> arguments) {
  RowTypeOf<Json>(call, "populate_recordset");
  Objects<Json> objects;
  if (!arguments[1].is_null()) {
    objects =
        ObjectsOf<Json>(Json::Root(arguments[1].As<std::string_view>()), "populate_recordset");
  }
  return std::make_unique<RecordsCall<Json>>(call, std::move(objects), arguments[0]);
}

// json_to_record gives one row, but its columns are known only where it stands in FROM.
template <typename Json>
Datum ToRecordOutsideFrom(CallContext&, std::span<const Datum>) {
  throw SqlError(sqlstate::kFeatureNotSupported,
                 fmt::format("could not determine row type for result of {}",
                             FunctionName<Json>("to_record")))
      .Hint(
          "Provide a non-null record argument, or call the function in the FROM clause using a "
          "column definition list.");
}

const ScalarEntry kEntries[] = {
    {"json_to_record", DatumKernel<ToRecordOutsideFrom<PlainJson>>},
    {"jsonb_to_record", DatumKernel<ToRecordOutsideFrom<BinaryJson>>},
    {"json_populate_record", DatumKernel<PopulateRecord<PlainJson>>},
    {"jsonb_populate_record", DatumKernel<PopulateRecord<BinaryJson>>},
};

const SetEntry kSets[] = {
    {"json_to_record", ToRecord<PlainJson>},
    {"jsonb_to_record", ToRecord<BinaryJson>},
    {"json_to_recordset", ToRecordSet<PlainJson>},
    {"jsonb_to_recordset", ToRecordSet<BinaryJson>},
    {"json_populate_record", PopulateRecordInFrom<PlainJson>},
    {"jsonb_populate_record", PopulateRecordInFrom<BinaryJson>},
    {"json_populate_recordset", PopulateRecordSet<PlainJson>},
    {"jsonb_populate_recordset", PopulateRecordSet<BinaryJson>},
};

}  // namespace

void RegisterJsonPopulateFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSets));
}

}  // namespace sundog::functions
