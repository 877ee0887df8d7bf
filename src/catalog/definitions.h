// The SQL that makes an object, as pg_get_constraintdef, pg_get_indexdef and their kin print it.
#pragma once

#include <string>

#include "catalog/catalog.h"
#include "catalog/names.h"

namespace sundog::functions {
class StatementServices;
}

namespace sundog::catalog {

// What printing needs: the catalog, the reader's search path, and (for pretty expressions) the
// session's deparser.
class DefinitionPrinter {
 public:
  explicit DefinitionPrinter(functions::StatementServices& services);

  // "CHECK ((a > 0))", "PRIMARY KEY (id)", "FOREIGN KEY (a) REFERENCES t(b) ON DELETE CASCADE".
  std::string Constraint(const ConstraintPlace& place, bool pretty) const;
  // "CREATE UNIQUE INDEX t_a_key ON public.t USING btree (a)".
  std::string Index(const TableDescriptor& table, const IndexDescriptor& index, bool pretty) const;
  // One column of it, from 1: "a", "lower(b)". Empty beyond the last.
  std::string IndexColumn(const TableDescriptor& table, const IndexDescriptor& index, int column,
                          bool pretty) const;
  // A stored expression of a relation; `pretty` without needless parentheses.
  std::string Expression(std::string_view sql, Oid relation, bool pretty) const;
  // CREATE OR REPLACE FUNCTION …, with its body.
  std::string Function(const functions::ProcInfo& proc, const FunctionDescriptor* function) const;
  // "a integer, b integer DEFAULT 5"; `identity`: without defaults and table columns.
  std::string FunctionArguments(const functions::ProcInfo& proc, bool identity) const;
  std::string FunctionResult(const functions::ProcInfo& proc) const;

 private:
  std::string ColumnList(const TableDescriptor& table, std::span<const int16_t> attnums) const;
  std::string ForeignKey(const TableDescriptor& table, const ConstraintDescriptor& key) const;
  std::string KeyConstraint(const TableDescriptor& table, const ConstraintDescriptor& key) const;
  std::string IndexKeyText(const TableDescriptor& table, const IndexKey& key, bool pretty) const;
  std::string IndexKeyOptions(const TableDescriptor& table, const IndexDescriptor& index,
                              const IndexKey& key) const;

  functions::StatementServices& services_;
  const Catalog& catalog_;
  const SearchPath& path_;
};

}  // namespace sundog::catalog
