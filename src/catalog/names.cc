#include "catalog/names.h"

#include <fmt/format.h>

#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/extensions.h"
#include "catalog/virtual_table.h"
#include "types/identifier.h"

namespace sundog::catalog {

namespace {

std::string SchemaName(const Catalog& catalog, Oid schema) {
  const SchemaDescriptor* found = catalog.FindSchema(schema);
  if (found == nullptr) return std::to_string(schema);
  return schema == catalog.temp_schema() ? "pg_temp" : found->name;
}

std::string MaybeQualified(const Catalog& catalog, Oid schema, std::string_view name,
                           bool qualified) {
  if (!qualified) return types::QuoteIdentifier(name);
  return QualifiedName(SchemaName(catalog, schema), name);
}

std::string DescribeRelation(const Catalog& catalog, const SearchPath& path, Oid oid) {
  const Relation* relation = catalog.FindRelation(oid);
  if (relation == nullptr) return fmt::format("relation {}", oid);
  return fmt::format("{} {}", RelationKindName(relation->kind),
                     RelationName(catalog, &path, *relation));
}

std::string_view ColumnName(const Relation& relation, int32_t attnum) {
  const std::vector<ColumnDescriptor>* columns = nullptr;
  if (relation.kind == 'r' && relation.table != nullptr) columns = &relation.table->columns;
  if (relation.view != nullptr) columns = &relation.view->columns;
  if (relation.composite != nullptr) columns = &relation.composite->columns;
  if (columns != nullptr && attnum >= 1 && static_cast<size_t>(attnum) <= columns->size()) {
    return (*columns)[attnum - 1].name;
  }
  if (relation.system != nullptr && attnum >= 1 &&
      static_cast<size_t>(attnum) <= relation.system->columns().size()) {
    return relation.system->columns()[attnum - 1].name;
  }
  return "?";
}

std::string DescribeColumn(const Catalog& catalog, const SearchPath& path, Oid oid,
                           int32_t attnum) {
  const Relation* relation = catalog.FindRelation(oid);
  if (relation == nullptr) return fmt::format("column {} of relation {}", attnum, oid);
  return fmt::format("column {} of {}", ColumnName(*relation, attnum),
                     DescribeRelation(catalog, path, oid));
}

std::string DescribeConstraint(const Catalog& catalog, const SearchPath& path, Oid oid) {
  ConstraintPlace place = FindConstraint(catalog, oid);
  if (place.constraint != nullptr) {
    return fmt::format("constraint {} on {}", place.constraint->name,
                       DescribeRelation(catalog, path, place.table->oid));
  }
  if (place.domain_constraint != nullptr) {
    return fmt::format("constraint {} on type {}", place.domain_constraint->name,
                       TypeName(catalog, &path, {place.domain->oid, -1}));
  }
  return fmt::format("constraint {}", oid);
}

std::string DescribeRule(const Catalog& catalog, const SearchPath& path, Oid oid) {
  for (const auto& view : catalog.contents().views) {
    if (view->rule == oid) {
      return "rule _RETURN on " + DescribeRelation(catalog, path, view->oid);
    }
  }
  return fmt::format("rule {}", oid);
}

std::string DescribeDefaultAcl(const Catalog& catalog, Oid oid) {
  const DefaultAclDescriptor* acl = catalog.contents().default_acls.Get(oid);
  if (acl == nullptr) return fmt::format("default privileges {}", oid);
  std::string_view objects;
  switch (acl->object) {
    case 'r': objects = "relations"; break;
    case 'S': objects = "sequences"; break;
    case 'f': objects = "functions"; break;
    case 'T': objects = "types"; break;
    default: objects = "schemas"; break;
  }
  std::string text = fmt::format("default privileges on new {} belonging to role {}", objects,
                                 catalog.FindRole(acl->role)->name);
  if (acl->schema != kInvalidOid) text += " in schema " + SchemaName(catalog, acl->schema);
  return text;
}

}  // namespace

std::string_view RelationKindName(char kind) {
  switch (kind) {
    case 'v': return "view";
    case 'i': return "index";
    case 'S': return "sequence";
    case 'c': return "composite type";
    default: return "table";
  }
}

std::string QualifiedName(std::string_view schema, std::string_view name) {
  return types::QuoteIdentifier(schema) + "." + types::QuoteIdentifier(name);
}

std::string RelationName(const Catalog& catalog, const SearchPath* path,
                         const Relation& relation) {
  bool qualified = path == nullptr ? relation.schema != kPgCatalogSchema
                                   : !catalog.IsVisible(*path, relation);
  return MaybeQualified(catalog, relation.schema, relation.name, qualified);
}

bool IsVisible(const Catalog& catalog, const SearchPath& path, const types::TypeInfo& type) {
  const types::TypeInfo* found = catalog.FindType(path, type.name);
  return found != nullptr && found->oid == type.oid;
}

std::string CastTypeName(const Catalog& catalog, const SearchPath* path, SqlType type) {
  const types::TypeInfo* info = catalog.FindType(type.oid);
  if (info != nullptr && type.typmod < 0) {
    std::string_view brackets = info->is_array() ? "[]" : "";
    Oid named = info->is_array() ? info->element : type.oid;
    if (named == types::oids::kBpchar) return fmt::format("bpchar{}", brackets);
    if (named == types::oids::kBit) return fmt::format("\"bit\"{}", brackets);
  }
  return TypeName(catalog, path, type);
}

std::string TypeName(const Catalog& catalog, const SearchPath* path, SqlType type) {
  const types::TypeInfo* info = catalog.FindType(type.oid);
  if (info == nullptr) return types::FormatType(catalog, type);
  const types::TypeInfo* named =
      info->is_array() && catalog.FindType(info->element) != nullptr
          ? catalog.FindType(info->element)
          : info;
  bool qualified =
      path == nullptr ? named->schema != kPgCatalogSchema : !IsVisible(catalog, *path, *named);
  std::string name = types::FormatType(catalog, type);
  // The SQL names of built-in types (integer, …) need no schema even where theirs is hidden.
  if (!qualified || (named->schema == kPgCatalogSchema && !name.starts_with(named->name))) {
    return name;
  }
  return types::QuoteIdentifier(SchemaName(catalog, named->schema)) + "." + name;
}

bool IsVisible(const Catalog& catalog, const SearchPath& path, const functions::ProcInfo& proc) {
  for (Oid schema : path.schemas) {
    for (const functions::ProcInfo* candidate : catalog.ProcsNamed(proc.name)) {
      if (candidate->schema == schema && candidate->argument_types == proc.argument_types) {
        return candidate->oid == proc.oid;
      }
    }
  }
  return false;
}

std::string FunctionName(const Catalog& catalog, const SearchPath* path,
                         const functions::ProcInfo& proc) {
  bool qualified = path == nullptr ? proc.schema != kPgCatalogSchema
                                   : !IsVisible(catalog, *path, proc);
  return MaybeQualified(catalog, proc.schema, proc.name, qualified);
}

std::string FunctionSignature(const Catalog& catalog, const SearchPath* path,
                              const functions::ProcInfo& proc) {
  std::string text = FunctionName(catalog, path, proc) + "(";
  for (size_t i = 0; i < proc.argument_types.size(); ++i) {
    if (i > 0) text += ',';
    text += TypeName(catalog, path, {proc.argument_types[i], -1});
  }
  return text + ")";
}

namespace {

bool IsVisible(const Catalog& catalog, const SearchPath& path,
               const functions::OperatorInfo& op) {
  for (Oid schema : path.schemas) {
    for (const functions::OperatorInfo* candidate : catalog.OperatorsNamed(op.name)) {
      if (candidate->schema == schema && candidate->left == op.left &&
          candidate->right == op.right) {
        return candidate->oid == op.oid;
      }
    }
  }
  return false;
}

std::string OperatorSignature(const Catalog& catalog, const SearchPath& path,
                              const functions::OperatorInfo& op) {
  auto operand = [&](Oid type) {
    return type == kInvalidOid ? std::string("NONE") : TypeName(catalog, &path, {type, -1});
  };
  std::string name = op.name;
  if (!IsVisible(catalog, path, op)) {
    name = types::QuoteIdentifier(SchemaName(catalog, op.schema)) + "." + name;
  }
  return name + "(" + operand(op.left) + "," + operand(op.right) + ")";
}

}  // namespace

std::string OperatorName(const Catalog& catalog, const SearchPath* path,
                         const functions::OperatorInfo& op) {
  bool qualified = path == nullptr ? op.schema != kPgCatalogSchema
                                   : !IsVisible(catalog, *path, op);
  if (!qualified) return op.name;
  return fmt::format("OPERATOR({}.{})", types::QuoteIdentifier(SchemaName(catalog, op.schema)),
                     op.name);
}

Oid OpclassSchema(const Catalog& catalog, const OpclassInfo& opclass) {
  const ExtensionDescriptor* extension = ExtensionOf(catalog, opclass.oid);
  return extension != nullptr ? extension->schema : kPgCatalogSchema;
}

std::string OpclassName(const Catalog& catalog, const SearchPath* path,
                        const OpclassInfo& opclass) {
  Oid schema = OpclassSchema(catalog, opclass);
  bool qualified = path == nullptr ? schema != kPgCatalogSchema : !path->Contains(schema);
  return MaybeQualified(catalog, schema, opclass.name, qualified);
}

namespace {

std::string_view MethodName(Oid method) {
  return BuiltinObjects::Get().FindAccessMethod(method)->name;
}

std::string DescribeOpfamily(const Catalog& catalog, const SearchPath& path, Oid oid) {
  static const base::Tsv* const families = new base::Tsv(embedded::Opfamily());
  for (size_t i = 0; i < families->row_count(); ++i) {
    if (families->Number(i, "oid") != oid) continue;
    const ExtensionDescriptor* extension = ExtensionOf(catalog, oid);
    Oid schema = extension != nullptr ? extension->schema : kPgCatalogSchema;
    auto method = static_cast<Oid>(families->Number(i, "opfmethod"));
    return fmt::format("operator family {} for access method {}",
                       MaybeQualified(catalog, schema, families->Text(i, "opfname"),
                                      !path.Contains(schema)),
                       MethodName(method));
  }
  return fmt::format("operator family {}", oid);
}

std::string DescribeCast(const Catalog& catalog, const SearchPath& path, Oid oid) {
  for (const functions::CastInfo& cast : functions::BuiltinProcs::Get().casts()) {
    if (cast.oid != oid) continue;
    return fmt::format("cast from {} to {}", TypeName(catalog, &path, {cast.source, -1}),
                       TypeName(catalog, &path, {cast.target, -1}));
  }
  return fmt::format("cast {}", oid);
}

std::string DescribeOpclass(const Catalog& catalog, const SearchPath& path, Oid oid) {
  const OpclassInfo* opclass = BuiltinObjects::Get().FindOpclass(oid);
  if (opclass == nullptr) return fmt::format("operator class {}", oid);
  return fmt::format("operator class {} for access method {}",
                     OpclassName(catalog, &path, *opclass), MethodName(opclass->method));
}

}  // namespace

ConstraintPlace FindConstraint(const Catalog& catalog, Oid constraint) {
  for (const auto& table : catalog.contents().tables) {
    if (const ConstraintDescriptor* found = table->FindConstraint(constraint)) {
      return {table, found, nullptr, nullptr};
    }
  }
  for (const auto& domain : catalog.contents().domains) {
    for (const DomainConstraintDescriptor& candidate : domain->constraints) {
      if (candidate.oid == constraint) return {nullptr, nullptr, domain, &candidate};
    }
  }
  return {};
}

PolicyPlace FindPolicy(const Catalog& catalog, Oid policy) {
  for (const auto& table : catalog.contents().tables) {
    for (const PolicyDescriptor& candidate : table->policies) {
      if (candidate.oid == policy) return {table, &candidate};
    }
  }
  return {};
}

DefaultPlace FindDefault(const Catalog& catalog, Oid attrdef) {
  for (const auto& table : catalog.contents().tables) {
    for (const ColumnDescriptor& column : table->columns) {
      if (column.default_value && column.default_oid == attrdef) return {table, &column};
    }
  }
  return {};
}

std::string DescribeObject(const Catalog& catalog, const SearchPath& path,
                           const ObjectAddress& object) {
  switch (object.class_oid) {
    case classes::kClass:
      return object.sub_object != 0
                 ? DescribeColumn(catalog, path, object.object, object.sub_object)
                 : DescribeRelation(catalog, path, object.object);
    case classes::kType: return "type " + TypeName(catalog, &path, {object.object, -1});
    case classes::kConstraint: return DescribeConstraint(catalog, path, object.object);
    case classes::kRewrite: return DescribeRule(catalog, path, object.object);
    case classes::kPolicy: {
      PolicyPlace place = FindPolicy(catalog, object.object);
      if (place.policy == nullptr) return fmt::format("policy {}", object.object);
      return fmt::format("policy {} on {}", place.policy->name,
                         DescribeRelation(catalog, path, place.table->oid));
    }
    case classes::kDefaultAcl: return DescribeDefaultAcl(catalog, object.object);
    case classes::kProc: {
      const functions::ProcInfo* proc = catalog.FindProc(object.object);
      if (proc == nullptr) return fmt::format("function {}", object.object);
      return fmt::format("{} {}", proc->kind == 'p' ? "procedure" : "function",
                         FunctionSignature(catalog, &path, *proc));
    }
    case classes::kOperator: {
      const functions::OperatorInfo* op = catalog.FindOperator(object.object);
      return "operator " + (op != nullptr ? OperatorSignature(catalog, path, *op)
                                          : std::to_string(object.object));
    }
    case classes::kCast: return DescribeCast(catalog, path, object.object);
    case classes::kOpfamily: return DescribeOpfamily(catalog, path, object.object);
    case classes::kOpclass: return DescribeOpclass(catalog, path, object.object);
    case classes::kAccessMethod: {
      const AccessMethodInfo* method = BuiltinObjects::Get().FindAccessMethod(object.object);
      return "access method " + (method != nullptr ? method->name : std::to_string(object.object));
    }
    case classes::kAttrdef: {
      DefaultPlace place = FindDefault(catalog, object.object);
      if (place.table == nullptr) return fmt::format("default value {}", object.object);
      return fmt::format("default value for {}", DescribeColumn(catalog, path, place.table->oid,
                                                                place.column->attnum));
    }
    case classes::kNamespace: return "schema " + SchemaName(catalog, object.object);
    case classes::kAuthid: {
      const RoleDescriptor* role = catalog.FindRole(object.object);
      return "role " + (role != nullptr ? role->name : std::to_string(object.object));
    }
    case classes::kLanguage: {
      const LanguageInfo* language = BuiltinObjects::Get().FindLanguage(object.object);
      return "language " + (language != nullptr ? language->name : std::to_string(object.object));
    }
    case classes::kExtension: {
      const ExtensionDescriptor* found = catalog.contents().extensions.Get(object.object);
      return "extension " + (found != nullptr ? found->name : std::to_string(object.object));
    }
    default: return fmt::format("object {} of catalog {}", object.object, object.class_oid);
  }
}

std::string_view DatabaseName(Oid database, std::string_view own) {
  if (database == kTemplate0Database) return "template0";
  return database == kTemplate1Database ? "template1" : own;
}

Oid FindDatabase(std::string_view name, std::string_view own) {
  for (Oid database : {kPostgresDatabase, kTemplate1Database, kTemplate0Database}) {
    if (DatabaseName(database, own) == name) return database;
  }
  return kInvalidOid;
}

}  // namespace sundog::catalog
