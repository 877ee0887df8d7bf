// DDL operations on a writer: generated names, checks, dependencies.
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/constraint.h"
#include "catalog/ddl/ddl_fixture.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/objects.h"
#include "catalog/stored_sql.h"

namespace sundog::catalog::ddl {

namespace {

class DdlTest : public DdlFixture {
 protected:
  Oid CreatePlain(std::string name) {
    return Run([&](CatalogWriter& writer) { return CreateTable(writer, Plain(name)); });
  }
  Oid Refer(std::string_view from, std::string_view to) {
    ForeignKeySpec key;
    key.columns = {"b"};
    key.referenced_table = Table(to).oid;
    return Run([&](CatalogWriter& w) { return AddForeignKey(w, Table(from).oid, key); });
  }
  ObjectAddress AddressOf(std::string_view name) {
    return {classes::kClass, catalog_->FindRelation(kPublicSchema, name)->oid, 0};
  }
};

TEST_F(DdlTest, CreateTableChoosesPostgresNames) {
  CreatePlain("t");
  const TableDescriptor& table = Table("t");
  EXPECT_NE(catalog_->FindRelation(kPublicSchema, "t_pkey"), nullptr);
  EXPECT_NE(catalog_->FindRelation(kPublicSchema, "t_a_key"), nullptr);
  const Relation* sequence = catalog_->FindRelation(kPublicSchema, "t_id_seq");
  ASSERT_NE(sequence, nullptr);
  EXPECT_EQ(sequence->sequence->owner_table, table.oid);
  EXPECT_EQ(sequence->sequence->max_value, INT32_MAX);
  EXPECT_EQ(table.row_key_index, table.PrimaryKey()->oid);
  SearchPath path = Path();
  EXPECT_EQ(ExpandMarks(*catalog_, &path, table.columns[0].default_value->sql),
            "nextval('t_id_seq'::regclass)");
  EXPECT_EQ(ExpandMarks(*catalog_, nullptr, table.columns[0].default_value->sql),
            "nextval('public.t_id_seq'::regclass)");
  EXPECT_EQ(catalog_->FindType(kPublicSchema, "t")->fields.size(), 3u);
}

TEST_F(DdlTest, TakenNamesGetNumbers) {
  Run([](CatalogWriter& writer) {
    SequenceSpec spec;
    spec.name = "t_id_seq";
    spec.schema = kPublicSchema;
    TableSpec table = Plain("t_pkey");
    table.keys.clear();
    CreateTable(writer, table);
    return CreateTable(writer, Plain("t"));
  });
  EXPECT_EQ(Table("t").PrimaryKey()->name, "t_pkey1");
}

TEST_F(DdlTest, LongNamesAreCut) {
  std::string name(60, 'x');
  EXPECT_EQ(MakeObjectName(name, "column", "seq"), std::string(52, 'x') + "_column_seq");
  EXPECT_EQ(MakeObjectName(name, "", "pkey"), std::string(58, 'x') + "_pkey");
}

TEST_F(DdlTest, ExistingRelationIsAnErrorOrANotice) {
  CreatePlain("t");
  auto error = ErrorOf([](CatalogWriter& writer) { CreateTable(writer, Plain("t")); });
  EXPECT_EQ(error.message, "relation \"t\" already exists");
  EXPECT_EQ(error.state, sqlstate::kDuplicateTable);
  Run([](CatalogWriter& writer) {
    TableSpec spec = Plain("t");
    spec.if_not_exists = true;
    EXPECT_EQ(CreateTable(writer, spec), kInvalidOid);
  });
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_EQ(notices_[0].message, "relation \"t\" already exists, skipping");
}

TEST_F(DdlTest, DropReportsForeignKeys) {
  CreatePlain("t");
  CreatePlain("u");
  Refer("u", "t");
  ObjectAddress t = AddressOf("t");
  auto error = ErrorOf([&](CatalogWriter& w) { DropObjects(w, {&t, 1}, DropBehavior::kRestrict); });
  EXPECT_EQ(error.message, "cannot drop table t because other objects depend on it");
  EXPECT_EQ(error.detail, "constraint u_b_fkey on table u depends on table t");
  EXPECT_EQ(error.hint, "Use DROP ... CASCADE to drop the dependent objects too.");
  Run([&](CatalogWriter& w) { DropObjects(w, {&t, 1}, DropBehavior::kCascade); });
  EXPECT_EQ(notices_.back().message, "drop cascades to constraint u_b_fkey on table u");
  EXPECT_EQ(catalog_->FindRelation(kPublicSchema, "t"), nullptr);
  EXPECT_EQ(catalog_->FindRelation(kPublicSchema, "t_id_seq"), nullptr);
  EXPECT_EQ(catalog_->FindRelation(kPublicSchema, "t_pkey"), nullptr);
  EXPECT_EQ(catalog_->FindType(kPublicSchema, "t"), nullptr);
  EXPECT_TRUE(Table("u").FindConstraint("u_b_fkey") == nullptr);
}

TEST_F(DdlTest, PartsCannotBeDroppedAlone) {
  CreatePlain("t");
  ObjectAddress index = AddressOf("t_pkey");
  auto error =
      ErrorOf([&](CatalogWriter& w) { DropObjects(w, {&index, 1}, DropBehavior::kRestrict); });
  EXPECT_EQ(error.message,
            "cannot drop index t_pkey because constraint t_pkey on table t requires it");
  EXPECT_EQ(error.hint, "You can drop constraint t_pkey on table t instead.");
  ObjectAddress sequence = AddressOf("t_id_seq");
  error = ErrorOf(
      [&](CatalogWriter& w) { DropObjects(w, {&sequence, 1}, DropBehavior::kRestrict); });
  EXPECT_EQ(error.detail, "default value for column id of table t depends on sequence t_id_seq");
}

TEST_F(DdlTest, DroppedColumnTakesItsIndexesAlong) {
  CreatePlain("t");
  Run([&](CatalogWriter& w) {
    DropColumn(w, Table("t").oid, "a", false, DropBehavior::kRestrict);
  });
  EXPECT_EQ(catalog_->FindRelation(kPublicSchema, "t_a_key"), nullptr);
  EXPECT_EQ(Table("t").FindColumn("a"), nullptr);
  EXPECT_EQ(Table("t").LiveAttnums(), (std::vector<int16_t>{1, 3}));
}

TEST_F(DdlTest, DroppedPrimaryKeyMovesTheRows) {
  CreatePlain("t");
  uint32_t storage = Table("t").storage_id;
  Run([&](CatalogWriter& w) {
    DropConstraint(w, Table("t").oid, "t_pkey", false, DropBehavior::kRestrict);
  });
  EXPECT_TRUE(Table("t").has_hidden_row_id());
  EXPECT_NE(Table("t").storage_id, storage);
}

TEST_F(DdlTest, RenamesShowInStoredSql) {
  CreatePlain("t");
  CheckSpec check;
  check.check = {"(" + ColumnMark(kInvalidOid, 3) + " > 0)", {{classes::kClass, kInvalidOid, 3}}};
  Run([&](CatalogWriter& w) { AddCheck(w, Table("t").oid, check); });
  ASSERT_NE(Table("t").FindConstraint("t_b_check"), nullptr);
  Run([&](CatalogWriter& w) {
    RenameColumn(w, Table("t").oid, "b", "Size");
    RenameRelation(w, AddressOf("t_id_seq").object, "s");
  });
  SearchPath path = Path();
  EXPECT_EQ(ExpandMarks(*catalog_, &path, Table("t").FindConstraint("t_b_check")->check.sql),
            "(\"Size\" > 0)");
  EXPECT_EQ(ExpandMarks(*catalog_, &path, Table("t").columns[0].default_value->sql),
            "nextval('s'::regclass)");
}

TEST_F(DdlTest, EnumLabelsGoBetween) {
  EnumSpec spec{"mood", kPublicSchema, {"sad", "happy"}};
  Oid type = Run([&](CatalogWriter& w) { return CreateEnum(w, spec); });
  Run([&](CatalogWriter& w) { AddEnumLabel(w, type, "ok", EnumNeighbour{"happy", false}, false); });
  const EnumDescriptor& mood = *catalog_->contents().enums.Get(type);
  EXPECT_EQ(mood.labels[1].label, "ok");
  EXPECT_EQ(mood.labels[1].sort_order, 1.5f);
  EXPECT_EQ(catalog_->FindType(kPublicSchema, "_mood")->element, type);
}

TEST_F(DdlTest, DropSchemaListsWhatIsInside) {
  Oid schema =
      Run([](CatalogWriter& w) { return CreateSchema(w, "s", kSuperuserRole, false); });
  Run([&](CatalogWriter& w) {
    for (const char* name : {"a", "b"}) {
      TableSpec spec = Plain(name);
      spec.schema = schema;
      CreateTable(w, spec);
    }
  });
  ObjectAddress address{classes::kNamespace, schema, 0};
  auto error =
      ErrorOf([&](CatalogWriter& w) { DropObjects(w, {&address, 1}, DropBehavior::kRestrict); });
  EXPECT_EQ(error.detail, "table s.a depends on schema s\ntable s.b depends on schema s");
  Run([&](CatalogWriter& w) { DropObjects(w, {&address, 1}, DropBehavior::kCascade); });
  EXPECT_EQ(notices_.back().message, "drop cascades to 2 other objects");
  EXPECT_TRUE(catalog_->AllRelations().empty());
  EXPECT_TRUE(catalog_->AllTypes().empty());
}

TEST_F(DdlTest, TemporaryObjectsLieInTheSessionsSchema) {
  Run([](CatalogWriter& w) {
    TableSpec spec = Plain("t");
    spec.schema = w.TemporarySchema();
    spec.persistence = 't';
    CreateTable(w, spec);
  });
  EXPECT_TRUE(catalog_->identity().empty());
  const Relation* table = catalog_->FindRelation(Path(), "t");
  ASSERT_NE(table, nullptr);
  EXPECT_TRUE(IsTemporaryOid(table->oid));
  EXPECT_EQ(catalog_->FindSchema("pg_temp")->oid, table->schema);
}

}  // namespace

}  // namespace sundog::catalog::ddl
