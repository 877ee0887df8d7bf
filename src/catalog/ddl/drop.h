// DROP: finds what depends on the objects, refuses or reports it, and takes all of it away. Order
// and wording follow PostgreSQL's dependency.c.
#pragma once

#include <span>

#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

enum class DropBehavior : uint8_t { kRestrict, kCascade };

// Throws 2BP01 with the list of dependants (kRestrict), or gives notice of what goes along
// (kCascade). Ownership is the caller's to check. Where rows must be stored anew afterwards (the
// primary key of a table that stays is gone), the table has a new storage_id.
void DropObjects(CatalogWriter& writer, std::span<const ObjectAddress> objects,
                 DropBehavior behavior);

// Takes one object away without looking at dependencies.
void RemoveObject(CatalogWriter& writer, const ObjectAddress& object);

}  // namespace sundog::catalog::ddl
