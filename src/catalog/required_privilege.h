// What running a statement takes: a list that the binder makes and the session has checked before
// each run. One place for both, as PostgreSQL's ExecCheckRTPerms is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/object_address.h"

namespace sundog::catalog {

class Catalog;
struct TableDescriptor;

// Of one relation: `privileges` on all of it or, for SELECT, INSERT and UPDATE, on the columns that
// are named. Where none is, on any column.
struct RequiredPrivilege {
  Oid relation = kInvalidOid;
  uint32_t privileges = 0;
  // Who needs them: a view's owner for what the view reads; kInvalidOid: the current role.
  Oid role = kInvalidOid;
  bool changes_rows = false;  // the target of INSERT, UPDATE or DELETE
  bool any = false;           // one of `privileges` will do (LOCK TABLE)
  // By attribute number; those of system columns are negative.
  std::vector<int16_t> selected;
  std::vector<int16_t> inserted;
  std::vector<int16_t> updated;
};

struct RequiredPrivileges {
  std::vector<RequiredPrivilege> relations;  // in the order in which they are checked
  std::vector<Oid> functions;                // EXECUTE, by the current role
};

// Why `role` may not run it: "permission denied for table t"; nullopt: it may.
std::optional<std::string> FindDenial(const Catalog& catalog, const RequiredPrivileges& required,
                                      Oid role);
// Throws that, with 42501.
void CheckPrivileges(const Catalog& catalog, const RequiredPrivileges& required, Oid role);

// Who is told of an error: its details show no value that the role could not have read itself.
struct ErrorReader {
  const Catalog* catalog = nullptr;  // null: whoever reads all
  Oid role = kInvalidOid;

  // All of these columns (0: an expression, which nobody is granted), and no policy in between.
  bool MayRead(const TableDescriptor& table, std::span<const int16_t> attnums) const;
  bool HasPolicies(const TableDescriptor& table) const;
  // The whole of it.
  bool MayReadAll(const TableDescriptor& table) const;
};

// For writing functions and DO blocks in it: USAGE, and superusers alone where it is not trusted.
// 42501 `permission denied for language l`, 42704 if there is none.
void CheckMayUseLanguage(const Catalog& catalog, std::string_view language, Oid role);

// Whether `role` holds all of them on the relation itself, whatever its columns say.
bool HoldsRelation(const Catalog& catalog, Oid relation, Oid role, uint32_t privileges);

}  // namespace sundog::catalog
