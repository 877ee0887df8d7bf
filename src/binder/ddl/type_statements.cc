// CREATE TYPE, ALTER TYPE of enums, CREATE DOMAIN and ALTER DOMAIN.
#include "binder/coerce.h"
#include "binder/ddl/object_names.h"
#include "binder/deparse.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/create_table.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

void RunCreateEnum(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateEnumStmt>(node);
  ddl::EnumSpec spec;
  spec.schema = CreationSchema(run, statement->typeName, &spec.name);
  spec.labels = NameParts(statement->vals);
  ddl::CreateEnum(run.writer(), spec);
}

void RunAlterEnum(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterEnumStmt>(node);
  PieceBinding piece(run);
  Oid type = FindTypeByName(piece.state, statement->typeName);
  std::string name = DottedName(statement->typeName);
  if (type == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject, "type \"" + name + "\" does not exist");
  }
  if (run.catalog().contents().enums.Get(type) == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType, name + " is not an enum");
  }
  if (statement->oldVal != nullptr) {
    return ddl::RenameEnumLabel(run.writer(), type, statement->oldVal, statement->newVal);
  }
  std::optional<ddl::EnumNeighbour> neighbour;
  if (statement->newValNeighbor != nullptr) {
    neighbour = {statement->newValNeighbor, statement->newValIsAfter};
  }
  ddl::AddEnumLabel(run.writer(), type, statement->newVal, neighbour,
                    statement->skipIfNewValExists);
}

void RunCreateComposite(DdlRun& run, const Node* node) {
  const auto* statement = As<CompositeTypeStmt>(node);
  ddl::CompositeSpec spec;
  spec.name = statement->typevar->relname;
  char persistence;
  spec.schema = CreationSchema(run, statement->typevar, &persistence);
  for (const ColumnDef* column : parser::Each<ColumnDef>(statement->coldeflist)) {
    spec.columns.push_back(BindColumnType(run, column, spec.name));
  }
  ddl::CreateComposite(run.writer(), spec);
}

namespace {

ddl::CheckSpec BindDomainCheck(const DdlRun& run, const Constraint* constraint, SqlType base) {
  PieceBinding piece(run);
  piece.scope.domain_value = base;
  BoundExpressionPtr condition = BindCondition(piece.scope, constraint->raw_expr,
                                               ExpressionRole::kDomainCheck, "CHECK");
  ddl::CheckSpec check;
  check.name = parser::TextOrEmpty(constraint->conname);
  check.check = Store(*condition, piece.context, nullptr, -1, /*indent=*/true);
  check.validated = constraint->initially_valid;
  return check;
}

void RefuseTableConstraint(const Constraint* constraint) {
  std::string_view kind;
  switch (constraint->contype) {
    case CONSTR_UNIQUE: kind = "unique"; break;
    case CONSTR_PRIMARY: kind = "primary key"; break;
    case CONSTR_EXCLUSION: kind = "exclusion"; break;
    case CONSTR_FOREIGN: kind = "foreign key"; break;
    default: return;
  }
  throw SqlError(sqlstate::kSyntaxError,
                 std::string(kind) + " constraints not possible for domains");
}

void CollectDomainConstraint(const DdlRun& run, const Constraint* constraint,
                             ddl::DomainSpec& spec) {
  switch (constraint->contype) {
    case CONSTR_NULL: return;
    case CONSTR_NOTNULL: spec.not_null = true; return;
    case CONSTR_DEFAULT:
      if (spec.default_value) {
        throw SqlError(sqlstate::kSyntaxError, "multiple default expressions");
      }
      spec.default_value = BindDefault(run, constraint->raw_expr, spec.name, spec.base);
      return;
    case CONSTR_CHECK:
      spec.checks.push_back(BindDomainCheck(run, constraint, spec.base));
      return;
    default:
      RefuseTableConstraint(constraint);
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "specifying constraint deferrability not supported for domains");
  }
}

}  // namespace

