// System tables over a snapshot: every one of PostgreSQL's can be read whole.
#include <algorithm>

#include "catalog/ddl/ddl_fixture.h"
#include "catalog/ddl/objects.h"
#include "catalog/system/fake_services.h"
#include "catalog/virtual_table.h"
#include "types/io_settings.h"
#include "types/vector.h"

namespace sundog::catalog {

namespace {

class SystemTableTest : public ddl::DdlFixture {
 protected:
  using Row = std::vector<std::string>;

  // All rows as text; nulls as "\N". Without `columns`: all.
  std::vector<Row> Read(const VirtualTable& table, std::vector<std::string> columns = {}) {
    system::FakeServices services(catalog_);
    types::IoSettings settings;
    VirtualContext context{catalog_.get(), &services, {catalog_.get(), &settings, nullptr}};
    std::vector<int> wanted;
    std::vector<types::PhysicalKind> kinds;
    for (const VirtualColumn& column : table.columns()) {
      bool in = columns.empty() ||
                std::find(columns.begin(), columns.end(), column.name) != columns.end();
      if (!in) continue;
      wanted.push_back(column.attnum - 1);
      kinds.push_back(catalog_->GetType(column.type.oid).physical);
    }
    types::ChunkBuffer buffer(kinds);
    std::vector<types::Vector*> vectors;
    for (size_t i = 0; i < kinds.size(); ++i) vectors.push_back(&buffer.column(i));
    std::vector<Row> rows;
    auto scan = table.Open(context, wanted);
    while (size_t count = scan->Next(vectors, types::kVectorSize)) {
      for (size_t row = 0; row < count; ++row) {
        rows.emplace_back();
        for (size_t i = 0; i < vectors.size(); ++i) {
          rows.back().push_back(TextOf(context, table.columns()[wanted[i]], *vectors[i], row));
        }
      }
    }
    return rows;
  }

  std::string TextOf(const VirtualContext& context, const VirtualColumn& column,
                     const types::Vector& vector, size_t row) {
    if (vector.IsNull(row)) return "\\N";
    const types::TypeInfo& type = catalog_->GetType(column.type.oid);
    if (type.ops->output == nullptr) return "?";
    std::string text;
    types::OutputText(context.io, type, vector.DatumAt(row), text);
    return text;
  }

  const VirtualTable& System(std::string_view name) {
    return *SystemTables::Get().Find(kPgCatalogSchema, name);
  }
};

TEST_F(SystemTableTest, AllCanBeReadWhole) {
  Run([](CatalogWriter& w) {
    ddl::CreateTable(w, Plain("t"));
    ddl::CreateEnum(w, {"mood", kPublicSchema, {"a", "b"}});
  });
  for (const VirtualTable* table : SystemTables::Get().all()) {
    SCOPED_TRACE(table->name());
    EXPECT_FALSE(table->columns().empty());
    Read(*table);
  }
}

TEST_F(SystemTableTest, ClassListsTablesAndTheirParts) {
  Run([](CatalogWriter& w) { ddl::CreateTable(w, Plain("t")); });
  std::vector<Row> found;
  for (const Row& row : Read(System("pg_class"), {"relname", "relkind", "relnatts"})) {
    if (row[0].starts_with("t_") || row[0] == "t") found.push_back(row);
  }
  EXPECT_EQ(found, (std::vector<Row>{{"t_id_seq", "S", "3"},
                                     {"t", "r", "3"},
                                     {"t_pkey", "i", "1"},
                                     {"t_a_key", "i", "1"}}));
}

TEST_F(SystemTableTest, IndexVectorsCountFromZero) {
  Run([](CatalogWriter& w) { ddl::CreateTable(w, Plain("t")); });
  std::vector<Row> rows = Read(System("pg_index"), {"indkey", "indclass", "indisprimary"});
  EXPECT_EQ(rows[rows.size() - 2], (Row{"t", "1", "1978"}));
  EXPECT_EQ(rows[rows.size() - 1], (Row{"f", "2", "3126"}));
}

TEST_F(SystemTableTest, BuiltInRowsKeepTheirOids) {
  std::vector<Row> procs = Read(System("pg_proc"), {"oid", "proname", "proargtypes", "prolang"});
  EXPECT_GT(procs.size(), 3000u);
  bool found = false;
  for (const Row& row : procs) found |= row == Row{"870", "lower", "12", "25"};
  EXPECT_TRUE(found);
}

}  // namespace

}  // namespace sundog::catalog
