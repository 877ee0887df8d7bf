// The reg* types' names, looked up in a catalog snapshot with a search path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "types/type_info.h"

namespace sundog::catalog {

class CatalogNames final : public types::NameResolver {
 public:
  // Both must outlive the resolver.
  CatalogNames(const Catalog& catalog, const SearchPath& path) : catalog_(catalog), path_(path) {}

  Oid Resolve(Oid type, std::string_view text) override;
  std::string NameOf(Oid type, Oid object) override;

  // As Resolve, but kInvalidOid where Resolve would say that there is no such object. Syntax errors
  // and ambiguous names are still thrown.
  Oid Find(Oid type, std::string_view text);
  // A type's name as SQL writes it, array brackets and modifiers included; nullopt: no such type.
  std::optional<SqlType> FindTypeName(std::string_view text);

 private:
  struct Name {
    std::optional<std::string> schema;
    std::string name;
  };
  Name ParseName(std::string_view text) const;
  // Whether objects of `schema` are meant by `name`, by its schema or the search path; smaller is
  // earlier in the path, -1: not.
  int Place(const Name& name, Oid schema) const;
  const Relation* FindRelationNamed(const Name& name) const;
  std::vector<const functions::ProcInfo*> FindProcs(const Name& name) const;
  Oid FindProcedure(std::string_view text);
  Oid FindOperatorNamed(std::string_view text, bool with_types);
  std::vector<Oid> ParseArguments(std::string_view text);

  const Catalog& catalog_;
  const SearchPath& path_;
};

// Splits "a.\"B c\".d" into its identifiers, folded. Throws 42602 `invalid name syntax`.
std::vector<std::string> SplitQualifiedName(std::string_view text);

}  // namespace sundog::catalog
