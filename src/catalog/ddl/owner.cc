// ALTER … OWNER TO and ALTER … SET SCHEMA.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

// Calls `change` with a copy of whatever descriptor the object has and puts it back.
template <typename Change>
void ChangeDescriptor(CatalogWriter& writer, const ObjectAddress& object, Change change) {
  const Catalog& catalog = writer.catalog();
  const CatalogContents& contents = catalog.contents();
  auto apply = [&](auto descriptor) {
    change(descriptor);
    writer.Put(std::move(descriptor));
  };
  switch (object.class_oid) {
    case classes::kClass: {
      const Relation relation = *catalog.FindRelation(object.object);
      if (relation.view != nullptr) return apply(*relation.view);
      if (relation.sequence != nullptr) return apply(*relation.sequence);
      if (relation.composite != nullptr) return apply(*relation.composite);
      return apply(*relation.table);
    }
    case classes::kType:
      if (const auto* found = contents.enums.Get(object.object)) return apply(*found);
      if (const auto* found = contents.domains.Get(object.object)) return apply(*found);
      if (const auto* found = contents.composites.Get(object.object)) return apply(*found);
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("cannot alter {}",
                                 DescribeObject(catalog, writer.search_path(), object)));
    case classes::kProc:
      if (const auto* found = contents.functions.Get(object.object)) return apply(*found);
      base::ThrowNotSupported("ALTER of a built-in function");
  }
  base::ThrowNotSupported("altering " + DescribeObject(catalog, writer.search_path(), object));
}

void CheckIsNotSystem(const CatalogWriter& writer, const ObjectAddress& object) {
  if (object.class_oid != classes::kClass) return;
  const Relation& relation = *writer.catalog().FindRelation(object.object);
  if (relation.system != nullptr) CheckOwnsRelation(writer, relation);
}

void CheckOwnsObject(const CatalogWriter& writer, const ObjectAddress& object, Oid owner,
                     std::string_view name) {
  std::string_view kind = "type";
  if (object.class_oid == classes::kClass) {
    kind = RelationKindName(writer.catalog().FindRelation(object.object)->kind);
  } else if (object.class_oid == classes::kProc) {
    kind = "function";  // of procedures, too
  }
  CheckOwns(writer, owner, kind, name);
}

// The owner's own entries become the new owner's, together with those that he has already.
void ReplaceOwner(Acl& acl, Oid from, Oid to) {
  std::vector<AclItem> items;
  for (AclItem item : acl.items) {
    if (item.grantee == from) item.grantee = to;
    if (item.grantor == from) item.grantor = to;
    auto same = std::find_if(items.begin(), items.end(), [&](const AclItem& other) {
      return other.grantee == item.grantee && other.grantor == item.grantor;
    });
    if (same == items.end()) {
      items.push_back(item);
    } else {
      same->privileges |= item.privileges;
      same->grantable |= item.grantable;
    }
  }
  acl.items = std::move(items);
}

std::vector<Oid> OwnedSequences(const Catalog& catalog, Oid table) {
  std::vector<Oid> sequences;
  for (const auto& sequence : catalog.contents().sequences) {
    if (sequence->owner_table == table) sequences.push_back(sequence->oid);
  }
  return sequences;
}

// `check`: of the descriptor, unless it is the owner's already.
template <typename Check>
void ChangeOwnerOf(CatalogWriter& writer, const ObjectAddress& object, Oid owner, Check check) {
  auto change = [&](auto& descriptor) {
    ReplaceOwner(descriptor.acl, descriptor.owner, owner);
    if constexpr (requires { descriptor.columns.front().acl; }) {
      for (ColumnDescriptor& column : descriptor.columns) {
        ReplaceOwner(column.acl, descriptor.owner, owner);
      }
    }
    descriptor.owner = owner;
  };
  ChangeDescriptor(writer, object, [&](auto& descriptor) {
    if (descriptor.owner == owner) return;
    check(descriptor);
    change(descriptor);
  });
  if (object.class_oid != classes::kClass) return;
  for (Oid sequence : OwnedSequences(writer.catalog(), object.object)) {
    ChangeDescriptor(writer, {classes::kClass, sequence, 0}, change);
  }
}

void CheckMoveTo(const CatalogWriter& writer, Oid from, Oid to, std::string_view name,
                 const ObjectAddress& object) {
  if (IsTemporaryOid(from) || IsTemporaryOid(to)) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "cannot move objects into or out of temporary schemas");
  }
  bool taken = object.class_oid == classes::kClass
                   ? writer.catalog().FindRelation(to, name) != nullptr
                   : writer.catalog().FindType(to, name) != nullptr;
  if (object.class_oid == classes::kProc || !taken || from == to) return;
  if (object.class_oid == classes::kClass) {
    throw SqlError(sqlstate::kDuplicateTable,
                   fmt::format("relation \"{}\" already exists in schema \"{}\"", name,
                               writer.catalog().FindSchema(to)->name));
  }
  throw SqlError(sqlstate::kDuplicateObject,
                 fmt::format("type \"{}\" already exists in schema \"{}\"", name,
                             writer.catalog().FindSchema(to)->name));
}

}  // namespace

void ChangeOwner(CatalogWriter& writer, const ObjectAddress& object, Oid owner) {
  CheckIsNotSystem(writer, object);
  bool superuser = writer.catalog().IsSuperuser(writer.role());
  if (object.class_oid == classes::kNamespace) {
    SchemaDescriptor schema = *writer.catalog().FindSchema(object.object);
    if (schema.owner == owner) return;
    CheckOwnsSchema(writer, schema);
    CheckMemberOf(writer, owner);
    CheckMayCreateSchemas(writer);
    ReplaceOwner(schema.acl, schema.owner, owner);
    schema.owner = owner;
    return writer.Put(std::move(schema));
  }
  ChangeOwnerOf(writer, object, owner, [&](const auto& descriptor) {
    CheckOwnsObject(writer, object, descriptor.owner, descriptor.name);
    CheckMemberOf(writer, owner);
    if (!superuser) CheckMayCreateIn(writer, descriptor.schema, owner);
  });
}

void ReassignObject(CatalogWriter& writer, const ObjectAddress& object, Oid owner) {
  if (object.class_oid == classes::kClass || object.class_oid == classes::kType) {
    return ChangeOwnerOf(writer, object, owner, [](const auto&) {});
  }
  if (object.class_oid != classes::kExtension) return ChangeOwner(writer, object, owner);
  ExtensionDescriptor extension = *writer.catalog().contents().extensions.Get(object.object);
  if (extension.owner == owner) return;
  CheckOwns(writer, extension.owner, "extension", extension.name);
  CheckMemberOf(writer, owner);
  extension.owner = owner;
  writer.Put(std::move(extension));
}

void ChangeSchema(CatalogWriter& writer, const ObjectAddress& object, Oid schema) {
  CheckIsNotSystem(writer, object);
  ChangeDescriptor(writer, object, [&](auto& descriptor) {
    CheckOwnsObject(writer, object, descriptor.owner, descriptor.name);
    CheckMayCreateIn(writer, schema);
    CheckMoveTo(writer, descriptor.schema, schema, descriptor.name, object);
    descriptor.schema = schema;
  });
  if (object.class_oid != classes::kClass) return;
  for (Oid sequence : OwnedSequences(writer.catalog(), object.object)) {
    ChangeDescriptor(writer, {classes::kClass, sequence, 0},
                     [&](auto& descriptor) { descriptor.schema = schema; });
  }
}

}  // namespace sundog::catalog::ddl
