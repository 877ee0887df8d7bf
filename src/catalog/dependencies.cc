// What depends on what, derived from the descriptors as PostgreSQL records it in pg_depend.
#include "catalog/builtin_objects.h"
#include "catalog/catalog.h"
#include "catalog/extensions.h"

namespace sundog::catalog {

namespace {

// Objects that can never be dropped are not recorded; of the built-in ones only schema public and
// what initdb adds later (languages, information_schema) can.
bool IsRecorded(const ObjectAddress& object) {
  if (object.object == kInvalidOid) return false;
  if (object.class_oid == classes::kNamespace && object.object == kPublicSchema) return true;
  return object.object >= 12000 && object.class_oid != classes::kCollation;
}

class Collector {
 public:
  explicit Collector(const Catalog& catalog) : catalog_(catalog) {}

  std::vector<Dependency> Run();

 private:
  void Add(const ObjectAddress& dependent, const ObjectAddress& referenced, DependencyKind kind) {
    if (IsRecorded(referenced) && dependent != referenced) {
      found_.push_back({dependent, referenced, kind});
    }
  }
  // An expression of `table` (0: of none): columns of the table itself with `self`, others normal.
  void AddExpression(const ObjectAddress& dependent, const StoredExpression& expression, Oid table,
                     DependencyKind self) {
    for (const ObjectAddress& reference : expression.references) {
      bool own = reference.class_oid == classes::kClass && reference.object == table;
      Add(dependent, reference, own ? self : DependencyKind::kNormal);
    }
  }
  void AddRowType(const ObjectAddress& relation, Oid row_type, Oid array_type) {
    Add({classes::kType, row_type}, relation, DependencyKind::kInternal);
    Add({classes::kType, array_type}, {classes::kType, row_type}, DependencyKind::kInternal);
  }
  void AddColumn(Oid relation, const ColumnDescriptor& column);
  void AddConstraint(const TableDescriptor& table, const ConstraintDescriptor& constraint);
  void AddIndex(const TableDescriptor& table, const IndexDescriptor& index);
  void AddTable(const TableDescriptor& table);
  void AddView(const ViewDescriptor& view);
  void AddSequence(const SequenceDescriptor& sequence);
  void AddTypes();
  void AddFunction(const FunctionDescriptor& function);
  void AddExtension(const ExtensionDescriptor& extension);

