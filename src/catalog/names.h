// Names of objects as PostgreSQL writes them: qualified with their schema unless the search path
// finds them; and the descriptions of objects in messages.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace sundog::catalog {

struct OpclassInfo;

// With a null path every name outside of pg_catalog is qualified.

// "t", "s.t", "\"T\"".
std::string RelationName(const Catalog& catalog, const SearchPath* path, const Relation& relation);
std::string QualifiedName(std::string_view schema, std::string_view name);
// "integer", "character varying(10)", "s.mood[]".
std::string TypeName(const Catalog& catalog, const SearchPath* path, SqlType type);
// The same for a cast: `character` is of length 1 there, `bpchar` of any.
std::string CastTypeName(const Catalog& catalog, const SearchPath* path, SqlType type);
// "lower", "s.f": resolved by name and argument types.
std::string FunctionName(const Catalog& catalog, const SearchPath* path,
                         const functions::ProcInfo& proc);
// "f(integer,text)": as regprocedure.
std::string FunctionSignature(const Catalog& catalog, const SearchPath* path,
                              const functions::ProcInfo& proc);
// "<->", "OPERATOR(s.<->)": resolved by name and operand types.
std::string OperatorName(const Catalog& catalog, const SearchPath* path,
                         const functions::OperatorInfo& op);
// That of its extension, else pg_catalog.
Oid OpclassSchema(const Catalog& catalog, const OpclassInfo& opclass);
// "text_ops", "s.vector_l2_ops": resolved by name and access method.
std::string OpclassName(const Catalog& catalog, const SearchPath* path,
                        const OpclassInfo& opclass);
// True if the search path finds this one first by name and argument types.
bool IsVisible(const Catalog& catalog, const SearchPath& path, const functions::ProcInfo& proc);
bool IsVisible(const Catalog& catalog, const SearchPath& path, const types::TypeInfo& type);

// "table t", "column c of table t", "constraint x on table t", "default value for column …".
std::string DescribeObject(const Catalog& catalog, const SearchPath& path,
                           const ObjectAddress& object);
// The session's own database, which the catalog does not know the name of, and the templates.
std::string_view DatabaseName(Oid database, std::string_view own);
// kInvalidOid: there is none of this name.
Oid FindDatabase(std::string_view name, std::string_view own);
// "table", "view", "index", …, as "is not a table" messages have it.
std::string_view RelationKindName(char kind);

// The table that a constraint, index or default belongs to; null if there is none such.
struct ConstraintPlace {
  std::shared_ptr<const TableDescriptor> table;
  const ConstraintDescriptor* constraint = nullptr;
  std::shared_ptr<const DomainDescriptor> domain;
  const DomainConstraintDescriptor* domain_constraint = nullptr;
};
ConstraintPlace FindConstraint(const Catalog& catalog, Oid constraint);
struct PolicyPlace {
  std::shared_ptr<const TableDescriptor> table;
  const PolicyDescriptor* policy = nullptr;
};
PolicyPlace FindPolicy(const Catalog& catalog, Oid policy);
// The column with this pg_attrdef OID.
struct DefaultPlace {
  std::shared_ptr<const TableDescriptor> table;
  const ColumnDescriptor* column = nullptr;
};
DefaultPlace FindDefault(const Catalog& catalog, Oid attrdef);

}  // namespace sundog::catalog
