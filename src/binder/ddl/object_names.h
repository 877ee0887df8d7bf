// The object that a statement of many kinds (RENAME, OWNER, COMMENT, GRANT) names.
#pragma once

#include "binder/ddl/ddl_binding.h"

namespace sundog::binder {

// The parts of a relation's name as a RangeVar. Not to be moved.
struct RelationParts {
  std::vector<std::string> parts;
  RangeVar name = {};
  explicit RelationParts(std::vector<std::string> given) : parts(std::move(given)) {
    name.relname = parts.back().data();
    if (parts.size() > 1) name.schemaname = parts[parts.size() - 2].data();
  }
};

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
