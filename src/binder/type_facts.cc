#include "binder/type_facts.h"

#include "types/identifier.h"

namespace sundog::binder {

namespace oids = types::oids;
using types::kInvalidOid;

namespace {

struct RangeRow {
  Oid range;
  Oid subtype;
  Oid multirange;
};

constexpr RangeRow kRanges[] = {
    {oids::kInt4range, oids::kInt4, oids::kInt4multirange},
    {oids::kInt8range, oids::kInt8, oids::kInt8multirange},
    {oids::kNumrange, oids::kNumeric, oids::kNummultirange},
    {oids::kDaterange, oids::kDate, oids::kDatemultirange},
    {oids::kTsrange, oids::kTimestamp, oids::kTsmultirange},
    {oids::kTstzrange, oids::kTimestamptz, oids::kTstzmultirange},
};

}  // namespace

SqlType TypeFacts::BaseType(SqlType type) const {
  while (true) {
    const types::TypeInfo* info = catalog_.FindType(type.oid);
    if (info == nullptr || info->kind_code != 'd') return type;
    type = {info->base_type, info->base_typmod};
  }
}

Oid TypeFacts::ElementType(Oid array) const {
  const types::TypeInfo* info = catalog_.FindType(array);
  return info != nullptr && info->is_array() ? info->element : kInvalidOid;
}

Oid TypeFacts::BaseElementType(Oid array) const { return ElementType(BaseType(array)); }

Oid TypeFacts::SubscriptElementType(Oid container) const {
  if (container == oids::kInt2vector) return oids::kInt2;
  if (container == oids::kOidvector) return oids::kOid;
  return ElementType(container);
}

Oid TypeFacts::ArrayType(Oid element) const {
  const types::TypeInfo* info = catalog_.FindType(element);
  return info != nullptr ? info->array : kInvalidOid;
}

Oid TypeFacts::RangeSubtype(Oid range) const {
  for (const RangeRow& row : kRanges) {
    if (row.range == range) return row.subtype;
  }
  return kInvalidOid;
}

Oid TypeFacts::MultirangeRange(Oid multirange) const {
  for (const RangeRow& row : kRanges) {
    if (row.multirange == multirange) return row.range;
  }
  return kInvalidOid;
}

Oid TypeFacts::RangeMultirange(Oid range) const {
  for (const RangeRow& row : kRanges) {
    if (row.range == range) return row.multirange;
  }
  return kInvalidOid;
}

bool TypeFacts::IsPreferred(char category, Oid type) const {
  const types::TypeInfo& info = Info(type);
  return (category == info.category || category == '\0') && info.preferred;
}

bool TypeFacts::IsComposite(Oid type) const {
  const types::TypeInfo* info = catalog_.FindType(BaseType(type));
  return info != nullptr && info->kind_code == 'c';
}

bool TypeFacts::IsCompositeArray(Oid type) const {
  Oid element = ElementType(type);
  return element != kInvalidOid && IsComposite(element);
}

bool TypeFacts::IsRow(Oid type) const { return type == oids::kRecord || IsComposite(type); }

std::string TypeFacts::Name(SqlType type) const {
  std::string name = types::FormatType(catalog_, type);
  const types::TypeInfo* info = catalog_.FindType(type.oid);
  if (info != nullptr && info->is_array()) info = catalog_.FindType(info->element);
  if (info == nullptr || info->schema == catalog::kPgCatalogSchema) return name;
  if (catalog_.FindType(path_, info->name) == info) return name;
  const catalog::SchemaDescriptor* schema = catalog_.FindSchema(info->schema);
  if (schema == nullptr) return name;
  return types::QuoteIdentifier(schema->name) + "." + name;
}

bool IsPolymorphicFamily1(Oid type) {
  return type == oids::kAnyelement || type == oids::kAnyarray || type == oids::kAnynonarray ||
         type == oids::kAnyenum || type == oids::kAnyrange || type == oids::kAnymultirange;
}

bool IsPolymorphicFamily2(Oid type) {
  return type == oids::kAnycompatible || type == oids::kAnycompatiblearray ||
         type == oids::kAnycompatiblenonarray || type == oids::kAnycompatiblerange ||
         type == oids::kAnycompatiblemultirange;
}

bool IsPolymorphic(Oid type) { return IsPolymorphicFamily1(type) || IsPolymorphicFamily2(type); }

}  // namespace sundog::binder
