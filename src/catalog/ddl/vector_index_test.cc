// CREATE INDEX USING hnsw and ivfflat: what the descriptors have, and what is refused.
#include <gtest/gtest.h>

#include "catalog/builtin_objects.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/ddl_fixture.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/objects.h"
#include "catalog/index_options.h"
#include "catalog/vector_index.h"
#include "types/extension_oids.h"

namespace sundog::catalog::ddl {
namespace {

namespace oids = types::oids;

class VectorIndexTest : public DdlFixture {
 protected:
  void SetUp() override {
    extension_ = Run([](CatalogWriter& writer) {
      return CreateExtension(writer, "vector", kPublicSchema, /*if_not_exists=*/false);
    });
    Run([](CatalogWriter& writer) {
      TableSpec spec = Plain("t");
      auto add = [&](std::string name, Oid type, int32_t typmod) {
        spec.columns.push_back(Column(std::move(name), type));
        spec.columns.back().type.typmod = typmod;
      };
      add("v", oids::kVector, 3);
      add("one", oids::kVector, 1);
      add("any", oids::kVector, -1);
      add("h", oids::kHalfvec, 3);
      add("bits", oids::kBit, 64000);
      add("more", oids::kBit, 64001);
      add("varying", oids::kVarbit, 8);
      CreateTable(writer, spec);
    });
  }
  static Oid Opclass(Oid method, std::string_view name) {
    return BuiltinObjects::Get().FindOpclass(method, name)->oid;
  }
  // An empty operator class: the default.
  IndexSpec Spec(Oid method, std::string column, std::string_view opclass,
                 std::vector<std::string> options = {}) {
    IndexSpec spec;
    spec.table = Table("t").oid;
    spec.access_method = method;
    spec.options = std::move(options);
    IndexKeySpec key;
    key.column = std::move(column);
    if (!opclass.empty()) key.opclass = Opclass(method, opclass);
    spec.keys.push_back(key);
    return spec;
  }
  IndexDescriptor Create(const IndexSpec& spec) {
    Oid oid = Run([&](CatalogWriter& writer) { return CreateIndex(writer, spec); });
    return *Table("t").FindIndex(oid);
  }
  std::string Refusal(const IndexSpec& spec) {
    base::ErrorFields error = ErrorOf([&](CatalogWriter& writer) { CreateIndex(writer, spec); });
    return std::string(error.state.code()) + " " + error.message +
           (error.detail.empty() ? "" : " / " + error.detail);
  }
  base::ErrorFields DropError() {
    ObjectAddress extension{classes::kExtension, extension_, 0};
    return ErrorOf([&](CatalogWriter& writer) {
      DropObjects(writer, {&extension, 1}, DropBehavior::kRestrict);
    });
  }
  void Alter(std::string_view column, SqlType type) {
    Run([&](CatalogWriter& writer) {
      AlterColumnType(writer, Table("t").oid, column, type, kInvalidOid, std::nullopt);
    });
  }