  const Catalog& catalog_;
  std::vector<Dependency> found_;
};

void Collector::AddColumn(Oid relation, const ColumnDescriptor& column) {
  if (column.dropped) return;
  ObjectAddress address{classes::kClass, relation, column.attnum};
  Add(address, {classes::kType, column.type.oid}, DependencyKind::kNormal);
  if (column.default_value) {
    ObjectAddress attrdef{classes::kAttrdef, column.default_oid};
    Add(attrdef, address,
        column.generated != '\0' ? DependencyKind::kInternal : DependencyKind::kAuto);
    AddExpression(attrdef, *column.default_value, relation, DependencyKind::kNormal);
  }
}

void Collector::AddConstraint(const TableDescriptor& table,
                              const ConstraintDescriptor& constraint) {
  ObjectAddress address{classes::kConstraint, constraint.oid};
  for (int16_t attnum : constraint.columns) {
    Add(address, {classes::kClass, table.oid, attnum}, DependencyKind::kAuto);
  }
  if (constraint.columns.empty()) {
    Add(address, {classes::kClass, table.oid}, DependencyKind::kAuto);
  }
  if (constraint.kind == ConstraintKind::kCheck) {
    AddExpression(address, constraint.check, table.oid, DependencyKind::kNormal);
  }
  if (constraint.kind != ConstraintKind::kForeignKey) return;
  for (int16_t attnum : constraint.referenced_columns) {
    Add(address, {classes::kClass, constraint.referenced_table, attnum}, DependencyKind::kNormal);
  }
  Add(address, {classes::kClass, constraint.index}, DependencyKind::kNormal);
}

void Collector::AddIndex(const TableDescriptor& table, const IndexDescriptor& index) {
  ObjectAddress address{classes::kClass, index.oid};
  if (index.constraint != kInvalidOid) {
    Add(address, {classes::kConstraint, index.constraint}, DependencyKind::kInternal);
  } else {
    bool any = index.predicate.has_value();
    for (const IndexKey& key : index.keys) {
      any = true;
      if (key.attnum != 0) {
        Add(address, {classes::kClass, table.oid, key.attnum}, DependencyKind::kAuto);
      }
    }
    for (int16_t attnum : index.included) {
      Add(address, {classes::kClass, table.oid, attnum}, DependencyKind::kAuto);
    }
    if (!any) Add(address, {classes::kClass, table.oid}, DependencyKind::kAuto);
  }
  for (const IndexKey& key : index.keys) {
    Add(address, {classes::kOpclass, key.opclass}, DependencyKind::kNormal);
    AddExpression(address, key.expression, table.oid, DependencyKind::kAuto);
    if (key.attnum == 0 && key.expression.references.empty()) {
      Add(address, {classes::kClass, table.oid}, DependencyKind::kAuto);
    }
  }
  if (index.predicate) AddExpression(address, *index.predicate, table.oid, DependencyKind::kAuto);
}

void Collector::AddTable(const TableDescriptor& table) {
  ObjectAddress address{classes::kClass, table.oid};
  Add(address, {classes::kNamespace, table.schema}, DependencyKind::kNormal);
  AddRowType(address, table.row_type, table.row_array_type);
  for (const ColumnDescriptor& column : table.columns) AddColumn(table.oid, column);
  for (const auto& constraint : table.constraints) AddConstraint(table, constraint);
  for (const IndexDescriptor& index : table.indexes) AddIndex(table, index);
  for (const PolicyDescriptor& policy : table.policies) {
    ObjectAddress own{classes::kPolicy, policy.oid};
    Add(own, address, DependencyKind::kAuto);
    for (const auto& expression : {policy.visible, policy.writable}) {
      if (expression) AddExpression(own, *expression, table.oid, DependencyKind::kNormal);
    }
  }
}

void Collector::AddView(const ViewDescriptor& view) {
  ObjectAddress address{classes::kClass, view.oid};
  ObjectAddress rule{classes::kRewrite, view.rule};
  Add(address, {classes::kNamespace, view.schema}, DependencyKind::kNormal);
  AddRowType(address, view.row_type, view.row_array_type);
  for (const ColumnDescriptor& column : view.columns) AddColumn(view.oid, column);
  Add(rule, address, DependencyKind::kInternal);
  Add(rule, address, DependencyKind::kNormal);
  for (const ObjectAddress& reference : view.definition.references) {
    Add(rule, reference, DependencyKind::kNormal);
  }
}

void Collector::AddSequence(const SequenceDescriptor& sequence) {
  ObjectAddress address{classes::kClass, sequence.oid};
  Add(address, {classes::kNamespace, sequence.schema}, DependencyKind::kNormal);
  Add(address, {classes::kClass, sequence.owner_table, sequence.owner_column},
      sequence.identity ? DependencyKind::kInternal : DependencyKind::kAuto);
}

void Collector::AddTypes() {
  for (const auto& type : catalog_.contents().enums) {
    ObjectAddress address{classes::kType, type->oid};
    Add(address, {classes::kNamespace, type->schema}, DependencyKind::kNormal);
    Add({classes::kType, type->array_type}, address, DependencyKind::kInternal);
  }
  for (const auto& type : catalog_.contents().domains) {
    ObjectAddress address{classes::kType, type->oid};
    Add(address, {classes::kNamespace, type->schema}, DependencyKind::kNormal);
    Add(address, {classes::kType, type->base.oid}, DependencyKind::kNormal);
    Add({classes::kType, type->array_type}, address, DependencyKind::kInternal);
    if (type->default_value) {
      AddExpression(address, *type->default_value, kInvalidOid, DependencyKind::kNormal);
    }
    for (const DomainConstraintDescriptor& constraint : type->constraints) {
      ObjectAddress check{classes::kConstraint, constraint.oid};
      Add(check, address, DependencyKind::kAuto);
      AddExpression(check, constraint.check, kInvalidOid, DependencyKind::kNormal);
    }
  }
  for (const auto& type : catalog_.contents().composites) {
    ObjectAddress address{classes::kType, type->oid};
    Add(address, {classes::kNamespace, type->schema}, DependencyKind::kNormal);
    Add({classes::kType, type->array_type}, address, DependencyKind::kInternal);
    Add({classes::kClass, type->relation}, address, DependencyKind::kInternal);
    for (const ColumnDescriptor& column : type->columns) AddColumn(type->relation, column);
  }
}

void Collector::AddFunction(const FunctionDescriptor& function) {
  ObjectAddress address{classes::kProc, function.oid};
  Add(address, {classes::kNamespace, function.schema}, DependencyKind::kNormal);
  if (const LanguageInfo* language = BuiltinObjects::Get().FindLanguage(function.language)) {
    Add(address, {classes::kLanguage, language->oid}, DependencyKind::kNormal);
  }
  Add(address, {classes::kType, function.result_type}, DependencyKind::kNormal);
  for (const FunctionArgument& argument : function.arguments) {
    Add(address, {classes::kType, argument.type}, DependencyKind::kNormal);
    if (argument.default_value) {
      AddExpression(address, *argument.default_value, kInvalidOid, DependencyKind::kNormal);
    }
  }
  if (function.return_value) {
    AddExpression(address, *function.return_value, kInvalidOid, DependencyKind::kNormal);
  }
  for (const StoredExpression& statement : function.atomic_body) {
    AddExpression(address, statement, kInvalidOid, DependencyKind::kNormal);
  }
}

void Collector::AddExtension(const ExtensionDescriptor& extension) {
  if (extension.oid == kPlpgsqlExtension) return;
  ObjectAddress address{classes::kExtension, extension.oid};
  Add(address, {classes::kNamespace, extension.schema}, DependencyKind::kNormal);
  const ExtensionInfo* info = FindExtension(extension.name);
  if (info == nullptr) return;
  for (const ObjectAddress& member : MembersOf(*info)) {
    const types::TypeInfo* type =
        member.class_oid == classes::kType ? catalog_.FindType(member.object) : nullptr;
    if (type != nullptr && type->is_array()) {
      Add(member, {classes::kType, type->element}, DependencyKind::kInternal);
    } else {
      Add(member, address, DependencyKind::kExtension);
    }
  }
}

std::vector<Dependency> Collector::Run() {
  const CatalogContents& contents = catalog_.contents();
  for (const auto& table : contents.tables) AddTable(*table);
  for (const auto& view : contents.views) AddView(*view);
  for (const auto& sequence : contents.sequences) AddSequence(*sequence);
  AddTypes();
  for (const auto& function : contents.functions) AddFunction(*function);
  for (const auto& acl : contents.default_acls) {
    Add({classes::kDefaultAcl, acl->oid}, {classes::kNamespace, acl->schema},
        DependencyKind::kAuto);
  }
  for (const auto& extension : contents.extensions) AddExtension(*extension);
  return std::move(found_);
}

}  // namespace

std::vector<Dependency> Catalog::Dependencies() const { return Collector(*this).Run(); }

}  // namespace sundog::catalog
