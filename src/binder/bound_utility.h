// Utility statements after binding: what the session carries out itself, and DDL, which is handed
// on as its raw tree.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binder/bound_query.h"

struct Node;

namespace sundog::parser {
struct RawStatement;
}

namespace sundog::binder {

enum class UtilityKind : uint8_t {
  kSetConstraints,
  kExecute,
  kCopy,
  kExplain,
  kVacuum,
  kTruncate,
  kLock,
  kDo,
  kCall,
  kCheckpoint,
  kReindex,
  kCluster,
  kLoad,
  kCreateTableAs,
  kAwsIam,
  kDdl,
};

struct BoundUtility : BoundStatement {
  const UtilityKind utility;
  explicit BoundUtility(UtilityKind utility)
      : BoundStatement(StatementKind::kUtility), utility(utility) {}
};

struct BoundSetConstraints : BoundUtility {
  struct Name {
    std::string schema;  // empty: the search path decides
    std::string constraint;
  };
  bool all = false;
  std::vector<Name> constraints;
  bool deferred = false;
  BoundSetConstraints() : BoundUtility(UtilityKind::kSetConstraints) {}
};

struct BoundExecute : BoundUtility {
  std::string name;
  BoundExpressions arguments;  // coerced to the prepared statement's parameter types
  BoundExecute() : BoundUtility(UtilityKind::kExecute) {}
};

enum class CopyFormat : uint8_t { kText, kCsv, kBinary };
enum class CopyHeader : uint8_t { kNone, kPresent, kMatch };

struct CopyOptions {
  CopyFormat format = CopyFormat::kText;
  CopyHeader header = CopyHeader::kNone;
  bool freeze = false;
  std::string delimiter;  // "\t", "," for CSV
  std::string null_text;  // "\\N", "" for CSV
  std::string quote = "\"";
  std::string escape = "\"";
  bool force_quote_all = false;
  std::vector<size_t> force_quote;  // of the data's fields, from 0
  std::vector<size_t> force_not_null;
  std::vector<size_t> force_null;
  std::string encoding;
};

struct BoundCopy : BoundUtility {
  bool from = false;
  // A table and its columns (in the order of the data), …
  std::shared_ptr<const catalog::TableDescriptor> table;
  std::vector<int16_t> columns;
  // … or COPY (query) TO.
  BoundStatementPtr query;
  std::string file;  // empty: STDIN, STDOUT
  bool program = false;
  CopyOptions options;
  // COPY FROM: an INSERT without source: values by attnum - 1 are BoundColumns of its
  // source_relation where the data has the column (ordinal in `columns`), defaults elsewhere.
  std::unique_ptr<BoundInsert> insert;
  BoundExpressionPtr where;  // over insert->rules.relation
  BoundCopy() : BoundUtility(UtilityKind::kCopy) {}
};

enum class ExplainFormat : uint8_t { kText, kXml, kJson, kYaml };

struct BoundExplain : BoundUtility {
  BoundStatementPtr statement;
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool settings = false;
  bool buffers = false;
  bool wal = false;
  bool timing = true;
  bool summary = false;
  ExplainFormat format = ExplainFormat::kText;
  BoundExplain() : BoundUtility(UtilityKind::kExplain) {}
};

struct BoundVacuum : BoundUtility {
  struct Target {
    std::shared_ptr<const catalog::TableDescriptor> table;
    std::vector<int16_t> columns;
  };
  bool vacuum = false;
  bool analyze = false;
  bool verbose = false;
  bool full = false;
  std::vector<Target> targets;  // empty: all tables
  BoundVacuum() : BoundUtility(UtilityKind::kVacuum) {}
};

struct BoundTruncate : BoundUtility {
  std::vector<std::shared_ptr<const catalog::TableDescriptor>> tables;
  bool cascade = false;
  bool restart_identity = false;
  BoundTruncate() : BoundUtility(UtilityKind::kTruncate) {}
};

// Table lock modes, weakest first, as PostgreSQL numbers them.
enum class TableLockMode : uint8_t {
  kAccessShare = 1,
  kRowShare,
  kRowExclusive,
  kShareUpdateExclusive,
  kShare,
  kShareRowExclusive,
  kExclusive,
  kAccessExclusive,
};

struct BoundLock : BoundUtility {
  std::vector<std::shared_ptr<const catalog::TableDescriptor>> tables;
  TableLockMode mode = TableLockMode::kAccessExclusive;
  bool no_wait = false;
  BoundLock() : BoundUtility(UtilityKind::kLock) {}
};

struct BoundDo : BoundUtility {
  std::string language = "plpgsql";
  std::string body;
  BoundDo() : BoundUtility(UtilityKind::kDo) {}
};

struct BoundCall : BoundUtility {
  std::unique_ptr<BoundFunction> call;  // input and output arguments, as declared
  BoundCall() : BoundUtility(UtilityKind::kCall) {}
};

// CHECKPOINT, LOAD, and REINDEX and CLUSTER with the relation or index they name, if one.
struct BoundMaintenance : BoundUtility {
  types::Oid relation = types::kInvalidOid;
  std::string text;  // LOAD: the file
  explicit BoundMaintenance(UtilityKind kind) : BoundUtility(kind) {}
};

// CREATE TABLE … AS, SELECT INTO: the query is bound; the rest of the statement is DDL's.
struct BoundCreateTableAs : BoundUtility {
  const ::Node* tree = nullptr;  // CreateTableAsStmt or SelectStmt, of the statement's Script
  BoundStatementPtr query;
  bool with_data = true;
  bool if_not_exists = false;
  bool is_select_into = false;
  // The table to be made.
  std::string schema;  // empty: the search path's
  std::string table;
  std::vector<std::string> column_names;  // given; may be fewer than the query's
  char persistence = 'p';
  char on_commit = 'p';
  BoundCreateTableAs() : BoundUtility(UtilityKind::kCreateTableAs) {}
};

struct BoundAwsIam : BoundUtility {
  bool grant = true;
  std::string role;
  std::string arn;
  BoundAwsIam() : BoundUtility(UtilityKind::kAwsIam) {}
};

// DDL: the raw tree, valid as long as the statement's Script.
struct BoundDdl : BoundUtility {
  const ::Node* tree = nullptr;
  const parser::RawStatement* statement = nullptr;
  BoundDdl() : BoundUtility(UtilityKind::kDdl) {}
};

}  // namespace sundog::binder
