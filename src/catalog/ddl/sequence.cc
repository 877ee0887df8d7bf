#include "catalog/ddl/sequence.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/permission.h"
#include "catalog/default_acl.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

int64_t TypeMaximum(Oid type) {
  if (type == types::oids::kInt2) return INT16_MAX;
  return type == types::oids::kInt4 ? INT32_MAX : INT64_MAX;
}

int64_t TypeMinimum(Oid type) { return -TypeMaximum(type) - 1; }

[[noreturn]] void ThrowInvalid(std::string message) {
  throw SqlError(sqlstate::kInvalidParameterValue, std::move(message));
}

std::string_view TypeLabel(Oid type) {
  if (type == types::oids::kInt2) return "smallint";
  return type == types::oids::kInt4 ? "integer" : "bigint";
}

void CheckType(Oid type, bool identity) {
  if (type == types::oids::kInt2 || type == types::oids::kInt4 || type == types::oids::kInt8) {
    return;
  }
  ThrowInvalid(identity ? "identity column type must be smallint, integer, or bigint"
                        : "sequence type must be smallint, integer, or bigint");
}

// Applies bounds that were given, or defaults where they were reset.
void ApplyBounds(SequenceDescriptor& sequence, const SequenceSpec& spec, bool is_new) {
  bool ascending = sequence.increment > 0;
  if (spec.max_value) {
    sequence.max_value = *spec.max_value;
  } else if (is_new || spec.no_max) {
    sequence.max_value = ascending ? TypeMaximum(sequence.type) : -1;
  }
  if (sequence.max_value > TypeMaximum(sequence.type) ||
      sequence.max_value < TypeMinimum(sequence.type)) {
    ThrowInvalid(fmt::format("MAXVALUE ({}) is out of range for sequence data type {}",
                             sequence.max_value, TypeLabel(sequence.type)));
  }
  if (spec.min_value) {
    sequence.min_value = *spec.min_value;
  } else if (is_new || spec.no_min) {
    sequence.min_value = ascending ? 1 : TypeMinimum(sequence.type);
  }
  if (sequence.min_value > TypeMaximum(sequence.type) ||
      sequence.min_value < TypeMinimum(sequence.type)) {
    ThrowInvalid(fmt::format("MINVALUE ({}) is out of range for sequence data type {}",
                             sequence.min_value, TypeLabel(sequence.type)));
  }
  if (sequence.min_value >= sequence.max_value) {
    ThrowInvalid(fmt::format("MINVALUE ({}) must be less than MAXVALUE ({})", sequence.min_value,
                             sequence.max_value));
  }
}

void CheckWithin(const SequenceDescriptor& sequence, std::string_view what, int64_t value) {
  if (value < sequence.min_value) {
    ThrowInvalid(fmt::format("{} value ({}) cannot be less than MINVALUE ({})", what, value,
                             sequence.min_value));
  }
  if (value > sequence.max_value) {
    ThrowInvalid(fmt::format("{} value ({}) cannot be greater than MAXVALUE ({})", what, value,
                             sequence.max_value));
  }
}

void ApplyOptions(SequenceDescriptor& sequence, const SequenceSpec& spec, bool is_new) {
  if (spec.increment) {
    if (*spec.increment == 0) ThrowInvalid("INCREMENT must not be zero");
    sequence.increment = *spec.increment;
  }
  if (spec.cycle) sequence.cycle = *spec.cycle;
  ApplyBounds(sequence, spec, is_new);
  if (spec.start) {
    sequence.start = *spec.start;
  } else if (is_new) {
    sequence.start = sequence.increment > 0 ? sequence.min_value : sequence.max_value;
  }
  CheckWithin(sequence, "START", sequence.start);
  if (spec.cache) {
    if (*spec.cache <= 0) {
      ThrowInvalid(fmt::format("CACHE ({}) must be greater than zero", *spec.cache));
    }
    sequence.cache = *spec.cache;
  }
}

void ApplyOwner(const CatalogWriter& writer, SequenceDescriptor& sequence,
                const SequenceSpec::Owner& owner) {
  if (owner.table != kInvalidOid) {
    std::shared_ptr<const TableDescriptor> table = writer.catalog().FindTable(owner.table);
    if (table->owner != sequence.owner) {
      throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                     "sequence must have same owner as table it is linked to");
    }
    if (table->schema != sequence.schema) {
      throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                     "sequence must be in same schema as table it is linked to");
    }
  }
  sequence.owner_table = owner.table;
  sequence.owner_column = owner.column;
}

}  // namespace

SequenceDescriptor MakeSequence(const SequenceSpec& spec) {
  SequenceDescriptor sequence;
  sequence.name = spec.name;
  sequence.schema = spec.schema;
  sequence.persistence = spec.persistence;
  sequence.type = spec.type;
  ApplyOptions(sequence, spec, true);
  return sequence;
}

Oid CreateSequence(CatalogWriter& writer, const SequenceSpec& spec, bool if_not_exists,
                   bool identity) {
  CheckMayCreateIn(writer, spec.schema);
  if (!CheckRelationNameFree(writer, spec.schema, spec.name, if_not_exists)) return kInvalidOid;
  CheckType(spec.type, identity);
  SequenceDescriptor sequence = MakeSequence(spec);
  sequence.oid = writer.NewOid(spec.schema);
  sequence.owner = writer.role();
  sequence.acl =
      AclOfNewObject(writer.catalog(), AclObject::kSequence, sequence.owner, spec.schema);
  sequence.identity = identity;
  sequence.storage_id = writer.NewStorageId(spec.schema);
  if (spec.owned_by) ApplyOwner(writer, sequence, *spec.owned_by);
  Oid oid = sequence.oid;
  writer.Put(std::move(sequence));
  return oid;
}

SequenceChange AlterSequence(CatalogWriter& writer, Oid sequence, const SequenceSpec& spec,
                             int64_t last_value) {
  SequenceChange change{std::nullopt, *writer.catalog().contents().sequences.Get(sequence)};
  SequenceDescriptor& after = change.after;
  if (spec.type_given && spec.type != after.type) {
    CheckType(spec.type, after.identity);
    // Bounds that were the old type's follow the new one's.
    SequenceSpec reset = spec;
    if (after.max_value == TypeMaximum(after.type)) reset.no_max = !spec.max_value;
    if (after.min_value == TypeMinimum(after.type)) reset.no_min = !spec.min_value;
    after.type = spec.type;
    ApplyOptions(after, reset, false);
  } else {
    ApplyOptions(after, spec, false);
  }
  if (spec.restart) change.restart_value = spec.restart_with.value_or(after.start);
  CheckWithin(after, "RESTART", change.restart_value.value_or(last_value));
  if (spec.owned_by) {
    if (after.identity) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "cannot change ownership of identity sequence");
    }
    ApplyOwner(writer, after, *spec.owned_by);
  }
  if (change.restart_value) after.storage_id = writer.NewStorageId(after.schema);
  writer.Put(after);
  return change;
}

}  // namespace sundog::catalog::ddl
