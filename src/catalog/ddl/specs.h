// What DDL statements ask for, after names, types and expressions are resolved. Names of new
// objects may be empty: PostgreSQL's generated name is chosen. In expressions, OID 0 is the table
// itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/descriptors.h"

namespace sundog::catalog::ddl {

struct SequenceSpec {
  std::string name;
  Oid schema = kInvalidOid;
  char persistence = 'p';
  Oid type = types::oids::kInt8;
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
  std::optional<int64_t> min_value;  // with `no_min`: NO MINVALUE
  std::optional<int64_t> max_value;
  bool no_min = false;
  bool no_max = false;
  std::optional<int64_t> cache;
  std::optional<bool> cycle;
  // ALTER SEQUENCE RESTART [WITH n].
  bool restart = false;
  std::optional<int64_t> restart_with;
  bool type_given = false;
  // OWNED BY: nullopt not mentioned; table 0: NONE.
  struct Owner {
    Oid table = kInvalidOid;
    int16_t column = 0;
  };
  std::optional<Owner> owned_by;
};

struct ColumnSpec {
  std::string name;
  SqlType type;
  int16_t dimensions = 0;
  Oid collation = kInvalidOid;
  bool not_null = false;
  char identity = '\0';   // 'a', 'd'
  char generated = '\0';  // 's'
  std::optional<StoredExpression> default_value;
  // SERIAL and IDENTITY: made along, owned by the column; of SERIAL it becomes the default.
  std::optional<SequenceSpec> sequence;
  int location = -1;
};

struct CheckSpec {
  std::string name;
  StoredExpression check;
  std::vector<std::string> columns;  // that it mentions, for its name
  bool no_inherit = false;
  bool validated = true;
};

struct KeySpec {  // PRIMARY KEY, UNIQUE
  std::string name;
  bool primary = false;
  std::vector<std::string> columns;
  std::vector<std::string> included;
  bool nulls_not_distinct = false;
  bool deferrable = false;
  bool initially_deferred = false;
  std::vector<std::string> options;
  // ADD CONSTRAINT … USING INDEX: this one instead of a new one.
  Oid existing_index = kInvalidOid;
  int location = -1;
};

struct ForeignKeySpec {
  std::string name;
  std::vector<std::string> columns;
  Oid referenced_table = kInvalidOid;  // kInvalidOid: the table itself
  std::vector<std::string> referenced_columns;  // empty: its primary key
  MatchKind match = MatchKind::kSimple;
  ReferentialAction on_delete = ReferentialAction::kNoAction;
  ReferentialAction on_update = ReferentialAction::kNoAction;
  std::vector<std::string> delete_set_columns;
  bool deferrable = false;
  bool initially_deferred = false;
  bool validated = true;
  int location = -1;
};

struct TableSpec {
  std::string name;
  Oid schema = kInvalidOid;
  bool if_not_exists = false;
  char persistence = 'p';
  char on_commit = 'p';
  std::vector<ColumnSpec> columns;
  std::vector<CheckSpec> checks;
  std::vector<KeySpec> keys;
  std::vector<ForeignKeySpec> foreign_keys;
  std::vector<std::string> options;
};

struct IndexKeySpec {
  std::string column;  // empty: the expression
  StoredExpression expression;
  SqlType type;           // of the expression
  std::string name_part;  // what the expression adds to the index's name: "lower", "expr"
  Oid collation = kInvalidOid;  // kInvalidOid: the column's
  Oid opclass = kInvalidOid;    // kInvalidOid: the type's default
  bool ordered = false;  // ASC or DESC was said
  bool descending = false;
  std::optional<bool> nulls_first;
};

struct IndexSpec {
  std::string name;
  Oid table = kInvalidOid;
  bool if_not_exists = false;
  Oid access_method = kBtreeAccessMethod;
  bool unique = false;
  bool nulls_not_distinct = false;
  std::vector<IndexKeySpec> keys;
  std::vector<std::string> included;
  std::optional<StoredExpression> predicate;
  std::vector<std::string> options;
  IndexState state = IndexState::kReady;
};

struct ViewColumnSpec {
  std::string name;
  SqlType type;
  Oid collation = kInvalidOid;
};

struct ViewSpec {
  std::string name;
  Oid schema = kInvalidOid;
  bool replace = false;
  char persistence = 'p';
  std::vector<ViewColumnSpec> columns;
  StoredExpression definition;
  std::vector<std::string> options;
};

struct EnumSpec {
  std::string name;
  Oid schema = kInvalidOid;
  std::vector<std::string> labels;
};

struct DomainSpec {
  std::string name;
  Oid schema = kInvalidOid;
  SqlType base;
  int16_t dimensions = 0;
  Oid collation = kInvalidOid;
  bool not_null = false;
  std::optional<StoredExpression> default_value;
  std::vector<CheckSpec> checks;
};

struct CompositeSpec {
  std::string name;
  Oid schema = kInvalidOid;
  std::vector<ColumnSpec> columns;
};

struct FunctionSpec {
  FunctionDescriptor descriptor;  // without OID and owner
  bool replace = false;
};

}  // namespace sundog::catalog::ddl
