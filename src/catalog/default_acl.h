// ALTER DEFAULT PRIVILEGES: what new objects get instead of the built-in defaults.
#pragma once

#include "catalog/acl.h"
#include "catalog/catalog.h"

namespace sundog::catalog {

// pg_default_acl's defaclobjtype of a kind; '\0' if there are no default privileges on it.
char DefaultAclKind(AclObject object);
// The other way round.
AclObject DefaultAclObject(char kind);
// Null if nothing was said. `schema`: kInvalidOid for what holds everywhere.
const DefaultAclDescriptor* FindDefaultAcl(const Catalog& catalog, Oid role, Oid schema,
                                           char object);
// Of an object that `owner` makes in `schema` (kInvalidOid: in none): what holds everywhere, and
// what the schema adds to it.
Acl AclOfNewObject(const Catalog& catalog, AclObject object, Oid owner, Oid schema);

// In PostgreSQL's order, for storing and comparing.
void SortAcl(std::vector<AclItem>& items);

}  // namespace sundog::catalog
