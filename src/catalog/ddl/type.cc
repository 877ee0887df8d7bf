// CREATE TYPE … AS ENUM and AS (…), CREATE DOMAIN, and enums' labels.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/create_table.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/default_acl.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

constexpr size_t kNameMaxBytes = 63;

void CheckLabel(std::string_view label) {
  if (label.size() > kNameMaxBytes) {
    throw SqlError(sqlstate::kInvalidName, fmt::format("invalid enum label \"{}\"", label))
        .Detail("Labels must be 63 bytes or less.");
  }
}

auto FindLabel(std::vector<EnumLabelDescriptor>& labels, std::string_view label) {
  return std::find_if(labels.begin(), labels.end(),
                      [&](const EnumLabelDescriptor& l) { return l.label == label; });
}

[[noreturn]] void ThrowNoLabel(std::string_view label) {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("\"{}\" is not an existing enum label", label));
}

// A sort order between two neighbours; if floats have run out of room, all labels are numbered
// anew.
float OrderAt(std::vector<EnumLabelDescriptor>& labels, size_t place) {
  if (place == labels.size()) return labels.empty() ? 1 : labels.back().sort_order + 1;
  if (place == 0) return labels.front().sort_order - 1;
  volatile float low = labels[place - 1].sort_order;
  volatile float high = labels[place].sort_order;
  volatile float middle = (low + high) / 2;
  if (middle != low && middle != high) return middle;
  for (size_t i = 0; i < labels.size(); ++i) {
    labels[i].sort_order = static_cast<float>(i < place ? i + 1 : i + 2);
  }
  return static_cast<float>(place + 1);
}

}  // namespace

Oid CreateEnum(CatalogWriter& writer, const EnumSpec& spec) {
  CheckMayCreateIn(writer, spec.schema);
  CheckTypeNameFree(writer, spec.schema, spec.name);
  EnumDescriptor type;
  type.name = spec.name;
  type.schema = spec.schema;
  type.owner = writer.role();
  type.acl = AclOfNewObject(writer.catalog(), AclObject::kType, type.owner, spec.schema);
  type.array_name = ChooseArrayTypeName(writer.catalog(), spec.schema, spec.name);
  type.array_type = writer.NewOid(spec.schema);
  type.oid = writer.NewOid(spec.schema);
  for (const std::string& label : spec.labels) {
    CheckLabel(label);
    if (FindLabel(type.labels, label) != type.labels.end()) {
      throw SqlError(sqlstate::kUniqueViolation,
                     "duplicate key value violates unique constraint "
                     "\"pg_enum_typid_label_index\"")
          .Detail(fmt::format("Key (enumtypid, enumlabel)=({}, {}) already exists.", type.oid,
                              label));
    }
    type.labels.push_back(
        {writer.NewOid(spec.schema), static_cast<float>(type.labels.size() + 1), label});
  }
  Oid oid = type.oid;
  writer.Put(std::move(type));
  return oid;
}

void AddEnumLabel(CatalogWriter& writer, Oid type_oid, std::string_view label,
                  const std::optional<EnumNeighbour>& neighbour, bool if_not_exists) {
  EnumDescriptor type = *writer.catalog().contents().enums.Get(type_oid);
  CheckOwns(writer, type.owner, "type", type.name);
  CheckLabel(label);
  if (FindLabel(type.labels, label) != type.labels.end()) {
    base::ErrorFields fields;
    fields.state = sqlstate::kDuplicateObject;
    fields.message = fmt::format("enum label \"{}\" already exists", label);
    if (!if_not_exists) throw SqlError(std::move(fields));
    fields.severity = base::Severity::kNotice;
    fields.message += ", skipping";
    return writer.Notice(fields);
  }
  size_t place = type.labels.size();
  if (neighbour) {
    auto at = FindLabel(type.labels, neighbour->label);
    if (at == type.labels.end()) ThrowNoLabel(neighbour->label);
    place = static_cast<size_t>(at - type.labels.begin()) + (neighbour->after ? 1 : 0);
  }
  float order = OrderAt(type.labels, place);
  type.labels.insert(type.labels.begin() + static_cast<ptrdiff_t>(place),
                     {writer.NewOid(type.schema), order, std::string(label)});
  writer.Put(std::move(type));
}

