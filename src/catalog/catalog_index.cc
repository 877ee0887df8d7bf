// How a snapshot indexes its contents: one Add and one Remove a class of descriptor.
#include <algorithm>

#include "base/check.h"
#include "catalog/catalog.h"
#include "catalog/extensions.h"
#include "catalog/type_infos.h"
#include "types/extension_oids.h"

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

// A domain has a copy of what is known of its base: labels, fields.
void Catalog::RenewDomainsOver(Oid base) {
  for (const auto& domain : contents_.domains) {
    if (domain->base.oid == base && types_.find(domain->oid) != types_.end()) Add(domain);
  }
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
  RenewDomainsOver(table->row_type);
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
  RenewDomainsOver(type->oid);
}

void Catalog::Remove(const EnumDescriptor& type) {
  RemoveType(type.array_type);
  RemoveType(type.oid);
}

void Catalog::Add(const std::shared_ptr<const DomainDescriptor>& type) {
  TypeInfoPtr info = MakeTypeInfo(*type, *this);
  AddType(MakeArrayTypeInfo(*info, type->array_name));
  AddType(std::move(info));
  RenewDomainsOver(type->oid);
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
  RenewDomainsOver(type->oid);
}

void Catalog::Remove(const CompositeDescriptor& type) {
  RemoveRelation(type.relation);
  RemoveType(type.array_type);
  RemoveType(type.oid);
}

void Catalog::AddProc(std::shared_ptr<const functions::ProcInfo> proc) {
  auto [at, fresh] = procs_by_name_.try_emplace(proc->name);
  if (fresh) {
    auto builtin = functions::BuiltinProcs::Get().ProcsNamed(proc->name);
    at->second.assign(builtin.begin(), builtin.end());
  }
  at->second.push_back(proc.get());
  Oid oid = proc->oid;
  procs_[oid] = std::move(proc);
}

void Catalog::RemoveProc(Oid oid) {
  auto proc = procs_.find(oid);
  if (proc == procs_.end()) return;
  auto at = procs_by_name_.find(proc->second->name);
  if (at != procs_by_name_.end()) {
    std::erase_if(at->second, [&](auto* p) { return p->oid == oid; });
    bool only_builtin = std::all_of(at->second.begin(), at->second.end(),
                                    [](auto* p) { return p->oid < types::kFirstExtensionOid; });
    if (only_builtin) procs_by_name_.erase(at);
  }
  procs_.erase(proc);
}

void Catalog::AddOperator(std::shared_ptr<const functions::OperatorInfo> op) {
  auto [at, fresh] = operators_by_name_.try_emplace(op->name);
  if (fresh) {
    auto builtin = functions::BuiltinProcs::Get().OperatorsNamed(op->name);
    at->second.assign(builtin.begin(), builtin.end());
  }
  at->second.push_back(op.get());
  Oid oid = op->oid;
  operators_[oid] = std::move(op);
}

void Catalog::RemoveOperator(Oid oid) {
  auto op = operators_.find(oid);
  if (op == operators_.end()) return;
  auto at = operators_by_name_.find(op->second->name);
  if (at != operators_by_name_.end()) {
    std::erase_if(at->second, [&](auto* o) { return o->oid == oid; });
    bool only_builtin = std::all_of(at->second.begin(), at->second.end(),
                                    [](auto* o) { return o->oid < types::kFirstExtensionOid; });
    if (only_builtin) operators_by_name_.erase(at);
  }
  operators_.erase(op);
}

void Catalog::Add(const std::shared_ptr<const FunctionDescriptor>& function) {
  AddProc(MakeProcInfo(*function, *this));
}

void Catalog::Remove(const FunctionDescriptor& function) { RemoveProc(function.oid); }

void Catalog::Add(const std::shared_ptr<const RoleDescriptor>& role) {
  roles_by_name_[role->name] = role->oid;
}

void Catalog::Remove(const RoleDescriptor& role) { roles_by_name_.erase(role.name); }

namespace {

// The member as it is in a catalog whose extension made it in `schema`.
template <typename Info>
std::shared_ptr<const Info> InSchema(const Info& member, Oid schema) {
  auto own = std::make_shared<Info>(member);
  own->schema = schema;
  return own;
}

}  // namespace

void Catalog::Add(const std::shared_ptr<const ExtensionDescriptor>& extension) {
  const ExtensionInfo* info = FindExtension(extension->name);
  if (info == nullptr || !info->has_members()) return;
  for (const types::TypeInfo* type : types::BuiltinTypes::Get().all()) {
    if (info->Has(type->oid)) AddType(InSchema(*type, extension->schema));
  }
  for (const functions::ProcInfo& proc : functions::BuiltinProcs::Get().procs()) {
    if (info->Has(proc.oid)) AddProc(InSchema(proc, extension->schema));
  }
  for (const functions::OperatorInfo& op : functions::BuiltinProcs::Get().operators()) {
    if (info->Has(op.oid)) AddOperator(InSchema(op, extension->schema));
  }
}

void Catalog::Remove(const ExtensionDescriptor& extension) {
  const ExtensionInfo* info = FindExtension(extension.name);
  if (info == nullptr) return;
  for (const ObjectAddress& member : MembersOf(*info)) {
    if (member.class_oid == classes::kType) RemoveType(member.object);
    if (member.class_oid == classes::kProc) RemoveProc(member.object);
    if (member.class_oid == classes::kOperator) RemoveOperator(member.object);
  }
}

}  // namespace sundog::catalog
