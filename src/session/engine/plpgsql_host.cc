#include "session/engine/plpgsql_host.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "base/sql_error.h"
#include "binder/bind.h"
#include "catalog/names.h"
#include "parser/parse.h"
#include "runtime/interrupt.h"
#include "session/engine/query_plan.h"
#include "session/engine/utility_plan.h"
#include "session/transaction_block.h"
#include "types/array.h"
#include "types/domain_type.h"
#include "types/record.h"

namespace sundog::session {

using plpgsql::Record;
using plpgsql::RecordField;
using plpgsql::Value;
using plpgsql::VariableType;
using plpgsql::VariableUse;

namespace {

constexpr std::string_view kSelect = "SELECT ";

// Gives each variable that the text mentions a parameter number, in the order of mention.
class Variables final : public binder::VariableResolver {
 public:
  Variables(const plpgsql::NameLookup& names, std::vector<VariableUse>& uses)
      : names_(names), uses_(uses) {}

  std::optional<Variable> Resolve(std::span<const std::string> names) override {
    std::optional<VariableUse> use = names_.Find(names);
    if (!use) return std::nullopt;
    for (size_t i = 0; i < uses_.size(); ++i) {
      if (uses_[i].variable == use->variable && uses_[i].field == use->field) {
        return Variable{static_cast<int>(i), use->type};
      }
    }
    uses_.push_back(*use);
    return Variable{static_cast<int>(uses_.size()) - 1, use->type};
  }

 private:
  const plpgsql::NameLookup& names_;
  std::vector<VariableUse>& uses_;
};

// A statement in the text of an expression: locations count from where the expression begins.
[[noreturn]] void RethrowMoved(SqlError& error, size_t prefix) {
  int& location = error.fields().location;
  if (location >= 0) location = std::max(location - static_cast<int>(prefix), 0);
  throw std::move(error);
}

}  // namespace

FunctionHost::FunctionHost(EngineSession& session, bool is_volatile, ReturnedRows* rows)
    : session_(session),
      statements_(session, FunctionLanguage::kPlpgsql, is_volatile),
      rows_(rows) {}

FunctionHost::~FunctionHost() = default;

types::IoContext FunctionHost::Io() {
  session_.context().io_settings();
  types::IoContext io = session_.context().Io();
  io.types = session_.catalog().get();
  return io;
}

// --- types ---

VariableType FunctionHost::TypeOf(types::SqlType type) {
  const types::TypeInfo& info = session_.catalog()->GetType(type.oid);
  VariableType result;
  result.type = type;
  result.kind = info.physical;
  result.is_composite = info.kind_code == 'c';
  result.is_record = result.is_composite || type.oid == types::oids::kRecord;
  for (const types::CompositeField& field : info.fields) {
    types::PhysicalKind kind = session_.catalog()->GetType(field.type.oid).physical;
    result.fields.push_back({field.name, Value::Null(field.type, kind)});
  }
  return result;
}

// The binder resolves the name, as part of an expression that has the type.
VariableType FunctionHost::ResolveType(std::string_view text) {
  std::string name(text);
  std::string folded = name;
  for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (folded == "record") return TypeOf({types::oids::kRecord, -1});
  std::string query;
  if (size_t at = folded.rfind("%rowtype"); at != std::string::npos) {
    query = fmt::format("SELECT NULL::{}", name.substr(0, at));
  } else if (at = folded.rfind("%type"); at != std::string::npos) {
    std::string column = name.substr(0, at);
    size_t dot = column.rfind('.');
    if (dot == std::string::npos) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("variable \"{}\" does not exist", column));
    }
    query = fmt::format("SELECT (NULL::{}).{}", column.substr(0, dot), column.substr(dot + 1));
  } else {
    query = fmt::format("SELECT NULL::{}", name);
  }
  std::unique_ptr<FunctionSql> sql = PrepareText(query, {}, nullptr, {});
  return TypeOf(sql->first_type);
}

// --- preparing ---

std::unique_ptr<FunctionSql> FunctionHost::PrepareText(const std::string& text,
                                                       std::vector<types::Oid> parameter_types,
                                                       const plpgsql::NameLookup* names,
                                                       std::vector<VariableUse> uses) {
  auto parsed = session_.engine().Parse(text);
  if (parsed.size() != 1) {
    throw SqlError(sqlstate::kSyntaxError, "cannot insert multiple commands into a function's "
                                           "statement");
  }
  binder::BindContext context = statements_.Context(parameter_types);
  std::optional<Variables> variables;
  if (names != nullptr) context.variables = &variables.emplace(*names, uses);
  auto result = statements_.Prepare(std::move(parsed[0]), context);
  result->parameters = std::move(uses);
  return result;
}

