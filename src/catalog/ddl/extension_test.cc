// CREATE and DROP EXTENSION: members are found while the extension is there, in its schema.
#include <gtest/gtest.h>

#include "catalog/ddl/ddl_fixture.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/objects.h"
#include "catalog/extensions.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "types/extension_oids.h"

namespace sundog::catalog::ddl {
namespace {

namespace oids = types::oids;

class ExtensionTest : public DdlFixture {
 protected:
  Oid Create(Oid schema = kPublicSchema) {
    return Run([&](CatalogWriter& writer) {
      return CreateExtension(writer, "vector", schema, /*if_not_exists=*/false);
    });
  }
  bool KnowsMembers() const {
    bool knows = catalog_->FindType(Path(), "vector") != nullptr;
    EXPECT_EQ(catalog_->FindType(oids::kVector) != nullptr, knows);
    EXPECT_EQ(catalog_->FindType(oids::kVectorArray) != nullptr, knows);
    EXPECT_EQ(!catalog_->ProcsNamed("l2_distance").empty(), knows);
    EXPECT_EQ(!catalog_->OperatorsNamed("<=>").empty(), knows);
    return knows;
  }
  void CreateTableOfVectors() {
    Run([](CatalogWriter& writer) {
      TableSpec spec = Plain("t");
      spec.columns.push_back(Column("v", oids::kVector));
      CreateTable(writer, spec);
    });
  }
};

TEST_F(ExtensionTest, MembersAreThereWhileTheExtensionIs) {
  EXPECT_FALSE(KnowsMembers());
  size_t plus = catalog_->OperatorsNamed("+").size();
  Oid oid = Create();
  EXPECT_TRUE(KnowsMembers());
  EXPECT_EQ(catalog_->OperatorsNamed("+").size(), plus + 2);
  EXPECT_EQ(catalog_->FindType(oids::kVector)->schema, kPublicSchema);
  EXPECT_EQ(catalog_->ProcsNamed("l2_distance").size(), 3u);
  ObjectAddress extension{classes::kExtension, oid, 0};
  Run([&](CatalogWriter& w) { DropObjects(w, {&extension, 1}, DropBehavior::kRestrict); });
  EXPECT_FALSE(KnowsMembers());
  EXPECT_EQ(catalog_->OperatorsNamed("+").size(), plus);
  EXPECT_EQ(catalog_->ProcsNamed("avg").size(),
            functions::BuiltinProcs::Get().ProcsNamed("avg").size());
}

TEST_F(ExtensionTest, NamesAreQualifiedWhereThePathLeavesOutTheSchema) {
  Oid schema = Run([](CatalogWriter& w) { return CreateSchema(w, "ext", kSuperuserRole, false); });
  Create(schema);
  EXPECT_EQ(catalog_->FindType(Path(), "vector"), nullptr);
  EXPECT_NE(catalog_->FindType(schema, "vector"), nullptr);
  SearchPath path = Path();
  EXPECT_EQ(TypeName(*catalog_, &path, {oids::kVector, 3}), "ext.vector(3)");
  const functions::OperatorInfo& op = *catalog_->OperatorsNamed("<~>")[0];
  EXPECT_EQ(OperatorName(*catalog_, &path, op), "OPERATOR(ext.<~>)");
  EXPECT_EQ(ExpandMarks(*catalog_, nullptr, "a " + OperatorMark(op.oid) + " b"),
            "a OPERATOR(ext.<~>) b");
  path.schemas.push_back(schema);
  EXPECT_EQ(OperatorName(*catalog_, &path, op), "<~>");
  EXPECT_EQ(TypeName(*catalog_, &path, {oids::kVector, 3}), "vector(3)");
}

TEST_F(ExtensionTest, MembersCannotBeDroppedByThemselves) {
  Create();
  ObjectAddress type{classes::kType, oids::kVector, 0};
  auto error = ErrorOf([&](CatalogWriter& w) {
    DropObjects(w, {&type, 1}, DropBehavior::kCascade);
  });
  EXPECT_EQ(error.message, "cannot drop type vector because extension vector requires it");
  EXPECT_EQ(error.hint, "You can drop extension vector instead.");
}

TEST_F(ExtensionTest, DroppingItTakesColumnsOfItsTypesOnlyWithCascade) {
  Oid oid = Create();
  CreateTableOfVectors();
  ObjectAddress extension{classes::kExtension, oid, 0};
  auto error = ErrorOf([&](CatalogWriter& w) {
    DropObjects(w, {&extension, 1}, DropBehavior::kRestrict);
  });
  EXPECT_EQ(error.message, "cannot drop extension vector because other objects depend on it");
  EXPECT_EQ(error.detail, "column v of table t depends on type vector");
  Run([&](CatalogWriter& w) { DropObjects(w, {&extension, 1}, DropBehavior::kCascade); });
  EXPECT_EQ(notices_.back().message, "drop cascades to column v of table t");
  EXPECT_FALSE(KnowsMembers());
}

TEST_F(ExtensionTest, NamesThatAreTakenAreRefused) {
  Run([](CatalogWriter& writer) {
    TableSpec spec = Plain("halfvec");
    CreateTable(writer, spec);
  });
  auto create = [](CatalogWriter& w) { CreateExtension(w, "vector", kPublicSchema, false); };
  EXPECT_EQ(ErrorOf(create).message, "type \"halfvec\" already exists");
}

// Every row of the tables that refers to another one finds it.
TEST_F(ExtensionTest, MembersReferToEachOther) {
  Create();
  const functions::BuiltinProcs& builtin = functions::BuiltinProcs::Get();
  int run = 0;
  for (const functions::ProcInfo& proc : builtin.procs()) {
    if (!types::IsExtensionMember(proc.oid)) continue;
    EXPECT_NE(catalog_->FindType(proc.result_type), nullptr) << proc.name;
    run += proc.implementation != nullptr;
  }
  EXPECT_EQ(run, 111 - 15);  // all but input, output, receive, send and typmod functions
  for (const functions::OperatorInfo& op : builtin.operators()) {
    if (!types::IsExtensionMember(op.oid)) continue;
    const functions::ProcInfo* proc = catalog_->FindProc(op.function);
    ASSERT_NE(proc, nullptr) << op.name;
    EXPECT_EQ(proc->argument_types, (std::vector<Oid>{op.left, op.right})) << op.name;
    EXPECT_EQ(proc->result_type, op.result) << op.name;
    if (op.commutator != 0) {
      EXPECT_EQ(catalog_->FindOperator(op.commutator)->commutator, op.oid) << op.name;
    }
    if (op.negator != 0) {
      EXPECT_EQ(catalog_->FindOperator(op.negator)->negator, op.oid) << op.name;
    }
  }
  for (const functions::CastInfo& cast : builtin.casts()) {
    if (!types::IsExtensionMember(cast.oid)) continue;
    const functions::ProcInfo* proc = catalog_->FindProc(cast.function);
    ASSERT_NE(proc, nullptr);
    EXPECT_EQ(proc->argument_types[0], cast.source) << proc->name;
    EXPECT_EQ(proc->result_type, cast.target) << proc->name;
  }
}

}  // namespace
}  // namespace sundog::catalog::ddl
