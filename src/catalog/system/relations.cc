#include "catalog/system/relations.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/embedded.h"

namespace sundog::catalog::system {

namespace {

std::vector<int16_t> SmallNumbers(const base::Tsv& rows, size_t row, std::string_view column) {
  std::vector<int16_t> numbers;
  for (uint32_t number : rows.Numbers(row, column)) {
    numbers.push_back(static_cast<int16_t>(number));
  }
  return numbers;
}

struct SystemAttribute {
  std::string_view name;
  Oid type;
  int16_t attnum;
};
constexpr SystemAttribute kSystemAttributes[] = {
    {"ctid", types::oids::kTid, -1}, {"xmin", types::oids::kXid, -2},
    {"cmin", types::oids::kCid, -3}, {"xmax", types::oids::kXid, -4},
    {"cmax", types::oids::kCid, -5}, {"tableoid", types::oids::kOid, -6},
};

constexpr SystemAttribute kSequenceAttributes[] = {
    {"last_value", types::oids::kInt8, 1},
    {"log_cnt", types::oids::kInt8, 2},
    {"is_called", types::oids::kBool, 3},
};

AttributeEntry EntryOf(Oid relation, const SystemAttribute& attribute) {
  AttributeEntry entry;
  entry.relation = relation;
  entry.name = attribute.name;
  entry.type = {attribute.type, -1};
  entry.attnum = attribute.attnum;
  entry.not_null = true;
  return entry;
}

void AppendColumns(Oid relation, const std::vector<ColumnDescriptor>& columns,
                   std::vector<AttributeEntry>& to) {
  for (const ColumnDescriptor& column : columns) {
    AttributeEntry entry;
    entry.relation = relation;
    entry.name = column.name;
    entry.type = column.dropped ? SqlType{kInvalidOid, column.type.typmod} : column.type;
    entry.attnum = column.attnum;
    entry.dimensions = column.dimensions;
    entry.not_null = column.not_null;
    entry.collation = column.collation;
    entry.column = &column;
    to.push_back(std::move(entry));
  }
}

void AppendIndexColumns(const Relation& relation, std::vector<AttributeEntry>& to) {
  const TableDescriptor& table = *relation.table;
  std::vector<std::string> names = IndexColumnNames(table, *relation.index);
  for (size_t i = 0; i < names.size(); ++i) {
    AttributeEntry entry;
    entry.relation = relation.oid;
    entry.owned_name = names[i];
    entry.attnum = static_cast<int16_t>(i + 1);
    if (i < relation.index->keys.size()) {
      const IndexKey& key = relation.index->keys[i];
      entry.type = key.type;
      entry.collation = key.collation;
      if (key.attnum != 0) entry.dimensions = table.FindColumn(key.attnum)->dimensions;
    } else {
      const ColumnDescriptor& column =
          *table.FindColumn(relation.index->included[i - relation.index->keys.size()]);
      entry.type = column.type;
      entry.collation = column.collation;
    }
    to.push_back(std::move(entry));
  }
}

void AppendSystemTable(const VirtualTable& table, std::vector<AttributeEntry>& to) {
  for (const VirtualColumn& column : table.columns()) {
    AttributeEntry entry;
    entry.relation = table.oid();
    entry.name = column.name;
    entry.type = column.type;
    entry.attnum = column.attnum;
    entry.dimensions = column.dimensions;
    entry.not_null = column.not_null;
    entry.collation = column.collation;
    to.push_back(std::move(entry));
  }
}

void AppendSystemIndex(const SystemIndex& index, std::vector<AttributeEntry>& to) {
  const VirtualTable* table = SystemTables::Get().Find(index.table);
  if (table == nullptr) return;
  for (size_t i = 0; i < index.keys.size(); ++i) {
    if (index.keys[i] < 1) continue;
    const VirtualColumn& column = table->columns()[index.keys[i] - 1];
    AttributeEntry entry;
    entry.relation = index.oid;
    entry.name = column.name;
    entry.type = column.type;
    entry.attnum = static_cast<int16_t>(i + 1);
    entry.collation = column.collation;
    to.push_back(std::move(entry));
  }
}

}  // namespace

const std::vector<SystemIndex>& SystemIndexes() {
  static const std::vector<SystemIndex>* const indexes = [] {
    auto* made = new std::vector<SystemIndex>;
    base::Tsv rows = embedded::Indexes();
    for (size_t i = 0; i < rows.row_count(); ++i) {
      SystemIndex index;
      index.oid = static_cast<Oid>(rows.Number(i, "indexrelid"));
      index.table = static_cast<Oid>(rows.Number(i, "indrelid"));
      index.name = rows.Text(i, "relname");
      index.unique = rows.Flag(i, "indisunique");
      index.primary = rows.Flag(i, "indisprimary");
      index.immediate = rows.Flag(i, "indimmediate");
      index.keys = SmallNumbers(rows, i, "indkey");
      index.opclasses = rows.Numbers(i, "indclass");
      index.collations = rows.Numbers(i, "indcollation");
      index.options = SmallNumbers(rows, i, "indoption");
      made->push_back(std::move(index));
    }
    return made;
  }();
  return *indexes;
}

std::vector<ClassEntry> AllClasses(const Catalog& catalog) {
  std::vector<ClassEntry> all;
  for (const VirtualTable* table : SystemTables::Get().listed()) {
    all.push_back({catalog.FindRelation(table->oid()), nullptr});
  }
  for (const SystemIndex& index : SystemIndexes()) all.push_back({nullptr, &index});
  auto oid_of = [](const ClassEntry& entry) {
    return entry.relation != nullptr ? entry.relation->oid : entry.system_index->oid;
  };
  std::sort(all.begin(), all.end(),
            [&](const ClassEntry& a, const ClassEntry& b) { return oid_of(a) < oid_of(b); });
  for (const Relation* relation : catalog.AllRelations()) all.push_back({relation, nullptr});
  return all;
}

std::vector<std::string> IndexColumnNames(const TableDescriptor& table,
                                          const IndexDescriptor& index) {
  std::vector<std::string> names;
  auto add = [&](const std::string& original) {
    std::string name = original;
    for (int i = 1; std::find(names.begin(), names.end(), name) != names.end(); ++i) {
      name = fmt::format("{}{}", original, i);
    }
    names.push_back(std::move(name));
  };
  for (const IndexKey& key : index.keys) {
    if (key.attnum != 0) {
      add(table.FindColumn(key.attnum)->name);
      continue;
    }
    // A function call names its column; anything else is "expr".
    std::string_view sql = key.expression.sql;
    size_t end = sql.find('(');
    bool call = end != std::string_view::npos && end > 0 && sql.back() == ')' &&
                sql.substr(0, end).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                    std::string_view::npos;
    add(call ? std::string(sql.substr(0, end)) : "expr");
  }
  for (int16_t attnum : index.included) add(table.FindColumn(attnum)->name);
  return names;
}

void AppendAttributes(const Catalog&, const ClassEntry& entry, bool system_attributes,
                      std::vector<AttributeEntry>& to) {
  if (entry.system_index != nullptr) return AppendSystemIndex(*entry.system_index, to);
  const Relation& relation = *entry.relation;
  bool has_system = false;
  if (relation.system != nullptr) {
    AppendSystemTable(*relation.system, to);
    has_system = relation.kind == 'r';
  } else if (relation.kind == 'i') {
    AppendIndexColumns(relation, to);
  } else if (relation.table != nullptr) {
    AppendColumns(relation.oid, relation.table->columns, to);
    has_system = true;
  } else if (relation.view != nullptr) {
    AppendColumns(relation.oid, relation.view->columns, to);
  } else if (relation.composite != nullptr) {
    AppendColumns(relation.oid, relation.composite->columns, to);
  } else {
    for (const auto& column : kSequenceAttributes) to.push_back(EntryOf(relation.oid, column));
    has_system = true;
  }
  if (!has_system || !system_attributes) return;
  for (const auto& attribute : kSystemAttributes) to.push_back(EntryOf(relation.oid, attribute));
}

}  // namespace sundog::catalog::system