void RenameEnumLabel(CatalogWriter& writer, Oid type_oid, std::string_view from,
                     std::string_view to) {
  EnumDescriptor type = *writer.catalog().contents().enums.Get(type_oid);
  CheckOwns(writer, type.owner, "type", type.name);
  CheckLabel(to);
  auto at = FindLabel(type.labels, from);
  if (at == type.labels.end()) ThrowNoLabel(from);
  if (FindLabel(type.labels, to) != type.labels.end()) {
    throw SqlError(sqlstate::kDuplicateObject, fmt::format("enum label \"{}\" already exists", to));
  }
  at->label = to;
  writer.Put(std::move(type));
}

Oid CreateDomain(CatalogWriter& writer, const DomainSpec& spec) {
  CheckMayCreateIn(writer, spec.schema);
  CheckTypeNameFree(writer, spec.schema, spec.name);
  const types::TypeInfo& base = writer.catalog().GetType(spec.base.oid);
  if (base.kind_code == 'p') {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("\"{}\" is not a valid base type for a domain", base.name));
  }
  DomainDescriptor domain;
  domain.name = spec.name;
  domain.schema = spec.schema;
  domain.owner = writer.role();
  domain.acl = AclOfNewObject(writer.catalog(), AclObject::kType, domain.owner, spec.schema);
  domain.base = spec.base;
  domain.dimensions = spec.dimensions;
  domain.collation = spec.collation != kInvalidOid ? spec.collation : base.collation;
  domain.not_null = spec.not_null;
  domain.default_value = spec.default_value;
  domain.array_name = ChooseArrayTypeName(writer.catalog(), spec.schema, spec.name);
  domain.array_type = writer.NewOid(spec.schema);
  domain.oid = writer.NewOid(spec.schema);
  Oid oid = domain.oid;
  writer.Put(std::move(domain));
  for (const CheckSpec& check : spec.checks) AddDomainCheck(writer, oid, check);
  return oid;
}

Oid AddDomainCheck(CatalogWriter& writer, Oid domain_oid, const CheckSpec& spec) {
  DomainDescriptor domain = *writer.catalog().contents().domains.Get(domain_oid);
  DomainConstraintDescriptor constraint;
  constraint.check = spec.check;
  constraint.validated = spec.validated;
  if (spec.name.empty()) {
    constraint.name =
        ChooseConstraintName(writer.catalog(), domain.schema, domain.name, "", "check", {});
  } else {
    for (const auto& other : domain.constraints) {
      if (other.name != spec.name) continue;
      throw SqlError(sqlstate::kDuplicateObject,
                     fmt::format("constraint \"{}\" for domain \"{}\" already exists", spec.name,
                                 domain.name));
    }
    constraint.name = spec.name;
  }
  constraint.oid = writer.NewOid(domain.schema);
  Oid oid = constraint.oid;
  domain.constraints.push_back(std::move(constraint));
  writer.Put(std::move(domain));
  return oid;
}

Oid CreateComposite(CatalogWriter& writer, const CompositeSpec& spec) {
  CheckMayCreateIn(writer, spec.schema);
  CheckRelationNameFree(writer, spec.schema, spec.name, false);
  CompositeDescriptor type;
  type.name = spec.name;
  type.schema = spec.schema;
  type.owner = writer.role();
  type.acl = AclOfNewObject(writer.catalog(), AclObject::kType, type.owner, spec.schema);
  for (const ColumnSpec& column : spec.columns) {
    for (const ColumnDescriptor& earlier : type.columns) {
      if (earlier.name != column.name) continue;
      throw SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" specified more than once", column.name));
    }
    CheckColumn(writer, column.name, column.type);
    Oid no_sequence;
    type.columns.push_back(MakeColumn(writer, column, spec.schema, spec.name, &no_sequence));
    type.columns.back().attnum = static_cast<int16_t>(type.columns.size());
  }
  type.array_name = ChooseArrayTypeName(writer.catalog(), spec.schema, spec.name);
  type.relation = writer.NewOid(spec.schema);
  type.array_type = writer.NewOid(spec.schema);
  type.oid = writer.NewOid(spec.schema);
  Oid oid = type.oid;
  writer.Put(std::move(type));
  return oid;
}

}  // namespace sundog::catalog::ddl
