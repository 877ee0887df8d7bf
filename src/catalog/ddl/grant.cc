// GRANT and REVOKE of privileges on objects.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/builtin_objects.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"
#include "functions/proc.h"

namespace sundog::catalog::ddl {

namespace {

// What is granted on, in the words of refusals and warnings.
struct Subject {
  std::string_view noun;  // "table"
  std::string name;
  std::string_view relation;  // of a column: its relation's name
};

void WarnNotAll(const CatalogWriter& writer, const GrantSpec& spec, const Subject& subject,
                bool none) {
  base::ErrorFields fields;
  fields.severity = base::Severity::kWarning;
  fields.state = spec.grant ? sqlstate::kWarningPrivilegeNotGranted
                            : sqlstate::kWarningPrivilegeNotRevoked;
  std::string_view could = spec.grant ? "were granted" : "could be revoked";
  std::string where = subject.relation.empty() ? fmt::format("\"{}\"", subject.name)
                                               : fmt::format("column \"{}\" of relation \"{}\"",
                                                             subject.name, subject.relation);
  fields.message =
      fmt::format("{} privileges {} for {}", none ? "no" : "not all", could, where);
  writer.Notice(fields);
}

// PostgreSQL's restrict_and_check_grant: what of `privileges` there is to give.
uint32_t Restrict(const CatalogWriter& writer, const GrantSpec& spec, const Acl& acl, Oid owner,
                  uint32_t privileges, const Grantor& grantor, const Subject& subject) {
  if (grantor.grantable == 0) {
    uint32_t all = AllPrivileges(spec.kind);
    bool any = HasAnyPrivilege(writer.catalog(), acl, spec.kind, owner, grantor.role, all);
    if (!any && subject.relation.empty()) ThrowDenied(subject.noun, subject.name);
    if (!any) {
      throw SqlError(sqlstate::kInsufficientPrivilege,
                     fmt::format("permission denied for column \"{}\" of relation \"{}\"",
                                 subject.name, subject.relation));
    }
  }
  uint32_t given = privileges & grantor.grantable;
  if (given == 0) {
    WarnNotAll(writer, spec, subject, true);
  } else if (given != privileges && spec.privileges != 0) {
    WarnNotAll(writer, spec, subject, false);
  }
  return given;
}

uint32_t PrivilegesOf(const GrantSpec& spec, std::string_view noun) {
  if (spec.privileges == 0) return AllPrivileges(spec.kind);
  uint32_t wrong = spec.privileges & ~AllPrivileges(spec.kind);
  if (wrong == 0) return spec.privileges;
  auto first = static_cast<Privilege>(wrong & (~wrong + 1));
  throw SqlError(
      sqlstate::kInvalidGrantOperation,
      fmt::format("invalid privilege type {} for {}", PrivilegeName(first), noun));
}

void ApplyTo(const CatalogWriter& writer, const GrantSpec& spec, Acl& acl, Oid owner,
             const Subject& subject) {
  uint32_t privileges = PrivilegesOf(spec, subject.noun);
  Grantor grantor =
      BestGrantor(writer.catalog(), acl, spec.kind, owner, writer.role(), privileges);
  uint32_t given = Restrict(writer, spec, acl, owner, privileges, grantor, subject);
  if (given != 0) ChangeAcl(spec, acl, owner, grantor.role, given);
}

// On a column: whoever may grant on the whole relation may on its columns.
template <typename Descriptor>
void ApplyToColumn(const CatalogWriter& writer, GrantSpec spec, const Descriptor& relation,
                   std::string_view name, Acl& column) {
  spec.kind = AclObject::kColumn;
  Acl both{false, EffectiveAcl(relation.acl, AclObject::kRelation, relation.owner)};
  both.items.insert(both.items.end(), column.items.begin(), column.items.end());
  uint32_t privileges = PrivilegesOf(spec, "column");
  Grantor grantor = BestGrantor(writer.catalog(), both, AclObject::kColumn, relation.owner,
                                writer.role(), privileges);
  uint32_t given = Restrict(writer, spec, both, relation.owner, privileges, grantor,
                            {"column", std::string(name), relation.name});
  if (given != 0) ChangeAcl(spec, column, relation.owner, grantor.role, given);
  if (column.items.empty()) column.is_default = true;
}

// REVOKE on a relation takes the same from its columns, the system's among them.
template <typename Descriptor>
void RevokeFromColumns(const CatalogWriter& writer, GrantSpec spec, Descriptor& descriptor) {
  if (spec.privileges != 0) {
    spec.privileges &= AllPrivileges(AclObject::kColumn);
    if (spec.privileges == 0) return;
  }
  if constexpr (std::is_same_v<Descriptor, TableDescriptor>) {
    for (std::string_view name : {"tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"}) {
      Acl none;
      ApplyToColumn(writer, spec, descriptor, name, none);
    }
  }
  for (ColumnDescriptor& column : descriptor.columns) {
    if (!column.dropped) ApplyToColumn(writer, spec, descriptor, column.name, column.acl);
  }
}

template <typename Descriptor>
void ApplyToRelation(CatalogWriter& writer, const GrantSpec& spec, Descriptor descriptor) {
  if (spec.object.sub_object != 0) {
    ColumnDescriptor& column = descriptor.columns[spec.object.sub_object - 1];
    ApplyToColumn(writer, spec, descriptor, column.name, column.acl);
  } else {
    ApplyTo(writer, spec, descriptor.acl, descriptor.owner, {"table", descriptor.name, {}});
    if (!spec.grant) RevokeFromColumns(writer, spec, descriptor);
  }
  writer.Put(std::move(descriptor));
}

template <typename Descriptor>
void ApplyToDescriptor(CatalogWriter& writer, const GrantSpec& spec, Descriptor descriptor,
                       std::string_view noun) {
  ApplyTo(writer, spec, descriptor.acl, descriptor.owner, {noun, descriptor.name, {}});
  writer.Put(std::move(descriptor));
}

void CheckIsTrusted(const LanguageInfo& language) {
  if (language.trusted) return;
  throw SqlError(sqlstate::kWrongObjectType,
                 fmt::format("language \"{}\" is not trusted", language.name))
      .Detail("GRANT and REVOKE are not allowed on untrusted languages, because only superusers "
              "can use untrusted languages.");
}

// Nobody asks who uses an operator, a cast or an aggregate.
void CheckIsAskedFor(const functions::ProcInfo& proc) {
  const functions::BuiltinProcs& builtin = functions::BuiltinProcs::Get();
  auto is_it = [&](const auto& user) { return user.function == proc.oid; };
  bool is_behind = std::any_of(builtin.operators().begin(), builtin.operators().end(), is_it) ||
                   std::any_of(builtin.casts().begin(), builtin.casts().end(), is_it);
  if (!is_behind && proc.kind == 'f') return;
  base::ThrowNotSupported(fmt::format(
      "changing privileges of {}, {},", proc.name,
      is_behind ? "which operators or casts use" : "a built-in aggregate or window function"));
}

}  // namespace

void ChangeAcl(const GrantSpec& spec, Acl& acl, Oid owner, Oid grantor, uint32_t privileges) {
  for (Oid grantee : spec.grantees) {
    AclItem item{grantee, grantor, privileges, spec.grant_option ? privileges : 0};
    if (!spec.grant) {
      Revoke(acl, spec.kind, owner, item, spec.grant_option, spec.cascade);
      continue;
    }
    if (grantee == kInvalidOid && spec.grant_option) {
      throw SqlError(sqlstate::kInvalidGrantOperation,
                     "grant options can only be granted to roles");
    }
    Grant(acl, spec.kind, owner, item);
  }
}

void ApplyGrant(CatalogWriter& writer, const GrantSpec& spec) {
  const Catalog& catalog = writer.catalog();
  const CatalogContents& contents = catalog.contents();
  Oid oid = spec.object.object;
  auto apply_without_descriptor = [&](std::string_view noun, std::string name, Acl acl) {
    ApplyTo(writer, spec, acl, kSuperuserRole, {noun, std::move(name), {}});
    writer.SetAcl(spec.object, std::move(acl));
  };
  auto apply = [&](const auto& descriptor, std::string_view noun) {
    ApplyToDescriptor(writer, spec, descriptor, noun);
  };
  if (spec.object.class_oid == classes::kDatabase) {
    std::string_view name = DatabaseName(oid, writer.environment().database_name);
    return apply_without_descriptor("database", std::string(name), DatabaseAcl(catalog, oid));
  }
  if (spec.object.class_oid == classes::kLanguage) {
    const LanguageInfo& language = *BuiltinObjects::Get().FindLanguage(oid);
    CheckIsTrusted(language);
    return apply_without_descriptor("language", language.name, catalog.FindAcl(spec.object));
  }
  if (spec.object.class_oid == classes::kNamespace) {
    if (const auto* found = contents.schemas.Get(oid)) return apply(*found, "schema");
  } else if (spec.object.class_oid == classes::kProc) {
    if (const auto* found = contents.functions.Get(oid)) {
      return apply(*found, found->kind == 'p' ? "procedure" : "function");
    }
    const functions::ProcInfo& proc = *catalog.FindProc(oid);
    CheckIsAskedFor(proc);
    return apply_without_descriptor("function", proc.name, FunctionAcl(catalog, oid));
  } else if (spec.object.class_oid == classes::kType) {
    if (const auto* found = contents.enums.Get(oid)) return apply(*found, "type");
    if (const auto* found = contents.domains.Get(oid)) return apply(*found, "type");
    if (const auto* found = contents.composites.Get(oid)) return apply(*found, "type");
  } else if (spec.object.class_oid == classes::kClass) {
    const Relation relation = *catalog.FindRelation(oid);
    bool is_table = relation.kind == 'r' && relation.table != nullptr;
    if (is_table) return ApplyToRelation(writer, spec, *relation.table);
    if (relation.view != nullptr) return ApplyToRelation(writer, spec, *relation.view);
    if (relation.sequence != nullptr) return apply(*relation.sequence, "sequence");
  }
  base::ThrowNotSupported(fmt::format(
      "changing privileges of {}", DescribeObject(catalog, writer.search_path(), spec.object)));
}

}  // namespace sundog::catalog::ddl
