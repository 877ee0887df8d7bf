// The rights with which a table's definition is evaluated where nobody's statement names the table:
// filling an index, the actions of foreign keys, the work of jobs. The functions that it calls may
// be the owner's own, and get no other rights than his; as in PostgreSQL.
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