std::unique_ptr<plpgsql::PreparedSql> FunctionHost::Prepare(std::string_view sql, bool expression,
                                                            const plpgsql::NameLookup& names) {
  // $1, $2, … are the function's arguments: they come first, by number.
  std::vector<VariableUse> uses;
  std::vector<types::Oid> types;
  for (int number = 1;; ++number) {
    std::vector<std::string> name{"$" + std::to_string(number)};
    std::optional<VariableUse> use = names.Find(name);
    if (!use) break;
    types.push_back(use->type.oid);
    uses.push_back(std::move(*use));
  }
  try {
    std::string text = expression ? std::string(kSelect) + std::string(sql) : std::string(sql);
    return PrepareText(text, std::move(types), &names, std::move(uses));
  } catch (SqlError& error) {
    RethrowMoved(error, expression ? kSelect.size() : 0);
  }
}

std::unique_ptr<plpgsql::PreparedSql> FunctionHost::PrepareDynamic(
    std::string_view sql, std::span<const Value> parameters) {
  std::vector<types::Oid> types;
  for (const Value& parameter : parameters) types.push_back(parameter.type().oid);
  return PrepareText(std::string(sql), std::move(types), nullptr, {});
}

bool FunctionHost::IsCurrent(const plpgsql::PreparedSql& sql) {
  return statements_.IsCurrent(static_cast<const FunctionSql&>(sql));
}

// --- running ---

int64_t FunctionHost::Execute(plpgsql::PreparedSql& sql, std::span<const Value> parameters,
                              plpgsql::RowSink* sink) {
  ParameterValues values;
  for (const Value& parameter : parameters) {
    values.values.push_back(parameter.datum());
    values.types.push_back(parameter.type());
  }
  return statements_.Run(static_cast<FunctionSql&>(sql), values, sink);
}

// --- conversions ---

FunctionSql* FunctionHost::FindCast(types::SqlType from, types::SqlType to) {
  auto [entry, is_new] = casts_.try_emplace({from.oid, to.oid});
  if (!is_new) return entry->second.get();
  std::string target = catalog::CastTypeName(*session_.catalog(), &session_.search_path(),
                                             {to.oid, -1});
  try {
    entry->second = PrepareText(fmt::format("SELECT $1::{}", target), {from.oid}, nullptr, {});
  } catch (const SqlError& error) {
    // No cast: PL/pgSQL then goes through the text form.
    if (error.state() != sqlstate::kCannotCoerce) throw;
  }
  return entry->second.get();
}

Value FunctionHost::Convert(const Value& value, const VariableType& to) {
  if (value.is_null()) {
    types::NullOf(Io(), session_.catalog()->GetType(to.type.oid));
    return Value::Null(to.type, to.kind);
  }
  bool has_length = to.type.typmod >= 0;
  if (value.type().oid == to.type.oid && !has_length) {
    return Value::Of(to.type, to.kind, value.datum());
  }
  Value result = value;
  bool unknown = value.type().oid == types::oids::kUnknown;
  if (value.type().oid != to.type.oid && !unknown) {
    if (FunctionSql* cast = FindCast(value.type(), to.type)) {
      class One : public plpgsql::RowSink {
       public:
        explicit One(const VariableType& to) : to_(to) {}
        bool Take(const types::Chunk& chunk, size_t row) override {
          value = Value::Of({to_.type.oid, -1}, to_.kind, chunk.column(0).DatumAt(row));
          return false;
        }
        Value value;

       private:
        const VariableType& to_;
      };
      One one(to);
      std::vector<Value> parameter{value};
      Execute(*cast, parameter, &one);
      result = std::move(one.value);
      if (result.is_null()) return Value::Null(to.type, to.kind);
      if (!has_length) return result;
    }
  }
  // The type's input applies the length as an assignment does.
  return FromText(ToText(result), to);
}

std::string FunctionHost::ToText(const Value& value) {
  std::string text;
  types::OutputText(Io(), session_.catalog()->GetType(value.type().oid), value.datum(), text);
  return text;
}

Value FunctionHost::FromText(std::string_view text, const VariableType& type) {
  base::Arena arena;
  return Value::Of(type.type, type.kind, types::InputText(Io(), type.type, text, arena));
}

Value FunctionHost::Compose(const Record& record, const VariableType& type) {
  if (!record.assigned) return Value::Null(type.type, type.kind);
  types::RecordBuilder builder(type.type.oid, !type.is_composite);
  for (const RecordField& field : record.fields) {
    builder.Append(field.value.type().oid, field.value.kind(), field.value.datum(), field.name);
  }
  base::Arena arena;
  return Value::Of(type.type, type.kind, types::Datum::From(builder.Finish(arena)));
}

