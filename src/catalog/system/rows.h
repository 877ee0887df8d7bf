// How a system table is written: rows of some struct, and a getter for each column.
//
//   struct Row { const Relation* relation; };
//   void List(const VirtualContext& context, std::vector<Row>& rows) { … }
//   constexpr ColumnGetter<Row> kColumns[] = {
//       {"oid", [](const Row& row, Cell& cell) { cell.Oid(row.relation->oid); }},
//       …
//   };
//   std::unique_ptr<VirtualTable> PgFoo() { return MakeTable<Row>(List, kColumns); }
//
// Only the getters of columns that a query wants are run. A column without getter is null, or zero
// where PostgreSQL says NOT NULL.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "catalog/catalog.h"
#include "catalog/statement_services.h"
#include "catalog/virtual_table.h"
#include "types/vector.h"

namespace sundog::catalog::system {

// Where a getter puts its value. A setter of the wrong kind for the column is our bug (CHECK).
class Cell {
 public:
  Cell(types::Vector& vector, size_t row, const VirtualContext& context)
      : vector_(&vector), row_(row), context_(&context) {}

  const VirtualContext& context() const { return *context_; }
  const Catalog& catalog() const { return *context_->catalog; }
  functions::StatementServices& services() const { return *context_->services; }

  void Null() { vector_->SetNull(row_); }
  void Bool(bool value) { vector_->Data<bool>()[row_] = value; }
  void Char(char value) { vector_->Data<char>()[row_] = value; }
  void Int2(int16_t value) { vector_->Data<int16_t>()[row_] = value; }
  void Int4(int32_t value) { vector_->Data<int32_t>()[row_] = value; }
  void Int8(int64_t value) { vector_->Data<int64_t>()[row_] = value; }
  void Float4(float value) { vector_->Data<float>()[row_] = value; }
  void Float8(double value) { vector_->Data<double>()[row_] = value; }
  void Oid(types::Oid value) { vector_->Data<uint32_t>()[row_] = value; }  // xid and reg* too
  // text, name, varchar and domains over them; pg_node_tree
  void Text(std::string_view value) {
    vector_->Data<std::string_view>()[row_] = vector_->CopyBytes(value);
  }
  // Null for the empty string.
  void TextOrNull(std::string_view value) { value.empty() ? Null() : Text(value); }
  void OptionalText(const std::optional<std::string>& value) { value ? Text(*value) : Null(); }
  void YesNo(bool value) { Text(value ? "YES" : "NO"); }
  void TimestampTz(int64_t value_us) { Int8(value_us); }
  void TimestampTzOrNull(std::optional<int64_t> value) { value ? Int8(*value) : Null(); }
  // int2vector and oidvector.
  void Int2Vector(std::span<const int16_t> values);
  void OidVector(std::span<const types::Oid> values);
  // Arrays.
  void Int2Array(std::span<const int16_t> values);
  void OidArray(std::span<const types::Oid> values) { OidArrayOf(types::oids::kOid, values); }
  void OidArrayOf(types::Oid element, std::span<const types::Oid> values);
  void CharArray(std::span<const char> values);
  void TextArray(std::span<const std::string> values) { TextArrayOf(types::oids::kText, values); }
  void NameArray(std::span<const std::string> values) { TextArrayOf(types::oids::kName, values); }
  void TextArrayOf(types::Oid element, std::span<const std::string> values);
  // aclitem[]; null for a default list.
  void AclOrNull(const Acl& acl);
  // Any type, from its text form.
  void Parsed(SqlType type, std::string_view text);
  // Zero of whatever the kind is; the empty string.
  void Zero();

 private:
  types::Vector* vector_;
  size_t row_;
  const VirtualContext* context_;
};

template <typename Row>
struct ColumnGetter {
  std::string_view name;
  void (*set)(const Row& row, Cell& cell);
};

template <typename Row>
using RowList = void (*)(const VirtualContext& context, std::vector<Row>& rows);

// A system table that the registry completes with PostgreSQL's columns.
class DefinedTable : public VirtualTable {
 public:
  // Called once, when the columns are known.
  virtual void BindColumns() = 0;
};

template <typename Row>
class RowTable final : public DefinedTable {
 public:
  RowTable(RowList<Row> list, std::span<const ColumnGetter<Row>> getters)
      : list_(list), getters_(getters) {}

  void BindColumns() override {
    by_ordinal_.resize(columns().size());
    for (const ColumnGetter<Row>& getter : getters_) {
      const VirtualColumn* column = FindColumn(getter.name);
      if (column == nullptr) {
        base::CheckFailed(__FILE__, __LINE__, "a getter's column exists",
                          name() + "." + std::string(getter.name));
      }
      by_ordinal_[column->attnum - 1] = getter.set;
    }
  }

  std::unique_ptr<VirtualScan> Open(const VirtualContext& context,
                                    std::span<const int> wanted) const override {
    return std::make_unique<Scan>(*this, context, wanted);
  }

 private:
  using Setter = void (*)(const Row& row, Cell& cell);

  class Scan final : public VirtualScan {
   public:
    Scan(const RowTable& table, const VirtualContext& context, std::span<const int> wanted)
        : context_(context) {
      for (int ordinal : wanted) {
        setters_.push_back(table.by_ordinal_[ordinal]);
        zero_.push_back(table.columns()[ordinal].not_null);
      }
      table.list_(context_, rows_);
    }

    size_t Next(std::span<types::Vector* const> columns, size_t capacity) override {
      size_t count = std::min(capacity, rows_.size() - next_);
      for (size_t i = 0; i < setters_.size(); ++i) {
        columns[i]->Reset();
        for (size_t row = 0; row < count; ++row) {
          Cell cell(*columns[i], row, context_);
          if (setters_[i] != nullptr) {
            setters_[i](rows_[next_ + row], cell);
          } else if (zero_[i]) {
            cell.Zero();
          } else {
            cell.Null();
          }
        }
      }
      next_ += count;
      return count;
    }

   private:
    VirtualContext context_;
    std::vector<Setter> setters_;
    std::vector<bool> zero_;
    std::vector<Row> rows_;
    size_t next_ = 0;
  };

  RowList<Row> list_;
  std::span<const ColumnGetter<Row>> getters_;
  std::vector<Setter> by_ordinal_;
};

template <typename Row, size_t kCount>
std::unique_ptr<DefinedTable> MakeTable(RowList<Row> list,
                                        const ColumnGetter<Row> (&getters)[kCount]) {
  return std::make_unique<RowTable<Row>>(list, std::span<const ColumnGetter<Row>>(getters));
}

struct TableDefinition {
  Oid schema;
  std::string_view name;
  std::unique_ptr<DefinedTable> (*make)();
};

// The tables that have rows; each function is one file's list.
std::span<const TableDefinition> ClassTables();
std::span<const TableDefinition> TypeTables();
std::span<const TableDefinition> FunctionTables();
std::span<const TableDefinition> ConstraintTables();
std::span<const TableDefinition> IndexingTables();
std::span<const TableDefinition> DependencyTables();
std::span<const TableDefinition> RoleTables();
std::span<const TableDefinition> PolicyTables();
std::span<const TableDefinition> ListingViews();
std::span<const TableDefinition> SessionViews();
std::span<const TableDefinition> StatisticsViews();
std::span<const TableDefinition> SysViews();

}  // namespace sundog::catalog::system
