// How a snapshot indexes its contents: one Add and one Remove a class of descriptor.
#include <algorithm>

#include "base/check.h"
#include "catalog/catalog.h"
#include "catalog/type_infos.h"

namespace sundog::catalog {

namespace {

bool IsTemporarySchema(const SchemaDescriptor& schema) {
  return schema.name.starts_with("pg_temp_");
}

template <typename Descriptor>
Relation RelationOf(char kind, const Descriptor& descriptor) {
  Relation relation;
  relation.kind = kind;
  relation.oid = descriptor.oid;
  relation.schema = descriptor.schema;
  relation.name = descriptor.name;
  return relation;
}

}  // namespace

void Catalog::AddRelation(Relation relation) {
  CHECK(relation.oid != kInvalidOid);
  relations_by_name_[NameKey{relation.schema, relation.name}] = relation.oid;
  Oid oid = relation.oid;
  relations_.insert_or_assign(oid, std::move(relation));
}

void Catalog::RemoveRelation(Oid oid) {
  auto at = relations_.find(oid);
  if (at == relations_.end()) return;
  auto name = relations_by_name_.find(NameKey{at->second.schema, at->second.name});
  if (name != relations_by_name_.end() && name->second == oid) relations_by_name_.erase(name);
  relations_.erase(at);
}

void Catalog::AddType(std::shared_ptr<const types::TypeInfo> type) {
  CHECK(type->oid != kInvalidOid);
  types_by_name_.try_emplace(NameKey{type->schema, type->name}, type->oid);
  Oid oid = type->oid;
  types_[oid] = std::move(type);
}

void Catalog::RemoveType(Oid oid) {
  auto at = types_.find(oid);
  if (at == types_.end()) return;
  auto name = types_by_name_.find(NameKey{at->second->schema, at->second->name});
  if (name != types_by_name_.end() && name->second == oid) types_by_name_.erase(name);
  types_.erase(at);
}

void Catalog::Add(const std::shared_ptr<const SchemaDescriptor>& schema) {
  schemas_by_name_[schema->name] = schema->oid;
  if (IsTemporarySchema(*schema)) temp_schema_ = schema->oid;
}

void Catalog::Remove(const SchemaDescriptor& schema) {
  schemas_by_name_.erase(schema.name);
  if (temp_schema_ == schema.oid) temp_schema_ = kInvalidOid;
}

void Catalog::Add(const std::shared_ptr<const TableDescriptor>& table) {
  Relation relation = RelationOf('r', *table);
  relation.table = table;
  AddRelation(std::move(relation));
  for (const IndexDescriptor& index : table->indexes) {
    Relation index_relation;
    index_relation.kind = 'i';
    index_relation.oid = index.oid;
    index_relation.schema = table->schema;
    index_relation.name = index.name;
    index_relation.table = table;
    index_relation.index = &index;
    AddRelation(std::move(index_relation));
  }
  for (const ConstraintDescriptor& constraint : table->constraints) {
    if (constraint.kind == ConstraintKind::kForeignKey) {
      incoming_[constraint.referenced_table].push_back({table, &constraint});
    }
  }
  TypeInfoPtr row = MakeRowTypeInfo(*table);
  AddType(MakeArrayTypeInfo(*row, "_" + table->name));
  AddType(std::move(row));
}

void Catalog::Remove(const TableDescriptor& table) {
  RemoveRelation(table.oid);
  for (const IndexDescriptor& index : table.indexes) RemoveRelation(index.oid);
  for (const ConstraintDescriptor& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::kForeignKey) continue;
    auto at = incoming_.find(constraint.referenced_table);
    if (at == incoming_.end()) continue;
    std::erase_if(at->second, [&](const IncomingForeignKey& key) {
      return key.table->oid == table.oid;
    });
    if (at->second.empty()) incoming_.erase(at);
  }
  RemoveType(table.row_array_type);
  RemoveType(table.row_type);
}

void Catalog::Add(const std::shared_ptr<const ViewDescriptor>& view) {
  Relation relation = RelationOf('v', *view);
  relation.view = view;
  AddRelation(std::move(relation));
  TypeInfoPtr row = MakeRowTypeInfo(*view);
  AddType(MakeArrayTypeInfo(*row, "_" + view->name));
  AddType(std::move(row));
}

void Catalog::Remove(const ViewDescriptor& view) {
  RemoveRelation(view.oid);
  RemoveType(view.row_array_type);
  RemoveType(view.row_type);
}

void Catalog::Add(const std::shared_ptr<const SequenceDescriptor>& sequence) {
  Relation relation = RelationOf('S', *sequence);
  relation.sequence = sequence;
  AddRelation(std::move(relation));
}

void Catalog::Remove(const SequenceDescriptor& sequence) { RemoveRelation(sequence.oid); }

void Catalog::Add(const std::shared_ptr<const EnumDescriptor>& type) {
  TypeInfoPtr info = MakeTypeInfo(*type);
  AddType(MakeArrayTypeInfo(*info, type->array_name));
  AddType(std::move(info));
}

void Catalog::Remove(const EnumDescriptor& type) {
  RemoveType(type.array_type);
  RemoveType(type.oid);
}

void Catalog::Add(const std::shared_ptr<const DomainDescriptor>& type) {
  TypeInfoPtr info = MakeTypeInfo(*type, *this);
  AddType(MakeArrayTypeInfo(*info, type->array_name));
  AddType(std::move(info));
}

void Catalog::Remove(const DomainDescriptor& type) {
  RemoveType(type.array_type);
  RemoveType(type.oid);
}

void Catalog::Add(const std::shared_ptr<const CompositeDescriptor>& type) {
  Relation relation;
  relation.kind = 'c';
  relation.oid = type->relation;
  relation.schema = type->schema;
  relation.name = type->name;
  relation.composite = type;
  AddRelation(std::move(relation));
  TypeInfoPtr info = MakeTypeInfo(*type);
  AddType(MakeArrayTypeInfo(*info, type->array_name));
  AddType(std::move(info));
}

void Catalog::Remove(const CompositeDescriptor& type) {
  RemoveRelation(type.relation);
  RemoveType(type.array_type);
  RemoveType(type.oid);
}

void Catalog::Add(const std::shared_ptr<const FunctionDescriptor>& function) {
  std::shared_ptr<const functions::ProcInfo> proc = MakeProcInfo(*function, *this);
  auto [at, fresh] = procs_by_name_.try_emplace(function->name);
  if (fresh) {
    auto builtin = functions::BuiltinProcs::Get().ProcsNamed(function->name);
    at->second.assign(builtin.begin(), builtin.end());
  }
  std::erase_if(at->second, [&](auto* p) { return p->oid == function->oid; });
  at->second.push_back(proc.get());
  procs_[function->oid] = std::move(proc);
}

void Catalog::Remove(const FunctionDescriptor& function) {
  auto at = procs_by_name_.find(function.name);
  if (at != procs_by_name_.end()) {
    std::erase_if(at->second, [&](auto* p) { return p->oid == function.oid; });
    bool only_builtin = std::all_of(at->second.begin(), at->second.end(),
                                    [](auto* p) { return p->oid < types::kFirstUserOid; });
    if (only_builtin) procs_by_name_.erase(at);
  }
  procs_.erase(function.oid);
}

void Catalog::Add(const std::shared_ptr<const RoleDescriptor>& role) {
  roles_by_name_[role->name] = role->oid;
}

void Catalog::Remove(const RoleDescriptor& role) { roles_by_name_.erase(role.name); }

}  // namespace sundog::catalog