Record FunctionHost::Decompose(const Value& value) {
  if (value.kind() != types::PhysicalKind::kVarlen ||
      !TypeOf(value.type()).is_record) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "cannot assign non-composite value to a record variable");
  }
  types::RecordReader reader(value.As<std::string_view>());
  Record record;
  record.assigned = true;
  const catalog::Catalog& catalog = *session_.catalog();
  for (int i = 0; i < reader.size(); ++i) {
    types::SqlType type{reader.field_type(i), -1};
    std::string name(reader.Name(catalog, i));
    if (name.empty()) name = "f" + std::to_string(i + 1);
    record.fields.push_back(
        {std::move(name), Value::Of(type, catalog.GetType(type.oid).physical, reader.At(i))});
  }
  return record;
}

Value FunctionHost::AssignElement(const Value& array, std::span<const int32_t> subscripts,
                                  const Value& element) {
  const types::TypeInfo& info = session_.catalog()->GetType(array.type().oid);
  if (!info.is_array()) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("cannot subscript type {} because it does not support subscripting",
                               types::FormatType(*session_.catalog(), array.type())));
  }
  if (subscripts.size() != 1) {
    base::ThrowNotSupported("assignment to an element of an array of several dimensions");
  }
  VariableType element_type = TypeOf({info.element, array.type().typmod});
  Value assigned = Convert(element, element_type);
  int32_t at = subscripts[0];
  types::ArrayBuilder builder(info.element, element_type.kind);
  int32_t lower = at;
  int32_t upper = at;
  std::optional<types::ArrayReader> old;
  if (!array.is_null()) old.emplace(array.As<std::string_view>());
  if (old && !old->empty()) {
    lower = std::min(at, old->shape().lower_bounds[0]);
    upper = std::max(at, old->shape().upper_bound(0));
  }
  for (int64_t i = lower; i <= upper; ++i) {
    auto subscript = static_cast<int32_t>(i);
    int32_t place = old && !old->empty() ? old->PlaceOf(&subscript, 1) : -1;
    if (subscript == at) {
      builder.Append(assigned.datum());
    } else {
      builder.Append(place >= 0 ? old->At(place) : types::Datum());
    }
  }
  base::Arena arena;
  return Value::Of(array.type(), array.kind(), types::Datum::From(builder.Finish(arena, lower)));
}

std::vector<Value> FunctionHost::ArrayElements(const Value& array) {
  if (!session_.catalog()->GetType(array.type().oid).is_array()) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("FOREACH expression must yield an array, not type {}",
                               types::FormatType(*session_.catalog(), array.type())));
  }
  types::ArrayReader reader(array.As<std::string_view>());
  std::vector<Value> elements;
  for (int32_t i = 0; i < reader.size(); ++i) {
    elements.push_back(
        Value::Of({reader.element_type(), -1}, reader.element_kind(), reader.At(i)));
  }
  return elements;
}

// --- transactions, notices ---

void FunctionHost::BeginSubtransaction() {
  session_.context().transaction_block->BeginSubtransaction();
}

void FunctionHost::ReleaseSubtransaction() {
  session_.context().transaction_block->ReleaseSubtransaction();
}

void FunctionHost::RollbackSubtransaction() {
  session_.context().transaction_block->RollbackSubtransaction();
}

void FunctionHost::EndTransaction(bool, bool) {
  throw SqlError(sqlstate::kInvalidTransactionTermination, "invalid transaction termination");
}

void FunctionHost::Notice(const base::ErrorFields& fields) { session_.context().Notice(fields); }

// --- cursors: FOR over a bound cursor needs none of these ---

std::string FunctionHost::OpenCursor(std::string_view, plpgsql::PreparedSql&,
                                     std::span<const Value>) {
  base::ThrowNotSupported("OPEN of a cursor in PL/pgSQL");
}

std::vector<plpgsql::SqlColumn> FunctionHost::CursorColumns(std::string_view) {
  base::ThrowNotSupported("FETCH from a cursor in PL/pgSQL");
}

int64_t FunctionHost::FetchCursor(std::string_view, std::string_view, plpgsql::RowSink*) {
  base::ThrowNotSupported("MOVE of a cursor in PL/pgSQL");
}

void FunctionHost::CloseCursor(std::string_view) {
  base::ThrowNotSupported("CLOSE of a cursor in PL/pgSQL");
}

}  // namespace sundog::session
