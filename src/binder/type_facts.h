// What resolution asks about types: domains' base types, elements of arrays and ranges, categories.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace sundog::binder {

using types::Oid;
using types::SqlType;

class TypeFacts {
 public:
  TypeFacts(const catalog::Catalog& catalog, const catalog::SearchPath& path)
      : catalog_(catalog), path_(path) {}

  const types::TypeInfo& Info(Oid type) const { return catalog_.GetType(type); }
  const types::TypeInfo* Find(Oid type) const { return catalog_.FindType(type); }

  // A domain's underlying type, through domains over domains; any other type itself.
  Oid BaseType(Oid type) const { return BaseType(SqlType{type, -1}).oid; }
  // With the typmod: a domain has none of its own, its base's counts.
  SqlType BaseType(SqlType type) const;

  // kInvalidOid where there is no such thing.
  Oid ElementType(Oid array) const;      // of true arrays
  Oid BaseElementType(Oid array) const;  // of domains over arrays too
  // The type of container[i]; int2vector and oidvector have one too.
  Oid SubscriptElementType(Oid container) const;
  Oid ArrayType(Oid element) const;
  Oid RangeSubtype(Oid range) const;
  Oid MultirangeRange(Oid multirange) const;
  Oid RangeMultirange(Oid range) const;

  char Category(Oid type) const { return Info(type).category; }
  // In `category`; '\0' is any.
  bool IsPreferred(char category, Oid type) const;
  bool IsArray(Oid type) const { return ElementType(type) != types::kInvalidOid; }
  // Of these an array is one of more dimensions; int2vector and oidvector are elements like others.
  bool IsNestableArray(Oid type) const {
    return type != types::oids::kInt2vector && type != types::oids::kOidvector && IsArray(type);
  }
  bool IsArrayDomain(Oid type) const { return BaseElementType(type) != types::kInvalidOid; }
  bool IsEnum(Oid type) const { return Info(type).kind_code == 'e'; }
  bool IsRange(Oid type) const { return Info(type).kind_code == 'r'; }
  bool IsMultirange(Oid type) const { return Info(type).kind_code == 'm'; }
  // A named composite type or a domain over one.
  bool IsComposite(Oid type) const;
  bool IsCompositeArray(Oid type) const;
  // IsComposite or record.
  bool IsRow(Oid type) const;
  bool IsCollatable(Oid type) const { return Info(type).collation != types::kInvalidOid; }
  Oid Collation(Oid type) const { return Info(type).collation; }

  // format_type_be.
  std::string Name(Oid type) const { return Name(SqlType{type, -1}); }
  std::string Name(SqlType type) const;

 private:
  const catalog::Catalog& catalog_;
  const catalog::SearchPath& path_;
};

bool IsPolymorphic(Oid type);
bool IsPolymorphicFamily1(Oid type);  // anyelement and its kin
bool IsPolymorphicFamily2(Oid type);  // anycompatible and its kin

}  // namespace sundog::binder
