// The object that a statement of many kinds (RENAME, OWNER, COMMENT, GRANT) names.
#pragma once

#include "binder/ddl/ddl_binding.h"

namespace sundog::binder {

// Throws the error for a missing object of that kind. `object` is as the grammar has it for the
// kind: a List of names, a String, a TypeName, an ObjectWithArgs.
catalog::ObjectAddress FindObject(const DdlRun& run, ObjectType type, const Node* object);

// Of a relation kind of object: by RangeVar. 42809 if it is of another kind.
const catalog::Relation& RequireRelationOf(const DdlRun& run, ObjectType type,
                                           const RangeVar* name);

// Where the grammar gives a type's bare list of names.
Oid RequireType(const DdlRun& run, const List* names);

// ALTER TABLE is not for the relation of a composite type. 42809.
void RefuseComposite(ObjectType type, const catalog::Relation& relation);

}  // namespace sundog::binder
