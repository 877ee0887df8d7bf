#include "binder/resolve_type.h"

#include <algorithm>
#include <charconv>

namespace sundog::binder {

Oid FindTypeByName(const BindState& state, const List* names) {
  QualifiedName name = SplitQualifiedName(state, names);
  const types::TypeInfo* info = nullptr;
  if (name.schema.has_value()) {
    info = state.catalog.FindType(SchemaOid(state, *name.schema), name.name);
  } else {
    info = state.catalog.FindType(state.context.search_path, name.name);
  }
  return info == nullptr ? kInvalidOid : info->oid;
}

std::string TypeNameText(const BindState& state, const ::TypeName* name) {
  std::string text =
      name->names == nullptr ? state.types.Name(name->typeOid) : DottedName(name->names);
  if (name->pct_type) text += "%TYPE";
  if (name->arrayBounds != nullptr) text += "[]";
  return text;
}

namespace {

// table.column%TYPE
SqlType ResolveColumnType(const BindState& state, const ::TypeName* name) {
  std::vector<std::string> parts = NameParts(name->names);
  if (parts.size() < 2) {
    throw SqlError(sqlstate::kSyntaxError,
                   "improper %TYPE reference (too few dotted names): " + JoinDotted(parts))
        .At(name->location);
  }
  if (parts.size() > 4) {
    throw SqlError(sqlstate::kSyntaxError,
                   "improper %TYPE reference (too many dotted names): " + JoinDotted(parts))
        .At(name->location);
  }
  std::string column = parts.back();
  std::string relation = parts[parts.size() - 2];
  const catalog::Relation* found =
      parts.size() == 2
          ? state.catalog.FindRelation(state.context.search_path, relation)
          : state.catalog.FindRelation(SchemaOid(state, parts[parts.size() - 3]), relation);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedTable, "relation \"" + relation + "\" does not exist");
  }
  const std::vector<catalog::ColumnDescriptor>* columns = nullptr;
  if (found->table != nullptr) columns = &found->table->columns;
  if (found->view != nullptr) columns = &found->view->columns;
  if (found->composite != nullptr) columns = &found->composite->columns;
  if (columns != nullptr) {
    for (const catalog::ColumnDescriptor& descriptor : *columns) {
      if (descriptor.name == column && !descriptor.dropped) return {descriptor.type.oid, -1};
    }
  }
  throw SqlError(sqlstate::kUndefinedColumn,
                 "column \"" + column + "\" of relation \"" + relation + "\" does not exist")
      .At(name->location);
}

std::string TypmodText(const ::TypeName* name, const Node* node) {
  if (parser::TagOf(node) == T_A_Const) {
    const auto* constant = parser::As<A_Const>(node);
    if (!constant->isnull) {
      switch (parser::TagOf(&constant->val)) {
        case T_Integer: return std::to_string(constant->val.ival.ival);
        case T_Float: return constant->val.fval.fval;
        case T_String: return constant->val.sval.sval;
        default: break;
      }
    }
  } else if (parser::TagOf(node) == T_ColumnRef) {
    const List* fields = parser::As<ColumnRef>(node)->fields;
    if (parser::Length(fields) == 1 && parser::TagOf(parser::At(fields, 0)) == T_String) {
      return parser::Text(parser::At(fields, 0));
    }
  }
  throw SqlError(sqlstate::kSyntaxError, "type modifiers must be simple constants or identifiers")
      .At(name->location);
}

// A precision beyond microseconds is reduced by the type, which has nobody to tell.
void WarnOfReduction(const BindState& state, Oid type, std::string_view precision) {
  constexpr int kMost = 6;
  bool zoned = type == oids::kTimestamptz || type == oids::kTimetz;
  bool stamp = type == oids::kTimestamptz || type == oids::kTimestamp;
  bool time = type == oids::kTime || type == oids::kTimetz;
  int digits = 0;
  std::from_chars(precision.data(), precision.data() + precision.size(), digits);
  if ((!stamp && !time) || digits <= kMost) return;
  base::ErrorFields warning;
  warning.severity = base::Severity::kWarning;
  warning.state = sqlstate::kInvalidParameterValue;
  warning.message = std::string(stamp ? "TIMESTAMP(" : "TIME(") + std::to_string(digits) + ")" +
                    (zoned ? " WITH TIME ZONE" : "") + " precision reduced to maximum allowed, 6";
  state.Notice(std::move(warning));
}

int32_t ResolveTypmod(const BindState& state, const ::TypeName* name, const types::TypeInfo& info) {
  if (name->typmods == nullptr) return name->typemod;
  const types::TypeInfo* holder = &info;
  if (info.is_array()) holder = &state.types.Info(info.element);
  if (holder->ops->typmod_in == nullptr) {
    throw SqlError(sqlstate::kSyntaxError,
                   "type modifier is not allowed for type \"" + TypeNameText(state, name) + "\"")
        .At(name->location);
  }
  std::vector<std::string> texts;
  for (const Node* node : parser::Each<Node>(name->typmods)) {
    texts.push_back(TypmodText(name, node));
  }
  std::vector<std::string_view> views(texts.begin(), texts.end());
  int32_t typmod = AtLocation(name->location, [&] { return holder->ops->typmod_in(views); });
  WarnOfReduction(state, holder->oid, views[0]);
  return typmod;
}

}  // namespace

SqlType ResolveType(const BindState& state, const ::TypeName* name) {
  if (name->pct_type) return ResolveColumnType(state, name);
  Oid oid = name->typeOid;
  if (name->names != nullptr) {
    oid = AtLocation(name->location, [&] { return FindTypeByName(state, name->names); });
    if (name->arrayBounds != nullptr) oid = state.types.ArrayType(oid);
  }
  if (oid == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "type \"" + TypeNameText(state, name) + "\" does not exist")
        .At(name->location);
  }
  return {oid, ResolveTypmod(state, name, state.types.Info(oid))};
}

Oid ResolveCollation(const BindState& state, const List* names, int location) {
  return AtLocation(location, [&]() -> Oid {
    QualifiedName name = SplitQualifiedName(state, names);
    if (name.schema.has_value()) SchemaOid(state, *name.schema);
    struct Row {
      std::string_view name;
      Oid oid;
    };
    static constexpr Row kBytewise[] = {
        {"default", 100},     {"C", 950},        {"POSIX", 951},
        {"ucs_basic", 12340}, {"C.utf8", 12341}, {"C.UTF-8", 12341},
    };
    for (const Row& row : kBytewise) {
      if (row.name == name.name) return row.oid;
    }
    if (name.name.find("-x-icu") != std::string::npos || name.name == "unicode" ||
        name.name.find(".utf8") != std::string::npos) {
      base::ThrowNotSupported("collation \"" + name.name + "\"");
    }
    throw SqlError(sqlstate::kUndefinedObject,
                   "collation \"" + DottedName(names) + "\" for encoding \"UTF8\" does not exist");
  });
}

}  // namespace sundog::binder
