// What the parts of DDL binding share: names of objects to be made, expressions that are kept, and
// the run's state.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "binder/bind_expression.h"
#include "binder/ddl/ddl_target.h"
#include "binder/ddl/run_ddl.h"
#include "binder/name_lookup.h"
#include "binder/resolve_type.h"
#include "binder/scope.h"
#include "catalog/ddl/specs.h"
#include "catalog/name_resolver.h"

namespace sundog::binder {

namespace ddl = catalog::ddl;

// One statement's run.
class DdlRun {
 public:
  DdlRun(DdlTarget& target, std::string_view text)
      : target_(target),
        text_(text),
        names_(target.writer().catalog(), target.context().search_path) {}

  DdlTarget& target() const { return target_; }
  catalog::CatalogWriter& writer() const { return target_.writer(); }
  const catalog::Catalog& catalog() const { return target_.writer().catalog(); }
  std::string_view text() const { return text_; }
  // A context over the writer's catalog as it is now.
  BindContext FreshContext() const;

 private:
  DdlTarget& target_;
  std::string_view text_;
  // Of the reg* types, in the writer's catalog.
  mutable catalog::CatalogNames names_;
};

// A context, state and scope for binding one piece in the catalog as it is now.
class PieceBinding {
 public:
  explicit PieceBinding(const DdlRun& run)
      : context(run.FreshContext()), state(context, run.text()), scope(state, nullptr) {}

  BindContext context;
  BindState state;
  Scope scope;
  // The columns of `table` become visible, as relation 0.
  void AddTable(const catalog::TableDescriptor& table);
};

// The schema that a new object goes to. Throws 3F000, 42P16, 42501 (system schemas).
Oid CreationSchema(const DdlRun& run, const RangeVar* name, char* persistence);
Oid CreationSchema(const DdlRun& run, const List* qualified_name, std::string* name);

// Relations by name. Null if there is none; throws 3F000 for an unknown schema only if `required`.
const catalog::Relation* FindRelation(const DdlRun& run, const RangeVar* name);
// Throws 42P01.
const catalog::Relation& RequireRelation(const DdlRun& run, const RangeVar* name);
// A stored table owned by the role; 42809 `"x" is not a table`, 42501.
std::shared_ptr<const catalog::TableDescriptor> RequireTable(const DdlRun& run,
                                                             const RangeVar* name);

// --- expressions that are kept; OID 0 in them is the table ---
catalog::StoredExpression BindDefault(const DdlRun& run, const Node* raw,
                                      const std::string& column, SqlType type,
                                      BoundExpressionPtr* bound = nullptr);
catalog::StoredExpression BindGenerated(const DdlRun& run, const Node* raw,
                                        const catalog::TableDescriptor& table,
                                        const catalog::ColumnDescriptor& column,
                                        BoundExpressionPtr* bound = nullptr);
catalog::StoredExpression BindPolicy(const DdlRun& run, const Node* raw,
                                     const catalog::TableDescriptor& table);
catalog::StoredExpression BindCheck(const DdlRun& run, const Node* raw,
                                    const catalog::TableDescriptor& table);

// --- columns and constraints ---
ddl::ColumnSpec BindColumnType(const DdlRun& run, const ColumnDef* column,
                               std::string_view table_name);
// What CREATE TABLE and ADD COLUMN collect from column and table constraints. Expressions are
// bound later, when all columns are known.
struct RawConstraints {
  struct Check {
    const Constraint* raw;
  };
  struct ColumnDefault {
    std::string column;
    const Node* raw;
  };
  std::vector<const Constraint*> checks;
  std::vector<ColumnDefault> defaults;
  std::vector<ColumnDefault> generated;
  std::vector<ddl::KeySpec> keys;
  std::vector<ddl::ForeignKeySpec> foreign_keys;
};
// `self`: the OID that stands for the table in foreign keys to itself; its name finds it.
void CollectColumnConstraints(const DdlRun& run, const ColumnDef* column, const RangeVar* table,
                              ddl::ColumnSpec& spec, RawConstraints& constraints);
void CollectTableConstraint(const DdlRun& run, const Constraint* constraint, const RangeVar* table,
                            RawConstraints& constraints);
ddl::KeySpec BindKey(const Constraint* constraint, const std::string* column);
ddl::ForeignKeySpec BindForeignKey(const DdlRun& run, const Constraint* constraint,
                                   const std::string* column, const RangeVar* table);
ddl::CheckSpec BindCheckSpec(const DdlRun& run, const Constraint* constraint,
                             const catalog::TableDescriptor& table);
ddl::IndexSpec BindIndex(const DdlRun& run, const IndexStmt* statement,
                         const catalog::TableDescriptor& table);

// "name=value", …
std::vector<std::string> BindOptions(const List* options);
// Sequence options of CREATE and ALTER SEQUENCE and of IDENTITY.
void BindSequenceOptions(const DdlRun& run, const List* options, ddl::SequenceSpec& spec);
// A role by name or CURRENT_USER. PUBLIC is kInvalidOid if allowed. Throws 42704.
Oid BindRole(const DdlRun& run, const RoleSpec* role, bool allow_public = false);

// A notice `… does not exist, skipping`.
void NoticeMissing(const DdlRun& run, std::string message);

// Takes them and what depends on them away; rows whose key goes along are stored under another.
void DropFound(DdlRun& run, const std::vector<catalog::ObjectAddress>& objects, bool cascade);

// --- the statements ---
void RunCreateTable(DdlRun& run, const Node* node);
void RunCreateIndex(DdlRun& run, const Node* node);
void RunAlterTable(DdlRun& run, const Node* node);
void RunCreateSequence(DdlRun& run, const Node* node);
void RunAlterSequence(DdlRun& run, const Node* node);
void RunDrop(DdlRun& run, const Node* node);
void RunRename(DdlRun& run, const Node* node);
void RunAlterOwner(DdlRun& run, const Node* node);
void RunAlterSchema(DdlRun& run, const Node* node);
void RunCreateView(DdlRun& run, const Node* node);
void RunCreateSchema(DdlRun& run, const Node* node);
void RunCreateEnum(DdlRun& run, const Node* node);
void RunAlterEnum(DdlRun& run, const Node* node);
void RunCreateComposite(DdlRun& run, const Node* node);
void RunCreateDomain(DdlRun& run, const Node* node);
void RunAlterDomain(DdlRun& run, const Node* node);
void RunCreateFunction(DdlRun& run, const Node* node);
void RunAlterFunction(DdlRun& run, const Node* node);
void RunCreateRole(DdlRun& run, const Node* node);
void RunAlterRole(DdlRun& run, const Node* node);
void RunAlterRoleSet(DdlRun& run, const Node* node);
void RunAlterDatabaseSet(DdlRun& run, const Node* node);
void RunDropRole(DdlRun& run, const Node* node);
void RunGrantRole(DdlRun& run, const Node* node);
void RunDropOwned(DdlRun& run, const Node* node);
void RunReassignOwned(DdlRun& run, const Node* node);
void RunGrant(DdlRun& run, const Node* node);
void RunAlterDefaultPrivileges(DdlRun& run, const Node* node);
void RunCreatePolicy(DdlRun& run, const Node* node);
void RunAlterPolicy(DdlRun& run, const Node* node);
void RunDropPolicy(DdlRun& run, const Node* node);
void RunComment(DdlRun& run, const Node* node);
void RunCreateExtension(DdlRun& run, const Node* node);

}  // namespace sundog::binder
