// The rights of an owner, in place of those of whoever runs the statement: a SECURITY DEFINER
// function has them, and a table's definition where nobody's statement names the table, as it is
// filling an index, in the actions of foreign keys, in the work of jobs. The functions that the
// definition calls may be the owner's own, and get no other rights than his; as in PostgreSQL.
#pragma once

#include "catalog/statement_services.h"

namespace sundog::catalog {

class OwnerScope {
 public:
  OwnerScope(functions::StatementServices& services, Oid owner)
      : services_(services), before_(services.SwitchDefiner(owner)) {}
  ~OwnerScope() { static_cast<void>(services_.SwitchDefiner(before_)); }
  OwnerScope(const OwnerScope&) = delete;
  OwnerScope& operator=(const OwnerScope&) = delete;

 private:
  functions::StatementServices& services_;
  const Oid before_;
};

}  // namespace sundog::catalog
