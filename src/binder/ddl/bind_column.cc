// Column definitions and constraints of CREATE TABLE and ALTER TABLE.
#include "binder/ddl/ddl_binding.h"
#include "binder/column_name.h"
#include "catalog/builtin_objects.h"
#include "catalog/ddl/permission.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::TagOf;

namespace {

struct SerialRow {
  std::string_view name;
  Oid type;
};
constexpr SerialRow kSerialTypes[] = {
    {"smallserial", types::oids::kInt2}, {"serial2", types::oids::kInt2},
    {"serial", types::oids::kInt4},      {"serial4", types::oids::kInt4},
    {"bigserial", types::oids::kInt8},   {"serial8", types::oids::kInt8},
};

Oid SerialType(const ::TypeName* name) {
  if (parser::Length(name->names) != 1 || name->pct_type) return kInvalidOid;
  std::string_view text = parser::Text(parser::At(name->names, 0));
  for (const SerialRow& row : kSerialTypes) {
    if (row.name != text) continue;
    if (name->arrayBounds != nullptr) {
      throw SqlError(sqlstate::kFeatureNotSupported, "array of serial is not implemented")
          .At(name->location);
    }
    return row.type;
  }
  return kInvalidOid;
}

std::string OfColumn(const std::string& column, const RangeVar* table) {
  return " for column \"" + column + "\" of table \"" + table->relname + "\"";
}

// What a column's constraints say so far, to find contradictions.
struct ColumnState {
  bool saw_nullable = false;
  bool null_said = false;
  bool saw_default = false;
  bool saw_identity = false;
  bool saw_generated = false;
};

[[noreturn]] void ThrowSyntax(std::string message, int location) {
  throw SqlError(sqlstate::kSyntaxError, std::move(message)).At(location);
}

void CheckTwice(const ColumnState& state, const std::string& column, const RangeVar* table,
                int location) {
  if (state.saw_default && state.saw_identity) {
    ThrowSyntax("both default and identity specified" + OfColumn(column, table), location);
  }
  if (state.saw_default && state.saw_generated) {
    ThrowSyntax("both default and generation expression specified" + OfColumn(column, table),
                location);
  }
  if (state.saw_identity && state.saw_generated) {
    ThrowSyntax("both identity and generation expression specified" + OfColumn(column, table),
                location);
  }
}

void SetNotNull(ColumnState& state, bool not_null, ddl::ColumnSpec& spec, const RangeVar* table,
                int location) {
  bool conflict = not_null ? state.null_said : spec.not_null;
  if (state.saw_nullable && conflict) {
    ThrowSyntax("conflicting NULL/NOT NULL declarations" + OfColumn(spec.name, table), location);
  }
  state.saw_nullable = true;
  if (not_null) {
    spec.not_null = true;
  } else {
    state.null_said = true;
  }
}

void SetIdentity(const DdlRun& run, const Constraint* constraint, ddl::ColumnSpec& spec) {
  spec.identity = constraint->generated_when;
  spec.not_null = true;
  spec.sequence = ddl::SequenceSpec();
  spec.sequence->type = spec.type.oid;
  BindSequenceOptions(run, constraint->options, *spec.sequence);
}

void ApplyDeferral(ConstrType type, bool* deferrable, bool* deferred) {
  if (type == CONSTR_ATTR_DEFERRABLE) *deferrable = true;
  if (type == CONSTR_ATTR_NOT_DEFERRABLE) *deferrable = false;
  if (type == CONSTR_ATTR_IMMEDIATE) *deferred = false;
  if (type == CONSTR_ATTR_DEFERRED) *deferrable = *deferred = true;
}

}  // namespace

ddl::ColumnSpec BindColumnType(const DdlRun& run, const ColumnDef* column,
                               std::string_view table_name) {
  static_cast<void>(table_name);
  ddl::ColumnSpec spec;
  spec.name = column->colname;
  spec.location = column->location;
  spec.not_null = column->is_not_null;
  if (column->typeName == nullptr) return spec;
  PieceBinding piece(run);
  if (Oid serial = SerialType(column->typeName)) {
    spec.type = {serial, -1};
    spec.not_null = true;
    spec.sequence = ddl::SequenceSpec();
    spec.sequence->type = serial;
  } else {
    if (column->typeName->setof) {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     "column \"" + spec.name + "\" cannot be declared SETOF");
    }
    spec.type = ResolveType(piece.state, column->typeName);
    ddl::CheckMayUseType(run.writer(), spec.type.oid);
    spec.dimensions = static_cast<int16_t>(parser::Length(column->typeName->arrayBounds));
  }
  if (column->collClause != nullptr) {
    Oid collation = ResolveCollation(piece.state, column->collClause->collname,
                                     column->collClause->location);
    if (!piece.state.types.IsCollatable(spec.type.oid)) {
      throw SqlError(sqlstate::kDatatypeMismatch, "collations are not supported by type " +
                                                      piece.state.types.Name(spec.type.oid))
          .At(column->collClause->location);
    }
    spec.collation = collation;
  }
  return spec;
}

