// Names in deparsed text: qualified as the reader's search path needs them, or marks.
#include "binder/deparser.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "types/extension_oids.h"
#include "types/identifier.h"

namespace sundog::binder {

using types::kFirstExtensionOid;
using types::kFirstUserOid;

void Deparser::Refer(Oid class_oid, Oid object, int sub_object) {
  catalog::ObjectAddress address{class_oid, object, sub_object};
  for (const catalog::ObjectAddress& known : references) {
    if (known == address) return;
  }
  references.push_back(address);
}

std::string Deparser::RelationText(Oid oid) {
  const catalog::Relation* relation = options_.catalog->FindRelation(oid);
  if (relation == nullptr) return std::to_string(oid);
  if (options_.marks && oid >= kFirstUserOid) {
    Refer(catalog::classes::kClass, oid);
    return catalog::RelationMark(oid);
  }
  if (!options_.marks && cte_names_.contains(relation->name)) {  // would be taken for the CTE
    return catalog::QualifiedName(options_.catalog->FindSchema(relation->schema)->name,
                                  relation->name);
  }
  return catalog::RelationName(*options_.catalog, options_.path, *relation);
}

std::string Deparser::TypeText(SqlType type) {
  const types::TypeInfo* info = options_.catalog->FindType(type.oid);
  Oid named = type.oid;
  if (info != nullptr && info->is_array()) named = info->element;
  if (options_.marks && named >= kFirstExtensionOid) {
    Refer(catalog::classes::kType, named);
    return catalog::TypeMark(type);
  }
  return catalog::CastTypeName(*options_.catalog, options_.path, type);
}

std::string Deparser::FunctionText(const functions::ProcInfo& proc) {
  if (proc.oid < kFirstExtensionOid) {
    return proc.schema == catalog::kPgCatalogSchema
               ? types::QuoteIdentifier(proc.name)
               : catalog::FunctionName(*options_.catalog, options_.path, proc);
  }
  if (options_.marks) {
    Refer(catalog::classes::kProc, proc.oid);
    return catalog::FunctionMark(proc.oid);
  }
  const functions::ProcInfo* here = options_.catalog->FindProc(proc.oid);
  return catalog::FunctionName(*options_.catalog, options_.path, here != nullptr ? *here : proc);
}

std::string Deparser::TableColumnText(Oid relation, int attnum, const std::string& name) {
  // The table that the text is about is the first relation that is named.
  bool self = options_.table != nullptr && relations_.empty();
  if (!options_.marks || (relation < kFirstUserOid && !self)) return types::QuoteIdentifier(name);
  return catalog::ColumnMark(self ? 0 : relation, static_cast<int16_t>(attnum));
}

std::string Deparser::OperatorText(Oid op) {
  const functions::OperatorInfo* info = options_.catalog->FindOperator(op);
  if (info == nullptr) return "?";
  if (op < kFirstExtensionOid) return info->name;
  if (options_.marks) {
    Refer(catalog::classes::kOperator, op);
    return catalog::OperatorMark(op);
  }
  return catalog::OperatorName(*options_.catalog, options_.path, *info);
}

}  // namespace sundog::binder
