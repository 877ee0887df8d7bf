// information_schema.columns, attributes and element_types.
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "catalog/system/relations.h"
#include "catalog/system/schema_access.h"
#include "catalog/system/schema_types.h"
#include "catalog/system/schema_views.h"
#include "types/identifier.h"

namespace sundog::catalog::system {

namespace {

struct ColumnRow {
  const Relation* relation = nullptr;
  AttributeEntry attribute;
  const types::TypeInfo* type = nullptr;  // as declared
};

void ListColumns(const VirtualContext& context, std::vector<ColumnRow>& rows) {
  for (const ClassEntry& entry : AllClasses(*context.catalog)) {
    if (entry.relation == nullptr) continue;
    if (entry.relation->kind != 'r' && entry.relation->kind != 'v') continue;
    std::vector<AttributeEntry> attributes;
    AppendAttributes(*context.catalog, entry, false, attributes);
    for (AttributeEntry& attribute : attributes) {
      if (attribute.column != nullptr && attribute.column->dropped) continue;
      if (!MayAccessColumn(context, *entry.relation, attribute.column)) continue;
      const types::TypeInfo* type = context.catalog->FindType(attribute.type.oid);
      rows.push_back({entry.relation, std::move(attribute), type});
    }
  }
}

bool IsDomain(const ColumnRow& row) { return row.type != nullptr && row.type->kind_code == 'd'; }

SqlType TypeOf(const ColumnRow& row, const Cell& cell) {
  return TrueType(cell.catalog(), row.attribute.type);
}

// The named type: of a domain its base.
const types::TypeInfo* UdtOf(const ColumnRow& row, const Cell& cell) {
  return cell.catalog().FindType(TypeOf(row, cell).oid);
}

std::string Expression(const ColumnRow& row, const Cell& cell) {
  return ExpandMarks(cell.catalog(), &cell.services().search_path(),
                     row.attribute.column->default_value->sql, row.relation->oid);
}

const SequenceDescriptor* IdentityOf(const ColumnRow& row, const Cell& cell) {
  if (row.attribute.column == nullptr || row.attribute.column->identity == '\0') return nullptr;
  for (const auto& sequence : cell.catalog().contents().sequences) {
    if (sequence->identity && sequence->owner_table == row.relation->oid &&
        sequence->owner_column == row.attribute.attnum) {
      return sequence.get();
    }
  }
  return nullptr;
}

template <int64_t SequenceDescriptor::*kMember>
void IdentityNumber(const ColumnRow& row, Cell& cell) {
  const SequenceDescriptor* sequence = IdentityOf(row, cell);
  sequence != nullptr ? cell.Text(std::to_string(sequence->*kMember)) : cell.Null();
}

bool IsGenerated(const ColumnRow& row) {
  return row.attribute.column != nullptr && row.attribute.column->generated != '\0';
}

using Row = ColumnRow;

constexpr ColumnGetter<ColumnRow> kColumnColumns[] = {
    {"table_catalog", [](const Row&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema", [](const Row& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const Row& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"column_name", [](const Row& row, Cell& cell) { cell.Text(row.attribute.text()); }},
    {"ordinal_position", [](const Row& row, Cell& cell) { cell.Int4(row.attribute.attnum); }},
    {"column_default",
     [](const Row& row, Cell& cell) {
       const ColumnDescriptor* column = row.attribute.column;
       column != nullptr && column->default_value && !IsGenerated(row)
           ? cell.Text(Expression(row, cell))
           : cell.Null();
     }},
    {"is_nullable",
     [](const Row& row, Cell& cell) {
       cell.YesNo(!row.attribute.not_null && !(IsDomain(row) && row.type->not_null));
     }},
    {"data_type",
     [](const Row& row, Cell& cell) {
       cell.Text(DataTypeName(cell.catalog(), row.attribute.type.oid));
     }},
    {"character_maximum_length",
     [](const Row& row, Cell& cell) {
       OptionalInt4(CharacterMaximumLength(TypeOf(row, cell)), cell);
     }},
    {"character_octet_length",
     [](const Row& row, Cell& cell) {
       OptionalInt4(CharacterOctetLength(TypeOf(row, cell)), cell);
     }},
    {"numeric_precision",
     [](const Row& row, Cell& cell) { OptionalInt4(NumericPrecision(TypeOf(row, cell)), cell); }},
    {"numeric_precision_radix",
     [](const Row& row, Cell& cell) {
       OptionalInt4(NumericPrecisionRadix(TypeOf(row, cell)), cell);
     }},
    {"numeric_scale",
     [](const Row& row, Cell& cell) { OptionalInt4(NumericScale(TypeOf(row, cell)), cell); }},
    {"datetime_precision",
     [](const Row& row, Cell& cell) { OptionalInt4(DatetimePrecision(TypeOf(row, cell)), cell); }},
    {"interval_type",
     [](const Row& row, Cell& cell) {
       cell.OptionalText(IntervalType(cell.catalog(), TypeOf(row, cell)));
     }},
    {"collation_catalog",
     [](const Row& row, Cell& cell) { CollationCatalog(row.attribute.collation, cell); }},
    {"collation_schema",
     [](const Row& row, Cell& cell) { CollationSchema(row.attribute.collation, cell); }},
    {"collation_name",
     [](const Row& row, Cell& cell) { CollationName(row.attribute.collation, cell); }},
    {"domain_catalog",
     [](const Row& row, Cell& cell) { IsDomain(row) ? DatabaseName(cell) : cell.Null(); }},
    {"domain_schema",
     [](const Row& row, Cell& cell) {
       IsDomain(row) ? SchemaName(row.type->schema, cell) : cell.Null();
     }},
    {"domain_name",
     [](const Row& row, Cell& cell) {
       IsDomain(row) ? cell.Text(row.type->name) : cell.Null();
     }},
    {"udt_catalog", [](const Row&, Cell& cell) { DatabaseName(cell); }},
    {"udt_schema",
     [](const Row& row, Cell& cell) { SchemaName(UdtOf(row, cell)->schema, cell); }},
    {"udt_name", [](const Row& row, Cell& cell) { cell.Text(UdtOf(row, cell)->name); }},
    {"dtd_identifier",
     [](const Row& row, Cell& cell) { cell.Text(std::to_string(row.attribute.attnum)); }},
    {"is_self_referencing", [](const Row&, Cell& cell) { cell.YesNo(false); }},
    {"is_identity",
     [](const Row& row, Cell& cell) {
       cell.YesNo(row.attribute.column != nullptr && row.attribute.column->identity != '\0');
     }},
    {"identity_generation",
     [](const Row& row, Cell& cell) {
       char identity = row.attribute.column != nullptr ? row.attribute.column->identity : '\0';
       if (identity == '\0') return cell.Null();
       cell.Text(identity == 'a' ? "ALWAYS" : "BY DEFAULT");
     }},
    {"identity_start", IdentityNumber<&SequenceDescriptor::start>},
    {"identity_increment", IdentityNumber<&SequenceDescriptor::increment>},
    {"identity_maximum", IdentityNumber<&SequenceDescriptor::max_value>},
    {"identity_minimum", IdentityNumber<&SequenceDescriptor::min_value>},
    {"identity_cycle",
     [](const Row& row, Cell& cell) {
       const SequenceDescriptor* sequence = IdentityOf(row, cell);
       cell.YesNo(sequence != nullptr && sequence->cycle);
     }},
    {"is_generated",
     [](const Row& row, Cell& cell) { cell.Text(IsGenerated(row) ? "ALWAYS" : "NEVER"); }},
    {"generation_expression",
     [](const Row& row, Cell& cell) {
       IsGenerated(row) ? cell.Text(Expression(row, cell)) : cell.Null();
     }},
    {"is_updatable", [](const Row& row, Cell& cell) { cell.YesNo(row.relation->kind == 'r'); }},
};

// --- attributes: of composite types ---

void ListAttributes(const VirtualContext& context, std::vector<ColumnRow>& rows) {
  for (const Relation* relation : context.catalog->AllRelations()) {
    if (relation->kind != 'c' || !IsOwnedBy(context, relation->owner())) continue;
    std::vector<AttributeEntry> attributes;
    AppendAttributes(*context.catalog, {relation, nullptr}, false, attributes);
    for (AttributeEntry& attribute : attributes) {
      if (attribute.column->dropped) continue;
      const types::TypeInfo* type = context.catalog->FindType(attribute.type.oid);
      rows.push_back({relation, std::move(attribute), type});
    }
  }
}

constexpr ColumnGetter<ColumnRow> kAttributeColumns[] = {
    {"udt_catalog", [](const Row&, Cell& cell) { DatabaseName(cell); }},
    {"udt_schema", [](const Row& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"udt_name", [](const Row& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"attribute_name", [](const Row& row, Cell& cell) { cell.Text(row.attribute.text()); }},
    {"ordinal_position", [](const Row& row, Cell& cell) { cell.Int4(row.attribute.attnum); }},
    {"is_nullable", [](const Row& row, Cell& cell) { cell.YesNo(!row.attribute.not_null); }},
    {"data_type",
     [](const Row& row, Cell& cell) {
       cell.Text(DataTypeName(cell.catalog(), row.attribute.type.oid));
     }},
    {"character_maximum_length",
     [](const Row& row, Cell& cell) {
       OptionalInt4(CharacterMaximumLength(TypeOf(row, cell)), cell);
     }},
    {"character_octet_length",
     [](const Row& row, Cell& cell) {
       OptionalInt4(CharacterOctetLength(TypeOf(row, cell)), cell);
     }},
    {"numeric_precision",
     [](const Row& row, Cell& cell) { OptionalInt4(NumericPrecision(TypeOf(row, cell)), cell); }},
    {"numeric_precision_radix",
     [](const Row& row, Cell& cell) {
       OptionalInt4(NumericPrecisionRadix(TypeOf(row, cell)), cell);
     }},
    {"numeric_scale",
     [](const Row& row, Cell& cell) { OptionalInt4(NumericScale(TypeOf(row, cell)), cell); }},
    {"datetime_precision",
     [](const Row& row, Cell& cell) { OptionalInt4(DatetimePrecision(TypeOf(row, cell)), cell); }},
    {"attribute_udt_catalog", [](const Row&, Cell& cell) { DatabaseName(cell); }},
    {"attribute_udt_schema",
     [](const Row& row, Cell& cell) { SchemaName(UdtOf(row, cell)->schema, cell); }},
    {"attribute_udt_name", [](const Row& row, Cell& cell) { cell.Text(UdtOf(row, cell)->name); }},
    {"dtd_identifier",
     [](const Row& row, Cell& cell) { cell.Text(std::to_string(row.attribute.attnum)); }},
    {"is_derived_reference_attribute", [](const Row&, Cell& cell) { cell.YesNo(false); }},
};

// --- element_types: of array columns ---

struct ElementRow {
  const Relation* relation = nullptr;
  int16_t attnum = 0;
  const types::TypeInfo* element = nullptr;
};

void ListElements(const VirtualContext& context, std::vector<ElementRow>& rows) {
  std::vector<ColumnRow> columns;
  ListColumns(context, columns);
  for (const ColumnRow& row : columns) {
    if (row.type == nullptr || row.type->element == kInvalidOid || row.type->length != -1) continue;
    rows.push_back(
        {row.relation, row.attribute.attnum, context.catalog->FindType(row.type->element)});
  }
}

constexpr ColumnGetter<ElementRow> kElementColumns[] = {
    {"object_catalog", [](const ElementRow&, Cell& cell) { DatabaseName(cell); }},
    {"object_schema",
     [](const ElementRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"object_name", [](const ElementRow& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"object_type", [](const ElementRow& row,
                       Cell& cell) { cell.Text(row.relation->kind == 'v' ? "VIEW" : "TABLE"); }},
    {"collection_type_identifier",
     [](const ElementRow& row, Cell& cell) { cell.Text(std::to_string(row.attnum)); }},
    {"data_type",
     [](const ElementRow& row, Cell& cell) {
       cell.Text(row.element->schema == kPgCatalogSchema
                     ? types::FormatType(cell.catalog(), {row.element->oid, -1})
                     : "USER-DEFINED");
     }},
    {"udt_catalog", [](const ElementRow&, Cell& cell) { DatabaseName(cell); }},
    {"udt_schema",
     [](const ElementRow& row, Cell& cell) { SchemaName(row.element->schema, cell); }},
    {"udt_name", [](const ElementRow& row, Cell& cell) { cell.Text(row.element->name); }},
    {"dtd_identifier",
     [](const ElementRow& row, Cell& cell) { cell.Text("a" + std::to_string(row.attnum)); }},
};

constexpr TableDefinition kTables[] = {
    {kInformationSchema, "columns",
     [] { return MakeTable<ColumnRow>(ListColumns, kColumnColumns); }},
    {kInformationSchema, "attributes",
     [] { return MakeTable<ColumnRow>(ListAttributes, kAttributeColumns); }},
    {kInformationSchema, "element_types",
     [] { return MakeTable<ElementRow>(ListElements, kElementColumns); }},
};

}  // namespace

std::span<const TableDefinition> SchemaColumnViews() { return kTables; }

}  // namespace sundog::catalog::system
