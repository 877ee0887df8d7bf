// System tables: relations of pg_catalog and information_schema whose rows are computed from the
// catalog snapshot and the session.
//
// To add one, or fill one that is still empty, write a file in catalog/system/ with a table of
// column getters over a row struct (catalog/system/rows.h) and list it in system/registry.cc. Names
// and types of columns are PostgreSQL's, from builtin/columns.tsv.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/object_address.h"
#include "types/type_info.h"

namespace sundog::base {
class Tsv;
}
namespace sundog::types {
class Vector;
}

namespace sundog::functions {
class StatementServices;
}

namespace sundog::catalog {

class Catalog;

namespace system {
struct TableDefinition;
using TableDefinitions = std::map<std::pair<Oid, std::string_view>, const TableDefinition*>;
}  // namespace system

struct VirtualColumn {
  int16_t attnum = 0;
  std::string name;
  SqlType type;
  bool not_null = false;
  int16_t dimensions = 0;
  Oid collation = kInvalidOid;
};

// What rows are computed from. Everything outlives the scan.
struct VirtualContext {
  const Catalog* catalog = nullptr;
  functions::StatementServices* services = nullptr;
  types::IoContext io;
};

// A running scan: yields rows until Next returns 0.
class VirtualScan {
 public:
  virtual ~VirtualScan() = default;
  // Fills up to `capacity` rows; columns[i] belongs to the i-th wanted column and is Reset here.
  virtual size_t Next(std::span<types::Vector* const> columns, size_t capacity) = 0;
};

class VirtualTable {
 public:
  virtual ~VirtualTable() = default;

  Oid oid() const { return oid_; }
  Oid schema() const { return schema_; }
  const std::string& name() const { return name_; }
  char kind() const { return kind_; }  // as pg_class.relkind: r or v
  Oid row_type() const { return row_type_; }
  Oid row_array_type() const { return row_array_type_; }
  const std::string& row_array_name() const { return row_array_name_; }
  bool shared() const { return shared_; }
  std::span<const VirtualColumn> columns() const { return columns_; }
  const VirtualColumn* FindColumn(std::string_view column) const;

  // `wanted`: ordinals (attnum - 1) of the columns to compute.
  virtual std::unique_ptr<VirtualScan> Open(const VirtualContext& context,
                                            std::span<const int> wanted) const = 0;

 protected:
  friend class SystemTables;
  Oid oid_ = kInvalidOid;
  Oid schema_ = kInvalidOid;
  std::string name_;
  char kind_ = 'r';
  Oid row_type_ = kInvalidOid;
  Oid row_array_type_ = kInvalidOid;
  std::string row_array_name_;
  bool shared_ = false;
  std::vector<VirtualColumn> columns_;
};

// All system tables of PostgreSQL 15, and those of schema sys. Live for ever; safe from all
// threads.
class SystemTables {
 public:
  static const SystemTables& Get();
  const VirtualTable* Find(Oid oid) const;
  const VirtualTable* Find(Oid schema, std::string_view name) const;
  std::span<const VirtualTable* const> all() const { return all_; }  // by OID
  // Without those of schema sys.
  std::span<const VirtualTable* const> listed() const { return all().first(listed_count_); }

 private:
  SystemTables();
  void Load(const base::Tsv& relations, const base::Tsv& columns,
            system::TableDefinitions& definitions);
  std::vector<std::unique_ptr<VirtualTable>> owned_;
  std::vector<const VirtualTable*> all_;
  size_t listed_count_ = 0;
};

}  // namespace sundog::catalog
