// What a statement takes, gathered while it is bound.
//
// 1. Each relation that the statement or a view in it names is added where its name is looked up,
//    with what is done to it as a whole.
// 2. When all is bound, its columns are found in the bound tree: who reads a column needs SELECT on
//    it. The walk is left out where the relations' own privileges are enough.
// 3. Relations are listed as PostgreSQL's range tables have them: outer queries first.
#pragma once

#include <vector>

#include "binder/bound_query.h"
#include "catalog/required_privilege.h"

namespace sundog::catalog {
class Catalog;
}

namespace sundog::binder {

class PrivilegeCollector {
 public:
  // `reference`: the relation's id in the tree; -1 if it has no columns there.
  catalog::RequiredPrivilege& AddRelation(RelationId reference, int depth, Oid relation,
                                          uint32_t privileges);
  void AddFunction(const catalog::Catalog& catalog, const functions::ProcInfo& proc);
  // Of expressions that are bound, but not as the statement's own: DELETE's index entries.
  void set_ignores_functions(bool ignores) { ignores_functions_ = ignores; }
  // More of a relation that has been added; nothing if `reference` is of no such relation.
  void Require(RelationId reference, uint32_t privileges);
  void RequireColumn(RelationId reference, uint32_t privilege, int attnum);

  // Whether SELECT on the statement's target is needed; when the statement is bound.
  bool ReadsTarget(BoundModify& statement);

  // Inside a view: its owner, who needs what the view reads. kInvalidOid: the current role.
  Oid view_owner() const { return view_owner_; }
  void set_view_owner(Oid owner) { view_owner_ = owner; }

  // With the columns of `statement`; `role` is the current one.
  catalog::RequiredPrivileges Finish(BoundStatement& statement, const catalog::Catalog& catalog,
                                     Oid role);

 private:
  struct Entry {
    RelationId reference;
    int depth;
    catalog::RequiredPrivilege required;
  };
  Entry* Find(RelationId reference);

  std::vector<Entry> entries_;
  std::vector<Oid> functions_;
  bool ignores_functions_ = false;
  Oid view_owner_ = types::kInvalidOid;
};

}  // namespace sundog::binder