void RunCreateDomain(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateDomainStmt>(node);
  ddl::DomainSpec spec;
  spec.schema = CreationSchema(run, statement->domainname, &spec.name);
  {
    PieceBinding piece(run);
    spec.base = ResolveType(piece.state, statement->typeName);
    ddl::CheckMayUseType(run.writer(), spec.base.oid);
    spec.dimensions = static_cast<int16_t>(parser::Length(statement->typeName->arrayBounds));
    if (statement->collClause != nullptr) {
      spec.collation = ResolveCollation(piece.state, statement->collClause->collname,
                                        statement->collClause->location);
    }
  }
  for (const Constraint* constraint : parser::Each<Constraint>(statement->constraints)) {
    CollectDomainConstraint(run, constraint, spec);
  }
  ddl::CreateDomain(run.writer(), spec);
}

namespace {

// Columns that hold values of the domain: their rows would have to be looked at.
void CheckUnused(const DdlRun& run, Oid domain, std::string_view what) {
  for (const auto& table : run.catalog().contents().tables) {
    for (const catalog::ColumnDescriptor& column : table->columns) {
      if (column.dropped) continue;
      Oid type = column.type.oid;
      while (type != domain && run.catalog().GetType(type).kind_code == 'd') {
        type = run.catalog().GetType(type).base_type;
      }
      if (type != domain) continue;
      base::ThrowNotSupported(std::string(what) + " of a domain that table columns have");
    }
  }
  ddl::RequireTypeNotStored(run.writer(), domain, "type", run.catalog().GetType(domain).name, "it");
}

void DropDomainConstraint(DdlRun& run, const catalog::DomainDescriptor& domain,
                          const AlterDomainStmt* statement) {
  for (const auto& constraint : domain.constraints) {
    if (constraint.name != statement->name) continue;
    catalog::ObjectAddress object{catalog::classes::kConstraint, constraint.oid, 0};
    return ddl::DropObjects(run.writer(), {&object, 1},
                            statement->behavior == DROP_CASCADE ? ddl::DropBehavior::kCascade
                                                                : ddl::DropBehavior::kRestrict);
  }
  std::string message = "constraint \"" + std::string(statement->name) + "\" of domain \"" +
                        domain.name + "\" does not exist";
  if (!statement->missing_ok) throw SqlError(sqlstate::kUndefinedObject, std::move(message));
  NoticeMissing(run, std::move(message));
}

}  // namespace

void RunAlterDomain(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterDomainStmt>(node);
  PieceBinding piece(run);
  Oid oid = FindTypeByName(piece.state, statement->typeName);
  std::string name = DottedName(statement->typeName);
  if (oid == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject, "type \"" + name + "\" does not exist");
  }
  const catalog::DomainDescriptor* found = run.catalog().contents().domains.Get(oid);
  if (found == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType, "\"" + name + "\" is not a domain");
  }
  ddl::CheckOwns(run.writer(), found->owner, "type", found->name);
  catalog::DomainDescriptor domain = *found;
  switch (statement->subtype) {
    case 'T':
      domain.default_value.reset();
      if (statement->def != nullptr) {
        domain.default_value = BindDefault(run, statement->def, domain.name, domain.base);
      }
      break;
    case 'N': domain.not_null = false; break;
    case 'O':
      CheckUnused(run, oid, "SET NOT NULL");
      domain.not_null = true;
      break;
    case 'C': {
      const auto* constraint = As<Constraint>(statement->def);
      RefuseTableConstraint(constraint);
      ddl::CheckSpec check = BindDomainCheck(run, constraint, domain.base);
      check.validated = !constraint->skip_validation;
      if (check.validated) CheckUnused(run, oid, "ADD CONSTRAINT");
      ddl::AddDomainCheck(run.writer(), oid, check);
      return;
    }
    case 'X': return DropDomainConstraint(run, domain, statement);
    default: base::ThrowNotSupported("VALIDATE CONSTRAINT of a domain");
  }
  run.writer().Put(std::move(domain));
}

}  // namespace sundog::binder
