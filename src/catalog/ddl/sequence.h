// CREATE SEQUENCE and ALTER SEQUENCE.
#pragma once

#include "catalog/catalog_writer.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

// Options as PostgreSQL checks and defaults them, for a new sequence.
SequenceDescriptor MakeSequence(const SequenceSpec& spec);
// Throws 42P07. The name must have been chosen.
Oid CreateSequence(CatalogWriter& writer, const SequenceSpec& spec, bool if_not_exists,
                   bool identity = false);

struct SequenceChange {
  // RESTART: the new storage starts here.
  std::optional<int64_t> restart_value;
  // Bounds changed: what last_value was must still lie within them (checked by the caller, who can
  // read it): 22023.
  SequenceDescriptor after;
};
// `last_value`, `is_called`: the position now. Gives the changed descriptor new storage if it
// restarts.
SequenceChange AlterSequence(CatalogWriter& writer, Oid sequence, const SequenceSpec& spec,
                             int64_t last_value);

}  // namespace sundog::catalog::ddl
