// CREATE and ALTER of schemas, views, types, functions, roles, extensions, and COMMENT.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/catalog_writer.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

// --- schemas --- kInvalidOid if IF NOT EXISTS found one.
Oid CreateSchema(CatalogWriter& writer, std::string_view name, Oid owner, bool if_not_exists);

// --- views --- CREATE [OR REPLACE] VIEW; a replaced view keeps its columns and may get more.
Oid CreateView(CatalogWriter& writer, const ViewSpec& spec);

// --- types ---
Oid CreateEnum(CatalogWriter& writer, const EnumSpec& spec);
struct EnumNeighbour {
  std::string label;
  bool after = true;  // else BEFORE
};
void AddEnumLabel(CatalogWriter& writer, Oid type, std::string_view label,
                  const std::optional<EnumNeighbour>& neighbour, bool if_not_exists);
void RenameEnumLabel(CatalogWriter& writer, Oid type, std::string_view from, std::string_view to);
Oid CreateDomain(CatalogWriter& writer, const DomainSpec& spec);
Oid AddDomainCheck(CatalogWriter& writer, Oid domain, const CheckSpec& spec);
Oid CreateComposite(CatalogWriter& writer, const CompositeSpec& spec);

// --- functions --- CREATE [OR REPLACE] FUNCTION and PROCEDURE.
Oid CreateFunction(CatalogWriter& writer, const FunctionSpec& spec);

// --- roles ---
Oid CreateRole(CatalogWriter& writer, RoleDescriptor role);
// 2BP01 with what it owns.
void DropRole(CatalogWriter& writer, Oid role);
void GrantRole(CatalogWriter& writer, Oid role, Oid member, bool admin_option);
void RevokeRole(CatalogWriter& writer, Oid role, Oid member, bool admin_option_only);

// AWS IAM GRANT role TO 'arn', AWS IAM REVOKE role FROM 'arn'.
void GrantIamTrust(CatalogWriter& writer, std::string_view role, std::string_view arn);
void RevokeIamTrust(CatalogWriter& writer, std::string_view role, std::string_view arn);

// --- extensions ---
Oid CreateExtension(CatalogWriter& writer, std::string_view name, Oid schema, bool if_not_exists);

}  // namespace sundog::catalog::ddl
