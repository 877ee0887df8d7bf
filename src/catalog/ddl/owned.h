// What a role owns, and what it may on others' objects: DROP OWNED BY, REASSIGN OWNED BY, and what
// is in the way of DROP ROLE.
#pragma once

#include <vector>

#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

struct RoleDependent {
  enum class Kind : uint8_t {
    kOwner,
    kPrivileges,  // has some on an object (of columns: on the column) of another's
    kPolicy,      // is among those that a policy is for
  };
  ObjectAddress object;
  Kind kind;
};

// By OID.
std::vector<RoleDependent> FindRoleDependents(const Catalog& catalog, Oid role);

// Takes the role's privileges on others' objects away, and the role out of policies that are for
// others, too. What is left to be dropped: its own objects, and policies for it alone. Throws 2BP01
// for a role that the system needs.
std::vector<ObjectAddress> ReleaseOwned(CatalogWriter& writer, Oid role);
// Gives all that the role owns to another, but its default privileges. Throws 2BP01 as above.
void ReassignOwned(CatalogWriter& writer, Oid role, Oid owner);

}  // namespace sundog::catalog::ddl