  Oid extension_ = kInvalidOid;
};

TEST_F(VectorIndexTest, OptionsAreAsGivenOrTheDefaults) {
  IndexDescriptor graph = Create(Spec(kHnswAccessMethod, "v", "vector_cosine_ops", {"m=20"}));
  EXPECT_EQ(graph.access_method, kHnswAccessMethod);
  EXPECT_EQ(graph.name, "t_v_idx");
  EXPECT_EQ(IndexOption(graph, "m"), 20);
  EXPECT_EQ(IndexOption(graph, "ef_construction"), 64);
  IndexDescriptor lists = Create(Spec(kIvfflatAccessMethod, "v", ""));
  EXPECT_EQ(lists.keys[0].opclass, Opclass(kIvfflatAccessMethod, "vector_l2_ops"));
  EXPECT_EQ(IndexOption(lists, "lists"), 100);
}

TEST_F(VectorIndexTest, EveryOperatorClassHasTheOperatorOfItsName) {
  using types::VectorMetric;
  constexpr std::tuple<std::string_view, std::string_view, VectorMetric> kOperators[] = {
      {"_l2_ops", "<->", VectorMetric::kL2},
      {"_ip_ops", "<#>", VectorMetric::kInnerProduct},
      {"_cosine_ops", "<=>", VectorMetric::kCosine},
      {"_l1_ops", "<+>", VectorMetric::kL1},
      {"_hamming_ops", "<~>", VectorMetric::kHamming},
      {"_jaccard_ops", "<%>", VectorMetric::kJaccard}};
  int count = 0;
  for (const OpclassInfo& opclass : BuiltinObjects::Get().opclasses()) {
    if (!IsVectorMethod(opclass.method)) continue;
    ++count;
    const functions::OperatorInfo* op = catalog_->FindOperator(DistanceOperator(opclass.oid));
    ASSERT_NE(op, nullptr) << opclass.name;
    EXPECT_EQ(op->left, opclass.input_type) << opclass.name;
    for (const auto& [suffix, name, metric] : kOperators) {
      bool named = opclass.name.ends_with(suffix);
      EXPECT_EQ(op->name == name, named) << opclass.name;
      EXPECT_EQ(DistanceMetric(opclass.oid) == metric, named) << opclass.name;
    }
  }
  EXPECT_EQ(count, 14 + 7);
}

TEST_F(VectorIndexTest, ColumnsThatCannotBeIndexedAreRefused) {
  EXPECT_EQ(Refusal(Spec(kHnswAccessMethod, "v", "")),
            "42704 data type vector has no default operator class for access method \"hnsw\"");
  EXPECT_EQ(Refusal(Spec(kHnswAccessMethod, "h", "vector_l2_ops")),
            "42804 operator class \"vector_l2_ops\" does not accept data type halfvec");
  EXPECT_EQ(Refusal(Spec(kHnswAccessMethod, "any", "vector_l2_ops")),
            "22023 column does not have dimensions");
  EXPECT_EQ(Refusal(Spec(kIvfflatAccessMethod, "varying", "bit_hamming_ops")),
            "0A000 type not supported for ivfflat index");
  Create(Spec(kHnswAccessMethod, "bits", "bit_jaccard_ops"));
  EXPECT_EQ(Refusal(Spec(kHnswAccessMethod, "more", "bit_jaccard_ops")),
            "54000 column cannot have more than 64000 dimensions for hnsw index");
  Create(Spec(kIvfflatAccessMethod, "one", "vector_l2_ops"));
  EXPECT_EQ(Refusal(Spec(kIvfflatAccessMethod, "one", "vector_cosine_ops")),
            "22023 dimensions must be greater than one for this opclass");
}

TEST_F(VectorIndexTest, OptionsOutOfBoundsAreRefused) {
  auto refusal = [&](std::vector<std::string> options) {
    return Refusal(Spec(kHnswAccessMethod, "v", "vector_l2_ops", std::move(options)));
  };
  EXPECT_EQ(refusal({"m=1"}), "22023 value 1 out of bounds for option \"m\" / Valid values are "
                              "between \"2\" and \"100\".");
  EXPECT_EQ(refusal({"m=16", "ef_construction=31"}),
            "22023 ef_construction must be greater than or equal to 2 * m");
  EXPECT_EQ(refusal({"lists=5"}), "22023 unrecognized parameter \"lists\"");
  EXPECT_EQ(refusal({"m=5", "m=6"}), "22023 parameter \"m\" specified more than once");
  EXPECT_EQ(refusal({"m=true"}), "22023 invalid value for integer option \"m\": true");
}

TEST_F(VectorIndexTest, WhatOnlyOrderedIndexesHaveIsRefused) {
  IndexSpec spec = Spec(kHnswAccessMethod, "v", "vector_l2_ops");
  auto refusal = [&](auto change) {
    IndexSpec changed = spec;
    change(changed);
    return Refusal(changed);
  };
  EXPECT_EQ(refusal([](IndexSpec& s) { s.unique = true; }),
            "0A000 access method \"hnsw\" does not support unique indexes");
  EXPECT_EQ(refusal([](IndexSpec& s) { s.included = {"id"}; }),
            "0A000 access method \"hnsw\" does not support included columns");
  EXPECT_EQ(refusal([](IndexSpec& s) { s.keys.push_back(s.keys[0]); }),
            "0A000 access method \"hnsw\" does not support multicolumn indexes");
  EXPECT_EQ(refusal([](IndexSpec& s) { s.keys[0].ordered = true; }),
            "0A000 access method \"hnsw\" does not support ASC/DESC options");
  EXPECT_EQ(refusal([](IndexSpec& s) { s.keys[0].nulls_first = false; }),
            "0A000 access method \"hnsw\" does not support NULLS FIRST/LAST options");
}

TEST_F(VectorIndexTest, IndexesNeedTheExtensionTheirOperatorClassIsOf) {
  Create(Spec(kHnswAccessMethod, "bits", "bit_hamming_ops"));
  EXPECT_NE(DropError().detail.find("index t_bits_idx depends on operator class bit_hamming_ops "
                                    "for access method hnsw"),
            std::string::npos)
      << DropError().detail;
}

TEST_F(VectorIndexTest, AnotherColumnTypeKeepsTheOperatorClassIfItCan) {
  IndexDescriptor index = Create(Spec(kHnswAccessMethod, "v", "vector_ip_ops"));
  Alter("v", {oids::kVector, 5});
  const IndexKey& key = Table("t").FindIndex(index.oid)->keys[0];
  EXPECT_EQ(key.type, (SqlType{oids::kVector, 5}));
  EXPECT_EQ(key.opclass, Opclass(kHnswAccessMethod, "vector_ip_ops"));
  auto refusal = [&](SqlType type) {
    return ErrorOf([&](CatalogWriter& writer) {
             AlterColumnType(writer, Table("t").oid, "v", type, kInvalidOid, std::nullopt);
           })
        .message;
  };
  EXPECT_EQ(refusal({oids::kVector, -1}), "column does not have dimensions");
  EXPECT_EQ(refusal({oids::kHalfvec, 3}),
            "operator class \"vector_ip_ops\" does not accept data type halfvec");
}

TEST_F(VectorIndexTest, OptionsStayAsTheyAre) {
  IndexDescriptor index = Create(Spec(kHnswAccessMethod, "v", "vector_l2_ops", {"m=8"}));
  auto error = ErrorOf([&](CatalogWriter& writer) { SetOptions(writer, index.oid, {"m=9"}, {}); });
  EXPECT_EQ(error.state, sqlstate::kFeatureNotSupported);
}

}  // namespace
}  // namespace sundog::catalog::ddl
