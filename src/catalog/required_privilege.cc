#include "catalog/required_privilege.h"

#include <algorithm>
#include <span>

#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/catalog.h"
#include "catalog/names.h"
#include "catalog/row_security.h"

namespace sundog::catalog {

namespace {

AclObject KindOf(const Relation& relation) {
  return relation.kind == 'S' ? AclObject::kSequence : AclObject::kRelation;
}

// Of tables and views; other relations have no privileges by column.
std::span<const ColumnDescriptor> ColumnsOf(const Relation& relation) {
  if (relation.table != nullptr) return relation.table->columns;
  if (relation.view != nullptr) return relation.view->columns;
  return {};
}

class RelationCheck {
 public:
  RelationCheck(const Catalog& catalog, const Relation& relation, Oid role)
      : catalog_(catalog), relation_(relation), role_(role) {}

  bool Allows(const RequiredPrivilege& required) const {
    const Acl& acl = relation_.acl();
    if (required.any) {
      return HasAnyPrivilege(catalog_, acl, KindOf(relation_), relation_.owner(), role_,
                             required.privileges);
    }
    return AllowsOne(kSelect, required, required.selected) &&
           AllowsOne(kInsert, required, required.inserted) &&
           AllowsOne(kUpdate, required, required.updated) &&
           HoldsWhole(required.privileges & ~uint32_t{kSelect | kInsert | kUpdate});
  }

 private:
  bool HoldsWhole(uint32_t privileges) const {
    return privileges == 0 || HasPrivileges(catalog_, relation_.acl(), KindOf(relation_),
                                            relation_.owner(), role_, privileges);
  }

  bool HoldsColumn(const ColumnDescriptor& column, uint32_t privilege) const {
    return HasPrivileges(catalog_, column.acl, AclObject::kColumn, relation_.owner(), role_,
                         privilege);
  }

  bool AllowsOne(uint32_t privilege, const RequiredPrivilege& required,
                 const std::vector<int16_t>& attnums) const {
    if ((required.privileges & privilege) == 0 || HoldsWhole(privilege)) return true;
    std::span<const ColumnDescriptor> columns = ColumnsOf(relation_);
    if (attnums.empty()) {
      return std::any_of(columns.begin(), columns.end(), [&](const ColumnDescriptor& column) {
        return !column.dropped && HoldsColumn(column, privilege);
      });
    }
    return std::all_of(attnums.begin(), attnums.end(), [&](int16_t attnum) {
      return attnum > 0 && static_cast<size_t>(attnum) <= columns.size() &&
             HoldsColumn(columns[attnum - 1], privilege);
    });
  }

  const Catalog& catalog_;
  const Relation& relation_;
  Oid role_;
};

std::optional<std::string> FindFunctionDenial(const Catalog& catalog, Oid function, Oid role) {
  const FunctionDescriptor* found = catalog.contents().functions.Get(function);
  const functions::ProcInfo* proc = catalog.FindProc(function);
  if (proc == nullptr) return std::nullopt;
  Oid owner = found != nullptr ? found->owner : kSuperuserRole;
  if (HasPrivileges(catalog, FunctionAcl(catalog, function), AclObject::kFunction, owner, role,
                    kExecute)) {
    return std::nullopt;
  }
  return DenialText(proc->kind == 'p' ? "procedure" : "function", proc->name);
}

}  // namespace

bool ErrorReader::HasPolicies(const TableDescriptor& table) const {
  return catalog != nullptr && PoliciesHoldFor(*catalog, table, role);
}

bool ErrorReader::MayReadAll(const TableDescriptor& table) const {
  if (catalog == nullptr) return true;
  return !HasPolicies(table) &&
         HasPrivileges(*catalog, table.acl, AclObject::kRelation, table.owner, role, kSelect);
}

bool ErrorReader::MayRead(const TableDescriptor& table, std::span<const int16_t> attnums) const {
  if (MayReadAll(table)) return true;
  if (HasPolicies(table)) return false;
  return std::all_of(attnums.begin(), attnums.end(), [&](int16_t attnum) {
    const ColumnDescriptor* column = table.FindColumn(attnum);
    return column != nullptr && HasPrivileges(*catalog, column->acl, AclObject::kColumn,
                                              table.owner, role, kSelect);
  });
}

void CheckMayUseLanguage(const Catalog& catalog, std::string_view language, Oid role) {
  const LanguageInfo* found = BuiltinObjects::Get().FindLanguage(language);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "language \"" + std::string(language) + "\" does not exist");
  }
  bool may = found->trusted
                 ? HasPrivileges(catalog, catalog.FindAcl({classes::kLanguage, found->oid, 0}),
                                 AclObject::kLanguage, kSuperuserRole, role, kUsage)
                 : catalog.IsSuperuser(role);
  if (!may) ThrowDenied("language", found->name);
}

bool HoldsRelation(const Catalog& catalog, Oid relation, Oid role, uint32_t privileges) {
  const Relation* found = catalog.FindRelation(relation);
  return found != nullptr && HasPrivileges(catalog, found->acl(), KindOf(*found), found->owner(),
                                           role, privileges);
}

std::optional<std::string> FindDenial(const Catalog& catalog, const RequiredPrivileges& required,
                                      Oid role) {
  for (const RequiredPrivilege& one : required.relations) {
    const Relation* relation = catalog.FindRelation(one.relation);
    if (relation == nullptr) continue;
    RelationCheck check(catalog, *relation, one.role != kInvalidOid ? one.role : role);
    if (!check.Allows(one)) return DenialText(RelationKindName(relation->kind), relation->name);
  }
  for (Oid function : required.functions) {
    if (auto denial = FindFunctionDenial(catalog, function, role)) return denial;
  }
  return std::nullopt;
}

void CheckPrivileges(const Catalog& catalog, const RequiredPrivileges& required, Oid role) {
  if (std::optional<std::string> denial = FindDenial(catalog, required, role)) {
    throw SqlError(sqlstate::kInsufficientPrivilege, *std::move(denial));
  }
}

}  // namespace sundog::catalog
