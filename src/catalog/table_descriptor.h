// What the catalog keeps of a table: its columns, indexes and constraints, and where its rows lie.
//
// Invariants:
//  1. columns[i].attnum == i + 1; a dropped column stays, flagged, as PostgreSQL's attributes do.
//  2. An index number is never used twice for different definitions under one storage_id.
//  3. Whatever changes how stored rows read (a rewrite, TRUNCATE) changes storage_id.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/object_address.h"

namespace sundog::catalog {

struct ColumnDescriptor {
  int16_t attnum = 0;
  std::string name;
  SqlType type;
  int16_t dimensions = 0;        // as declared, for display only
  Oid collation = kInvalidOid;   // kInvalidOid: not a collatable type
  bool not_null = false;         // of a primary key's columns too
  bool dropped = false;
  char identity = '\0';          // 'a' ALWAYS, 'd' BY DEFAULT
  char generated = '\0';         // 's' STORED: default_value is the generation expression
  std::optional<StoredExpression> default_value;
  Oid default_oid = kInvalidOid;  // of its pg_attrdef row
  // ADD COLUMN … DEFAULT rewrites nothing: rows written before lack the column and read as this.
  // The bytes of the physical element (types::PhysicalWidth of them), or of a varlen value.
  // Without it they read as null.
  std::optional<std::string> missing_value;
  Acl acl;
};

enum class IndexState : uint8_t {
  kReady,     // Written and read.
  kBuilding,  // Written, not yet read: the backfill is under way.
  kInvalid,   // Its build has not begun, or failed: neither written nor read.
};

struct IndexKey {
  int16_t attnum = 0;  // 0: an expression
  StoredExpression expression;
  SqlType type;  // of the column or expression
  Oid collation = kInvalidOid;
  Oid opclass = kInvalidOid;
  bool descending = false;
  bool nulls_first = false;
};

struct IndexDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  // The index part of its keys. kRowIndexNumber: this index is the row storage itself.
  uint32_t number = 0;
  Oid access_method = kBtreeAccessMethod;  // as declared; every index is stored ordered
  bool unique = false;
  bool primary = false;
  bool nulls_not_distinct = false;
  IndexState state = IndexState::kReady;
  std::vector<IndexKey> keys;
  std::vector<int16_t> included;  // INCLUDE (…)
  std::optional<StoredExpression> predicate;
  Oid constraint = kInvalidOid;  // the constraint it was made for
  std::vector<std::string> options;
};

// The index number under which the rows themselves lie, by row key.
inline constexpr uint32_t kRowIndexNumber = 1;

enum class ConstraintKind : char {
  kCheck = 'c',
  kForeignKey = 'f',
  kPrimaryKey = 'p',
  kUnique = 'u',
};

// As pg_constraint's confdeltype and confupdtype.
enum class ReferentialAction : char {
  kNoAction = 'a',
  kRestrict = 'r',
  kCascade = 'c',
  kSetNull = 'n',
  kSetDefault = 'd',
};

enum class MatchKind : char { kSimple = 's', kFull = 'f', kPartial = 'p' };

struct ConstraintDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  ConstraintKind kind = ConstraintKind::kCheck;
  std::vector<int16_t> columns;  // of this table; of a check: those it mentions, ascending
  bool deferrable = false;
  bool initially_deferred = false;
  bool validated = true;  // false: NOT VALID
  bool no_inherit = false;
  StoredExpression check;
  // Of a primary key or unique constraint its own; of a foreign key that of the referenced table.
  Oid index = kInvalidOid;
  // Foreign keys:
  Oid referenced_table = kInvalidOid;
  std::vector<int16_t> referenced_columns;
  MatchKind match = MatchKind::kSimple;
  ReferentialAction on_delete = ReferentialAction::kNoAction;
  ReferentialAction on_update = ReferentialAction::kNoAction;
  std::vector<int16_t> delete_set_columns;  // SET NULL (a, b): those; empty: all
};

// CREATE POLICY: which rows a role sees and may write.
struct PolicyDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  char command = '*';      // as pg_policy's polcmd: r, a, w, d, * for all
  bool permissive = true;
  std::vector<Oid> roles;  // kInvalidOid: PUBLIC
  std::optional<StoredExpression> visible;   // USING
  std::optional<StoredExpression> writable;  // WITH CHECK
};

struct TableDescriptor {
  Oid oid = kInvalidOid;
  std::string name;
  Oid schema = kInvalidOid;
  Oid owner = kInvalidOid;
  Oid row_type = kInvalidOid;
  Oid row_array_type = kInvalidOid;
  char persistence = 'p';  // 'p' permanent, 'u' unlogged, 't' temporary
  char on_commit = 'p';    // of a temporary table: 'p' preserve, 'd' delete rows, 'D' drop
  std::vector<ColumnDescriptor> columns;
  std::vector<IndexDescriptor> indexes;  // by OID
  std::vector<ConstraintDescriptor> constraints;
  // The table part of its keys.
  uint32_t storage_id = 0;
  // The index (primary, number kRowIndexNumber) whose columns are the row key; kInvalidOid: rows
  // have a hidden row id of 8 bytes.
  Oid row_key_index = kInvalidOid;
  uint32_t next_index_number = kRowIndexNumber + 1;
  bool row_security = false;
  bool force_row_security = false;
  std::vector<PolicyDescriptor> policies;  // by OID; they count only with row_security
  std::vector<std::string> options;
  Acl acl;

  bool has_hidden_row_id() const { return row_key_index == kInvalidOid; }
  // Null for attnums of no column; also gives dropped ones.
  const ColumnDescriptor* FindColumn(int16_t attnum) const;
  // Null if there is none of that name; never a dropped one.
  const ColumnDescriptor* FindColumn(std::string_view column) const;
  const IndexDescriptor* FindIndex(Oid index) const;
  const IndexDescriptor* PrimaryKey() const;
  const ConstraintDescriptor* FindConstraint(Oid constraint) const;
  const ConstraintDescriptor* FindConstraint(std::string_view constraint) const;
  const PolicyDescriptor* FindPolicy(std::string_view policy) const;
  std::vector<int16_t> LiveAttnums() const;
};

}  // namespace sundog::catalog
