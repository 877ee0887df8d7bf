// The descriptors of all catalog objects: plain values, immutable once in a Catalog snapshot. How
// they are stored is told in catalog/descriptor_format.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/object_address.h"
#include "catalog/table_descriptor.h"

namespace sundog::catalog {

struct SchemaDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  Oid owner = kInvalidOid;
  Acl acl;
};

struct ViewDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  Oid row_type = kInvalidOid;
  Oid row_array_type = kInvalidOid;
  Oid rule = kInvalidOid;  // of its pg_rewrite row
  char persistence = 'p';
  std::vector<ColumnDescriptor> columns;
  // A SELECT with every name qualified as needed, as pg_get_viewdef prints it, without semicolon.
  StoredExpression definition;
  // "security_barrier=true", "check_option=local", …
  std::vector<std::string> options;
  Acl acl;
};

struct SequenceDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  char persistence = 'p';
  Oid type = types::oids::kInt8;  // int2, int4 or int8
  int64_t start = 1;
  int64_t increment = 1;
  int64_t min_value = 1;
  int64_t max_value = INT64_MAX;
  int64_t cache = 1;
  bool cycle = false;
  // OWNED BY, SERIAL and IDENTITY: the column it goes with.
  Oid owner_table = kInvalidOid;
  int16_t owner_column = 0;
  bool identity = false;  // the sequence of an IDENTITY column
  // Where its value lies; a new one with each RESTART, so that RESTART rolls back.
  uint32_t storage_id = 0;
  Acl acl;
};

struct EnumLabelDescriptor {
  Oid oid = kInvalidOid;
  float sort_order = 0;
  std::string label;
};

struct EnumDescriptor {
  Oid oid = kInvalidOid;
  Oid array_type = kInvalidOid;
  std::string name;
  std::string array_name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  std::vector<EnumLabelDescriptor> labels;  // by sort_order
  Acl acl;
};

struct DomainConstraintDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  bool validated = true;
  StoredExpression check;  // the value is called VALUE
};

struct DomainDescriptor {
  Oid oid = kInvalidOid;
  Oid array_type = kInvalidOid;
  std::string name;
  std::string array_name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  SqlType base;
  int16_t dimensions = 0;
  Oid collation = kInvalidOid;
  bool not_null = false;
  std::optional<StoredExpression> default_value;
  std::vector<DomainConstraintDescriptor> constraints;
  Acl acl;
};

struct CompositeDescriptor {
  Oid oid = kInvalidOid;  // the type's
  Oid relation = kInvalidOid;
  Oid array_type = kInvalidOid;
  std::string name;
  std::string array_name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  std::vector<ColumnDescriptor> columns;
  Acl acl;
};

struct FunctionArgument {
  std::string name;
  Oid type = kInvalidOid;
  char mode = 'i';  // i in, o out, b inout, v variadic, t table column
  std::optional<StoredExpression> default_value;
};

struct FunctionDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  char kind = 'f';  // f function, p procedure
  std::string language;
  std::string source;
  std::vector<FunctionArgument> arguments;
  Oid result_type = kInvalidOid;
  bool returns_set = false;
  bool strict = false;
  char volatility = 'v';
  char parallel = 'u';
  bool security_definer = false;
  bool leakproof = false;
  double cost = 100;
  double rows = 0;
  std::vector<std::string> settings;  // SET x = y: "x=y"
  // LANGUAGE sql without quotes: RETURN expression, or BEGIN ATOMIC … END, which has a statement an
  // element. Arguments in them are $1, $2, …
  std::optional<StoredExpression> return_value;
  bool is_atomic = false;
  std::vector<StoredExpression> atomic_body;
  Acl acl;
};

struct RoleMembership {
  Oid role = kInvalidOid;
  Oid grantor = kInvalidOid;
  bool admin_option = false;
};

// Of AWS IAM GRANT: who logs in as the role with a token.
struct IamTrust {
  Oid oid = kInvalidOid;
  std::string arn;  // arn:aws:iam::ACCOUNT:role/NAME or …:user/NAME
  Oid grantor = kInvalidOid;
};

struct RoleDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  bool superuser = false;
  bool inherit = true;
  bool create_role = false;
  bool create_database = false;
  bool login = false;
  bool replication = false;
  bool bypass_row_security = false;
  int32_t connection_limit = -1;
  std::string password;     // a SCRAM-SHA-256 verifier; empty: none
  std::string valid_until;  // timestamptz as text; empty: for ever
  std::vector<RoleMembership> member_of;
  std::vector<IamTrust> iam_trusts;
};

// ALTER DEFAULT PRIVILEGES: what the objects of a kind get that `role` makes.
struct DefaultAclDescriptor {
  Oid oid = kInvalidOid;
  Oid role = kInvalidOid;
  Oid schema = kInvalidOid;  // there in addition; kInvalidOid: everywhere, instead of the default
  char object = '\0';        // as pg_default_acl's defaclobjtype
  Acl acl;
};

// Whose settings ALTER ROLE … [IN DATABASE …] SET and ALTER DATABASE … SET keep; kInvalidOid: all.
struct SettingsOwner {
  Oid database = kInvalidOid;
  Oid role = kInvalidOid;

  friend auto operator<=>(const SettingsOwner&, const SettingsOwner&) = default;
};
struct SettingsDescriptor {
  std::vector<std::string> values;  // "x=y"
};

struct ExtensionDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  std::string version;
  bool relocatable = false;
};

}  // namespace sundog::catalog