void CollectColumnConstraints(const DdlRun& run, const ColumnDef* column, const RangeVar* table,
                              ddl::ColumnSpec& spec, RawConstraints& constraints) {
  ColumnState state;
  bool serial = spec.sequence.has_value();
  if (serial) state.saw_default = state.saw_nullable = true;
  bool* deferrable = nullptr;
  bool* deferred = nullptr;
  for (const Constraint* constraint : parser::Each<Constraint>(column->constraints)) {
    switch (constraint->contype) {
      case CONSTR_NULL: SetNotNull(state, false, spec, table, constraint->location); break;
      case CONSTR_NOTNULL: SetNotNull(state, true, spec, table, constraint->location); break;
      case CONSTR_DEFAULT:
        if (state.saw_default) {
          ThrowSyntax("multiple default values specified" + OfColumn(spec.name, table),
                      serial ? -1 : constraint->location);
        }
        state.saw_default = true;
        constraints.defaults.push_back({spec.name, constraint->raw_expr});
        break;
      case CONSTR_IDENTITY:
        if (state.saw_identity) {
          ThrowSyntax("multiple identity specifications" + OfColumn(spec.name, table),
                      constraint->location);
        }
        state.saw_identity = true;
        if (!serial) SetIdentity(run, constraint, spec);
        break;
      case CONSTR_GENERATED:
        if (state.saw_generated) {
          ThrowSyntax("multiple generation clauses specified" + OfColumn(spec.name, table),
                      constraint->location);
        }
        state.saw_generated = true;
        spec.generated = 's';
        constraints.generated.push_back({spec.name, constraint->raw_expr});
        break;
      case CONSTR_CHECK: constraints.checks.push_back(constraint); break;
      case CONSTR_PRIMARY:
      case CONSTR_UNIQUE:
        constraints.keys.push_back(BindKey(constraint, &spec.name));
        deferrable = &constraints.keys.back().deferrable;
        deferred = &constraints.keys.back().initially_deferred;
        break;
      case CONSTR_FOREIGN:
        constraints.foreign_keys.push_back(BindForeignKey(run, constraint, &spec.name, table));
        deferrable = &constraints.foreign_keys.back().deferrable;
        deferred = &constraints.foreign_keys.back().initially_deferred;
        break;
      case CONSTR_EXCLUSION: base::ThrowNotSupported("EXCLUDE", constraint->location);
      default:
        if (deferrable == nullptr) {
          ThrowSyntax("misplaced DEFERRABLE clause", constraint->location);
        }
        ApplyDeferral(constraint->contype, deferrable, deferred);
    }
    CheckTwice(state, spec.name, table, constraint->location);
  }
}

void CollectTableConstraint(const DdlRun& run, const Constraint* constraint, const RangeVar* table,
                            RawConstraints& constraints) {
  switch (constraint->contype) {
    case CONSTR_CHECK: constraints.checks.push_back(constraint); return;
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE: constraints.keys.push_back(BindKey(constraint, nullptr)); return;
    case CONSTR_FOREIGN:
      constraints.foreign_keys.push_back(BindForeignKey(run, constraint, nullptr, table));
      return;
    default: base::ThrowNotSupported("EXCLUDE", constraint->location);
  }
}

ddl::KeySpec BindKey(const Constraint* constraint, const std::string* column) {
  ddl::KeySpec key;
  key.name = parser::TextOrEmpty(constraint->conname);
  key.primary = constraint->contype == CONSTR_PRIMARY;
  key.columns = NameParts(constraint->keys);
  if (column != nullptr) key.columns = {*column};
  key.included = NameParts(constraint->including);
  key.nulls_not_distinct = constraint->nulls_not_distinct;
  key.deferrable = constraint->deferrable;
  key.initially_deferred = constraint->initdeferred;
  key.options = BindOptions(constraint->options);
  key.location = constraint->location;
  return key;
}

ddl::ForeignKeySpec BindForeignKey(const DdlRun& run, const Constraint* constraint,
                                   const std::string* column, const RangeVar* table) {
  ddl::ForeignKeySpec key;
  key.name = parser::TextOrEmpty(constraint->conname);
  key.columns = NameParts(constraint->fk_attrs);
  if (column != nullptr) key.columns = {*column};
  key.referenced_columns = NameParts(constraint->pk_attrs);
  key.match = static_cast<catalog::MatchKind>(constraint->fk_matchtype);
  key.on_update = static_cast<catalog::ReferentialAction>(constraint->fk_upd_action);
  key.on_delete = static_cast<catalog::ReferentialAction>(constraint->fk_del_action);
  key.delete_set_columns = NameParts(constraint->fk_del_set_cols);
  key.deferrable = constraint->deferrable;
  key.initially_deferred = constraint->initdeferred;
  key.validated = constraint->initially_valid;
  key.location = constraint->location;
  const catalog::Relation* referenced = FindRelation(run, constraint->pktable);
  bool same_schema = constraint->pktable->schemaname == nullptr ||
                     (table->schemaname != nullptr &&
                      std::string_view(table->schemaname) == constraint->pktable->schemaname);
  if (referenced == nullptr && same_schema &&
      std::string_view(table->relname) == constraint->pktable->relname) {
    return key;  // the table that is being made
  }
  key.referenced_table = RequireRelation(run, constraint->pktable).oid;
  return key;
}

ddl::CheckSpec BindCheckSpec(const DdlRun& run, const Constraint* constraint,
                             const catalog::TableDescriptor& table) {
  ddl::CheckSpec check;
  check.name = parser::TextOrEmpty(constraint->conname);
  check.check = BindCheck(run, constraint->raw_expr, table);
  check.no_inherit = constraint->is_no_inherit;
  check.validated = constraint->initially_valid;
  return check;
}

}  // namespace sundog::binder
