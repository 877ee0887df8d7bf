// Policies of tables, and whether they hold.
#pragma once

#include <string_view>

#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

// `policy` without OID, its expressions over the table as OID 0. 42710 if the name is taken.
Oid CreatePolicy(CatalogWriter& writer, Oid table, PolicyDescriptor policy);
// Puts the changed policy, found by its OID, in its place.
void ChangePolicy(CatalogWriter& writer, Oid table, PolicyDescriptor policy);
void RenamePolicy(CatalogWriter& writer, Oid table, std::string_view from, std::string_view to);
// ENABLE, DISABLE, FORCE and NO FORCE ROW LEVEL SECURITY; unset: as it is.
void SetRowSecurity(CatalogWriter& writer, Oid table, std::optional<bool> enabled,
                    std::optional<bool> forced);

}  // namespace sundog::catalog::ddl
