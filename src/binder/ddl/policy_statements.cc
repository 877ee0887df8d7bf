// CREATE, ALTER and DROP POLICY.
#include "binder/ddl/object_names.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/permission.h"
#include "catalog/ddl/policy.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;

namespace {

char CommandOf(std::string_view name) {
  if (name == "select") return 'r';
  if (name == "insert") return 'a';
  if (name == "update") return 'w';
  return name == "delete" ? 'd' : '*';
}

[[noreturn]] void ThrowSyntax(const char* message) {
  throw SqlError(sqlstate::kSyntaxError, message);
}

// PUBLIC stands for all, whoever is named beside it.
std::vector<Oid> BindPolicyRoles(const DdlRun& run, const List* names) {
  std::vector<Oid> roles;
  for (const RoleSpec* name : parser::Each<RoleSpec>(names)) {
    if (name->roletype == ROLESPEC_PUBLIC) {
      if (parser::Length(names) > 1) {
        base::ErrorFields warning;
        warning.severity = base::Severity::kWarning;
        warning.state = sqlstate::kInvalidParameterValue;
        warning.message = "ignoring specified roles other than PUBLIC";
        warning.hint = "All roles are members of the PUBLIC role.";
        run.writer().Notice(warning);
      }
      return {catalog::kInvalidOid};
    }
    roles.push_back(BindRole(run, name));
  }
  if (roles.empty()) roles.push_back(catalog::kInvalidOid);
  return roles;
}

const catalog::PolicyDescriptor& RequirePolicy(const catalog::TableDescriptor& table,
                                               const std::string& name) {
  if (const auto* policy = table.FindPolicy(name)) return *policy;
  throw SqlError(sqlstate::kUndefinedObject, "policy \"" + name + "\" for table \"" + table.name +
                                                 "\" does not exist");
}

}  // namespace

void RunCreatePolicy(DdlRun& run, const Node* node) {
  const auto* statement = As<CreatePolicyStmt>(node);
  catalog::PolicyDescriptor policy;
  policy.name = statement->policy_name;
  policy.command = CommandOf(statement->cmd_name);
  policy.permissive = statement->permissive;
  if (statement->with_check != nullptr && (policy.command == 'r' || policy.command == 'd')) {
    ThrowSyntax("WITH CHECK cannot be applied to SELECT or DELETE");
  }
  if (statement->qual != nullptr && policy.command == 'a') {
    ThrowSyntax("only WITH CHECK expression allowed for INSERT");
  }
  policy.roles = BindPolicyRoles(run, statement->roles);
  auto table = RequireTable(run, statement->table);
  run.target().LockTable(table->oid);
  if (statement->qual != nullptr) policy.visible = BindPolicy(run, statement->qual, *table);
  if (statement->with_check != nullptr) {
    policy.writable = BindPolicy(run, statement->with_check, *table);
  }
  ddl::CreatePolicy(run.writer(), table->oid, std::move(policy));
}

void RunAlterPolicy(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterPolicyStmt>(node);
  std::vector<Oid> roles;
  if (statement->roles != nullptr) roles = BindPolicyRoles(run, statement->roles);
  auto table = RequireTable(run, statement->table);
  run.target().LockTable(table->oid);
  std::optional<catalog::StoredExpression> visible;
  std::optional<catalog::StoredExpression> writable;
  if (statement->qual != nullptr) visible = BindPolicy(run, statement->qual, *table);
  if (statement->with_check != nullptr) writable = BindPolicy(run, statement->with_check, *table);
  catalog::PolicyDescriptor policy = RequirePolicy(*table, statement->policy_name);
  if (writable && (policy.command == 'r' || policy.command == 'd')) {
    ThrowSyntax("only USING expression allowed for SELECT, DELETE");
  }
  if (visible && policy.command == 'a') {
    ThrowSyntax("only WITH CHECK expression allowed for INSERT");
  }
  if (visible) policy.visible = std::move(visible);
  if (writable) policy.writable = std::move(writable);
  if (statement->roles != nullptr) policy.roles = std::move(roles);
  ddl::ChangePolicy(run.writer(), table->oid, std::move(policy));
}

void RunDropPolicy(DdlRun& run, const Node* node) {
  const auto* statement = As<DropStmt>(node);
  std::vector<catalog::ObjectAddress> objects;
  for (const Node* object : parser::Each<Node>(statement->objects)) {
    std::vector<std::string> parts = NameParts(As<List>(object));
    std::string name = parts.back();
    parts.pop_back();
    std::string dotted;
    for (const std::string& part : parts) dotted += (dotted.empty() ? "" : ".") + part;
    RelationParts relation_name(std::move(parts));
    const catalog::Relation* relation = FindRelation(run, &relation_name.name);
    if (relation == nullptr) {
      if (!statement->missing_ok) RequireRelation(run, &relation_name.name);
      NoticeMissing(run, "relation \"" + dotted + "\" does not exist");
      continue;
    }
    const auto* policy =
        relation->table != nullptr && relation->kind == 'r' ? relation->table->FindPolicy(name)
                                                            : nullptr;
    if (policy == nullptr && statement->missing_ok) {
      NoticeMissing(run, "policy \"" + name + "\" for relation \"" + dotted +
                             "\" does not exist");
      continue;
    }
    if (policy == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject, "policy \"" + name + "\" for table \"" +
                                                     relation->name + "\" does not exist");
    }
    ddl::CheckOwns(run.writer(), relation->owner(), "relation", relation->name);
    run.target().LockTable(relation->oid);
    objects.push_back({catalog::classes::kPolicy, policy->oid, 0});
  }
  if (objects.empty()) return;
  ddl::DropObjects(run.writer(), objects,
                   statement->behavior == DROP_CASCADE ? ddl::DropBehavior::kCascade
                                                       : ddl::DropBehavior::kRestrict);
}

}  // namespace sundog::binder
