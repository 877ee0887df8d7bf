// How catalog objects are named in dependencies, comments and privileges: by the OID of the
// pg_catalog table that shows them, their own OID and, for columns, the column's number.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "types/sql_type.h"

namespace sundog::catalog {

using types::kInvalidOid;
using types::Oid;
using types::SqlType;

// OIDs of the pg_catalog tables that hold each class of object.
namespace classes {
inline constexpr Oid kDefaultAcl = 826;
inline constexpr Oid kType = 1247;
inline constexpr Oid kAttribute = 1249;
inline constexpr Oid kProc = 1255;
inline constexpr Oid kClass = 1259;
inline constexpr Oid kAuthid = 1260;
inline constexpr Oid kDatabase = 1262;
inline constexpr Oid kAttrdef = 2604;
inline constexpr Oid kConstraint = 2606;
inline constexpr Oid kCast = 2605;
inline constexpr Oid kLanguage = 2612;
inline constexpr Oid kNamespace = 2615;
inline constexpr Oid kOpclass = 2616;
inline constexpr Oid kOperator = 2617;
inline constexpr Oid kRewrite = 2618;
inline constexpr Oid kOpfamily = 2753;
inline constexpr Oid kExtension = 3079;
inline constexpr Oid kPolicy = 3256;
inline constexpr Oid kCollation = 3456;
inline constexpr Oid kTsDict = 3600;
inline constexpr Oid kTsConfig = 3602;
}  // namespace classes

// OIDs of built-in objects that code refers to.
inline constexpr Oid kPgCatalogSchema = 11;
inline constexpr Oid kPublicSchema = 2200;
inline constexpr Oid kSuperuserRole = 10;
inline constexpr Oid kDatabaseOwnerRole = 6171;
inline constexpr Oid kTemplate1Database = 1;
inline constexpr Oid kTemplate0Database = 4;
inline constexpr Oid kPostgresDatabase = 5;  // every tenant's own
inline constexpr Oid kPlpgsqlExtension = 13559;
inline constexpr Oid kPlpgsqlLanguage = 13563;
inline constexpr Oid kDefaultCollation = 100;
inline constexpr Oid kCCollation = 950;
inline constexpr Oid kHeapAccessMethod = 2;
inline constexpr Oid kBtreeAccessMethod = 403;
inline constexpr Oid kHashAccessMethod = 405;

struct ObjectAddress {
  Oid class_oid = kInvalidOid;
  Oid object = kInvalidOid;
  int32_t sub_object = 0;  // a column's attnum; 0: the whole object

  friend auto operator<=>(const ObjectAddress&, const ObjectAddress&) = default;
};

// As pg_depend's deptype.
enum class DependencyKind : char {
  kNormal = 'n',     // Dropping the referenced object needs CASCADE.
  kAuto = 'a',       // The dependent one goes along silently.
  kInternal = 'i',   // A part of the referenced object: cannot be dropped by itself.
  kExtension = 'e',  // A member of an extension.
};

struct Dependency {
  ObjectAddress dependent;
  ObjectAddress referenced;
  DependencyKind kind = DependencyKind::kNormal;
};

// An expression kept in the catalog: SQL as pg_get_expr prints it, with marks for names
// (catalog/stored_sql.h), and what it refers to (columns and relations as class kClass, functions,
// types, sequences). While its table is being created, OID 0 stands for that table.
struct StoredExpression {
  std::string sql;
  std::vector<ObjectAddress> references;
};

// Privilege bits, and the letters of aclitem.
enum Privilege : uint32_t {
  kInsert = 1u << 0,      // a
  kSelect = 1u << 1,      // r
  kUpdate = 1u << 2,      // w
  kDelete = 1u << 3,      // d
  kTruncate = 1u << 4,    // D
  kReferences = 1u << 5,  // x
  kTrigger = 1u << 6,     // t
  kExecute = 1u << 7,     // X
  kUsage = 1u << 8,       // U
  kCreate = 1u << 9,      // C
  kTemporary = 1u << 10,  // T
  kConnect = 1u << 11,    // c
};

struct AclItem {
  Oid grantee = kInvalidOid;  // kInvalidOid: PUBLIC
  Oid grantor = kInvalidOid;
  uint32_t privileges = 0;
  uint32_t grantable = 0;  // the subset held WITH GRANT OPTION

  friend bool operator==(const AclItem&, const AclItem&) = default;
};

// `is_default`: as created, shown as null; `items` is then empty.
struct Acl {
  bool is_default = true;
  std::vector<AclItem> items;
};

}  // namespace sundog::catalog
