// How each class of object leaves the catalog.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/index.h"
#include "catalog/names.h"
#include "types/extension_oids.h"

namespace sundog::catalog::ddl {

namespace {

void RemoveIndex(CatalogWriter& writer, TableDescriptor& table, Oid index) {
  const IndexDescriptor* found = table.FindIndex(index);
  if (found == nullptr) return;
  if (table.row_key_index == index) {
    // The rows lose their key: they are stored anew, by a hidden row id.
    table.row_key_index = kInvalidOid;
    table.storage_id = writer.NewStorageId(table.schema);
  }
  table.indexes.erase(table.indexes.begin() + (found - table.indexes.data()));
}

void RemoveConstraint(CatalogWriter& writer, Oid oid) {
  ConstraintPlace place = FindConstraint(writer.catalog(), oid);
  if (place.table != nullptr) {
    TableDescriptor table = *place.table;
    RemoveIndex(writer, table,
                place.constraint->kind == ConstraintKind::kForeignKey ? kInvalidOid
                                                                      : place.constraint->index);
    std::erase_if(table.constraints, [&](const auto& c) { return c.oid == oid; });
    writer.Put(std::move(table));
  } else if (place.domain != nullptr) {
    DomainDescriptor domain = *place.domain;
    std::erase_if(domain.constraints, [&](const auto& c) { return c.oid == oid; });
    writer.Put(std::move(domain));
  }
  writer.SetComment({classes::kConstraint, oid}, "");
}

// A built-in type whose values lie in stored rows as those of `type` do.
Oid StoredAs(const types::TypeInfo& type) {
  namespace oids = types::oids;
  switch (type.physical) {
    case types::PhysicalKind::kBool: return oids::kBool;
    case types::PhysicalKind::kChar: return oids::kCharInternal;
    case types::PhysicalKind::kInt16: return oids::kInt2;
    case types::PhysicalKind::kInt32: return oids::kInt4;
    case types::PhysicalKind::kUint32: return oids::kOid;
    case types::PhysicalKind::kInt64: return oids::kInt8;
    case types::PhysicalKind::kFloat32: return oids::kFloat4;
    case types::PhysicalKind::kFloat64: return oids::kFloat8;
    case types::PhysicalKind::kInterval: return oids::kInterval;
    case types::PhysicalKind::kUuid: return oids::kUuid;
    case types::PhysicalKind::kTimeTz: return oids::kTimetz;
    case types::PhysicalKind::kVarlen: break;
  }
  return oids::kBytea;
}

void RemoveColumn(CatalogWriter& writer, Oid relation_oid, int16_t attnum) {
  const Relation* relation = writer.catalog().FindRelation(relation_oid);
  if (relation == nullptr) return;
  RequireRowTypeNotStored(writer, *relation);
  auto drop = [&](ColumnDescriptor& column) {
    // Stored rows keep the column: how to step over it must be known when its type is gone too.
    const types::TypeInfo* type = writer.catalog().FindType(column.type.oid);
    if (column.type.oid >= types::kFirstUserOid && type != nullptr) {
      column.type = {StoredAs(*type), -1};
    }
    column.dropped = true;
    column.name = fmt::format("........pg.dropped.{}........", attnum);
    column.not_null = false;
    column.default_value.reset();
    column.identity = column.generated = '\0';
    column.missing_value.reset();
    column.acl = {};
  };
  if (relation->table != nullptr) {
    TableDescriptor table = *relation->table;
    drop(table.columns[attnum - 1]);
    writer.Put(std::move(table));
  } else if (relation->composite != nullptr) {
    CompositeDescriptor composite = *relation->composite;
    drop(composite.columns[attnum - 1]);
    writer.Put(std::move(composite));
  }
  writer.SetComment({classes::kClass, relation_oid, attnum}, "");
}

void RemoveRelation(CatalogWriter& writer, Oid oid) {
  const Relation* relation = writer.catalog().FindRelation(oid);
  if (relation == nullptr) return;
  switch (relation->kind) {
    case 'r': return writer.DropTable(oid);
    case 'v': return writer.DropView(oid);
    case 'S': return writer.DropSequence(oid);
    case 'i': {
      TableDescriptor table = *relation->table;
      RemoveIndex(writer, table, oid);
      writer.Put(std::move(table));
      writer.SetComment({classes::kClass, oid}, "");
      return;
    }
    case 'c': return;  // goes with its type
  }
  CHECK(false);
}

void RemoveDefault(CatalogWriter& writer, Oid attrdef) {
  DefaultPlace place = FindDefault(writer.catalog(), attrdef);
  if (place.table == nullptr) return;
  TableDescriptor table = *place.table;
  ColumnDescriptor& column = table.columns[place.column->attnum - 1];
  column.default_value.reset();
  column.default_oid = kInvalidOid;
  if (column.generated != '\0') {
    // Its expression is gone, and so is the column.
    Oid oid = table.oid;
    int16_t attnum = column.attnum;
    column.generated = '\0';
    writer.Put(std::move(table));
    return RemoveColumn(writer, oid, attnum);
  }
  writer.Put(std::move(table));
}

void RemovePolicy(CatalogWriter& writer, Oid policy) {
  PolicyPlace place = FindPolicy(writer.catalog(), policy);
  if (place.policy == nullptr) return;
  TableDescriptor table = *place.table;
  std::erase_if(table.policies, [&](const auto& one) { return one.oid == policy; });
  writer.Put(std::move(table));
  writer.SetComment({classes::kPolicy, policy}, "");
}

void RemoveType(CatalogWriter& writer, Oid oid) {
  writer.DropEnum(oid);
  writer.DropDomain(oid);
  writer.DropComposite(oid);
}

}  // namespace

void RemoveObject(CatalogWriter& writer, const ObjectAddress& object) {
  if (types::IsExtensionMember(object.object)) {  // goes with its extension
    return writer.SetComment(object, "");
  }
  switch (object.class_oid) {
    case classes::kClass:
      if (object.sub_object != 0) {
        return RemoveColumn(writer, object.object, static_cast<int16_t>(object.sub_object));
      }
      return RemoveRelation(writer, object.object);
    case classes::kConstraint: return RemoveConstraint(writer, object.object);
    case classes::kAttrdef: return RemoveDefault(writer, object.object);
    case classes::kType: return RemoveType(writer, object.object);
    case classes::kProc: return writer.DropFunction(object.object);
    case classes::kNamespace: return writer.DropSchema(object.object);
    case classes::kExtension: return writer.DropExtension(object.object);
    case classes::kPolicy: return RemovePolicy(writer, object.object);
    case classes::kDefaultAcl: return writer.DropDefaultAcl(object.object);
    case classes::kRewrite: return;  // goes with its view
  }
  CHECK(false);
}

}  // namespace sundog::catalog::ddl
