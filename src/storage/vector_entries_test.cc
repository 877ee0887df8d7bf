// The entries of hnsw and ivfflat indexes: one for each row that has a vector, kept up with every
// change, and in the list that the vector belongs to.
#include <gtest/gtest.h>

#include <map>

#include "base/sql_error.h"
#include "catalog/builtin_objects.h"
#include "storage/centroids.h"
#include "storage/entry_decoder.h"
#include "storage/kept_centroids.h"
#include "storage/storage_fixture.h"
#include "types/dense_vector.h"
#include "types/distance.h"
#include "types/extension_oids.h"

namespace sundog::storage {
namespace {

catalog::Oid MethodOf(std::string_view name) {
  return catalog::BuiltinObjects::Get().FindAccessMethod(name)->oid;
}

// t (id int primary key, v vector(2)) with one index of vectors.
TableLayoutPtr VectorTable(std::string_view method, std::string_view opclass, int lists = 0) {
  TableBuilder builder("t");
  builder.Column("id", types::oids::kInt4).Column("v", types::oids::kVector);
  builder.table().columns[1].type.typmod = 2;
  builder.PrimaryKey({1}).Index("t_v", {2});
  catalog::IndexDescriptor& index = builder.table().indexes.back();
  index.access_method = MethodOf(method);
  index.keys[0].opclass =
      catalog::BuiltinObjects::Get().FindOpclass(index.access_method, opclass)->oid;
  if (lists > 0) index.options = {"lists=" + std::to_string(lists)};
  return builder.Layout();
}

class VectorEntriesTest : public ::testing::Test {
 protected:
  struct Entry {
    std::string list;  // the key between prefix and row key
    std::string vector;
  };

  // By row key, as the next statement sees them.
  std::map<std::string, Entry> Entries(const TableLayout& layout) {
    session_.txn().BeginStatement();
    const IndexLayout& index = layout.indexes()[0];
    std::map<std::string, Entry> entries;
    kv::KeyRange range = index.WholeRange();
    if (index.has_lists()) {
      range.begin = ListRange(index, 0).begin;
    }
    auto cursor = session_.txn().View().Scan(range);
    while (true) {
      auto batch = cursor->Next(100);
      if (batch.empty()) return entries;
      for (const kv::Entry& entry : batch) {
        std::string_view key = entry.key.substr(index.prefix().size());
        IndexEntryParts parts = SplitIndexEntry(index, key, entry.value);
        std::string list(key.substr(0, key.size() - parts.row_key.size()));
        types::Datum vector = index.stored_format().Read(parts.stored, 0);
        std::string text;
        types::OutputText(session_.io(), layout.TypeOf(2), vector, text);
        EXPECT_TRUE(entries.emplace(parts.row_key, Entry{list, text}).second);
      }
    }
  }
  std::string VectorOf(const TableLayout& layout, const std::string& id) {
    auto entries = Entries(layout);
    auto at = entries.find(session_.RowKeyOf(layout, {id}));
    return at == entries.end() ? "none" : at->second.vector;
  }
  std::string ListOf(const TableLayout& layout, const std::string& id) {
    return Entries(layout).at(session_.RowKeyOf(layout, {id})).list;
  }
  void Update(const TableLayoutPtr& layout, const std::string& id, const Row& row) {
    Rows rows = {row};
    session_.Change(layout, {session_.RowKeyOf(*layout, {id})}, &rows);
  }
  void Delete(const TableLayoutPtr& layout, const std::string& id) {
    session_.Change(layout, {session_.RowKeyOf(*layout, {id})}, nullptr);
  }

  // Two heaps: ids below 50 around the origin, the others far from it.
  void InsertHeaps(const TableLayoutPtr& layout) {
    for (int i = 0; i < 100; ++i) {
      int far = i < 50 ? 0 : 1000;
      session_.Insert(layout, {{std::to_string(i), "[" + std::to_string(far + i % 7) + "," +
                                                       std::to_string(1 + i % 5) + "]"}});
    }
  }

  kv::MemoryBackend backend_;
  txn::TransactionManager manager_{backend_.store(), base::SystemClock()};
  TestSession session_{manager_};
};

TEST_F(VectorEntriesTest, EveryRowWithAVectorHasOne) {
  TableLayoutPtr layout = VectorTable("hnsw", "vector_l2_ops");
  session_.Begin();
  session_.Insert(layout, {{"1", "[1,2]"}, {"2", std::nullopt}, {"3", "[0,0]"}});
  EXPECT_EQ(Entries(*layout).size(), 2u);
  EXPECT_EQ(VectorOf(*layout, "1"), "[1,2]");
  EXPECT_EQ(VectorOf(*layout, "2"), "none");
  EXPECT_EQ(VectorOf(*layout, "3"), "[0,0]");
}

TEST_F(VectorEntriesTest, ZerosHaveNoneWhereDistancesAreAngles) {
  TableLayoutPtr layout = VectorTable("hnsw", "vector_cosine_ops");
  session_.Begin();
  session_.Insert(layout, {{"1", "[1,2]"}, {"2", "[0,0]"}, {"3", "[-0,0]"}});
  EXPECT_EQ(Entries(*layout).size(), 1u);
}

TEST_F(VectorEntriesTest, TheyFollowChanges) {
  TableLayoutPtr layout = VectorTable("hnsw", "vector_l2_ops");
  session_.Begin();
  session_.Insert(layout, {{"1", "[1,2]"}, {"2", "[3,4]"}, {"3", std::nullopt}});
  Update(layout, "1", {"1", "[5,6]"});
  Update(layout, "2", {"20", "[3,4]"});
  Update(layout, "3", {"3", "[7,8]"});
  EXPECT_EQ(VectorOf(*layout, "1"), "[5,6]");
  EXPECT_EQ(VectorOf(*layout, "2"), "none");
  EXPECT_EQ(VectorOf(*layout, "20"), "[3,4]");
  EXPECT_EQ(VectorOf(*layout, "3"), "[7,8]");
  Update(layout, "1", {"1", std::nullopt});
  Delete(layout, "20");
  EXPECT_EQ(Entries(*layout).size(), 1u);
}

TEST_F(VectorEntriesTest, WithoutCentroidsThereIsOneList) {
  TableLayoutPtr layout = VectorTable("ivfflat", "vector_l2_ops", 2);
  session_.Begin();
  InsertHeaps(layout);
  EXPECT_EQ(ListOf(*layout, "1"), ListOf(*layout, "99"));
}

TEST_F(VectorEntriesTest, VectorsAreInTheListOfTheNearestCentroid) {
  TableLayoutPtr layout = VectorTable("ivfflat", "vector_l2_ops", 2);
  // Rows first, without the index.
  TableBuilder bare("t");
  bare.Column("id", types::oids::kInt4).Column("v", types::oids::kVector).PrimaryKey({1});
  session_.Begin();
  InsertHeaps(bare.Layout());
  CentroidSample sample = MakeCentroids(layout, 0, session_.txn(), session_.context(), {});
  EXPECT_EQ(sample.rows, 100u);
  EXPECT_EQ(sample.lists, 2u);
  BackfillIndex(layout, 0, session_.txn(), session_.context());
  EXPECT_EQ(Entries(*layout).size(), 100u);
  EXPECT_EQ(ListOf(*layout, "1"), ListOf(*layout, "2"));
  EXPECT_NE(ListOf(*layout, "1"), ListOf(*layout, "99"));
  // Made once.
  EXPECT_EQ(MakeCentroids(layout, 0, session_.txn(), session_.context(), {}).rows, 2u);

  Update(layout, "1", {"1", "[1001,2]"});
  EXPECT_EQ(ListOf(*layout, "1"), ListOf(*layout, "99"));
  Update(layout, "98", {"298", VectorOf(*layout, "98")});
  EXPECT_EQ(VectorOf(*layout, "98"), "none");
  EXPECT_EQ(ListOf(*layout, "298"), ListOf(*layout, "99"));
  Delete(layout, "1");
  EXPECT_EQ(Entries(*layout).size(), 99u);
  EXPECT_TRUE(session_.Commit().committed());

  TestSession other(manager_);
  other.Begin();
  other.Insert(layout, {{"200", "[1,1]"}});
  EXPECT_TRUE(other.Commit().committed());
  session_.Begin();
  EXPECT_EQ(ListOf(*layout, "200"), ListOf(*layout, "2"));
}

TEST_F(VectorEntriesTest, ARolledBackIndexLeavesNoCentroids) {
  TableLayoutPtr layout = VectorTable("ivfflat", "vector_l2_ops", 2);
  session_.Begin();
  InsertHeaps(layout);
  EXPECT_TRUE(session_.Commit().committed());
  session_.Begin();
  static_cast<void>(MakeCentroids(layout, 0, session_.txn(), session_.context(), {}));
  EXPECT_EQ(layout->indexes()[0].centroids().Find(layout->indexes()[0],
                                                  session_.txn().LatestView())->list_count(), 2u);
  session_.txn().Rollback();
  session_.Begin();
  session_.txn().BeginStatement();
  EXPECT_EQ(layout->indexes()[0].centroids().Find(layout->indexes()[0],
                                                  session_.txn().View())->list_count(), 1u);
}

// "54000 text", or the number of rows in the sample.
std::string TryToMake(const TableLayoutPtr& layout, TestSession& session, size_t most_bytes,
                      size_t* counted = nullptr) {
  CentroidMemory memory{.most_bytes = most_bytes};
  if (counted != nullptr) memory.count = [=](size_t bytes) { *counted += bytes; };
  try {
    auto sample = MakeCentroids(layout, 0, session.txn(), session.context(), memory);
    return std::to_string(sample.rows);
  } catch (const SqlError& error) {
    return std::string(error.state().code()) + " " + error.fields().message;
  }
}

TEST_F(VectorEntriesTest, MoreMemoryThanThereIsForCentroidsIsNotTaken) {
  TableLayoutPtr layout = VectorTable("ivfflat", "vector_l2_ops", 10);
  session_.Begin();
  InsertHeaps(layout);  // 100 rows of 2 elements
  EXPECT_TRUE(session_.Commit().committed());
  const size_t needed = 100 * (2 * 4 + 8) + 10 * (2 * 12 + 8);
  session_.Begin();
  // What the whole sample would take is what is told, as pgvector does.
  EXPECT_EQ(TryToMake(layout, session_, needed - 1),
            "54000 memory required is 1 MB, maintenance_work_mem is 0 MB");
  size_t counted = 0;
  EXPECT_EQ(TryToMake(layout, session_, needed, &counted), "100");
  EXPECT_EQ(counted, needed);
}

TEST_F(VectorEntriesTest, BitsThatFitAsBitsAreNotRefused) {
  TableBuilder builder("t");
  builder.Column("id", types::oids::kInt4).Column("v", types::oids::kBit);
  builder.table().columns[1].type.typmod = 64;
  builder.PrimaryKey({1}).Index("t_v", {2});
  catalog::IndexDescriptor& index = builder.table().indexes.back();
  index.access_method = MethodOf("ivfflat");
  index.keys[0].opclass =
      catalog::BuiltinObjects::Get().FindOpclass(index.access_method, "bit_hamming_ops")->oid;
  index.options = {"lists=2"};
  TableLayoutPtr layout = builder.Layout();
  session_.Begin();
  for (int i = 0; i < 3000; ++i) {
    std::string bits;
    for (int bit = 0; bit < 64; ++bit) bits += (i >> (bit % 12)) % 2 == 1 ? '1' : '0';
    session_.Insert(layout, {{std::to_string(i), bits}});
  }
  EXPECT_TRUE(session_.Commit().committed());
  session_.Begin();
  // A sample of 10,000 rows: 12 bytes each, or 256 as floats.
  EXPECT_EQ(TryToMake(layout, session_, 150'000),
            "54000 memory required is 3 MB, maintenance_work_mem is 0 MB");
  EXPECT_EQ(TryToMake(layout, session_, 264'000), "994");
}

TEST_F(VectorEntriesTest, CentroidsAreReadAnewWhenOthersWereUsedMore) {
  TableLayoutPtr layout = VectorTable("ivfflat", "vector_l2_ops", 2);
  const IndexLayout& index = layout->indexes()[0];
  session_.Begin();
  InsertHeaps(layout);
  EXPECT_TRUE(session_.Commit().committed());
  session_.Begin();
  EXPECT_EQ(TryToMake(layout, session_, SIZE_MAX), "100");
  txn::ReadView view = session_.txn().LatestView();
  const size_t bytes = Centroids(types::oids::kVector, false, 2, {1, 2, 3, 4}).bytes();

  KeptCentroids kept(2 * bytes);
  CentroidCache caches[3] = {CentroidCache(kept), CentroidCache(kept), CentroidCache(kept)};
  std::weak_ptr<const Centroids> found[3];
  for (int i : {0, 1, 0, 2}) found[i] = caches[i].Find(index, view);
  EXPECT_EQ(kept.bytes(), 2 * bytes);
  EXPECT_FALSE(found[0].expired());
  EXPECT_TRUE(found[1].expired());
  EXPECT_FALSE(found[2].expired());
  EXPECT_EQ(caches[0].Find(index, view), found[0].lock());  // not another one
  EXPECT_EQ(caches[1].Find(index, view)->list_count(), 2u);
  EXPECT_TRUE(found[2].expired());

  KeptCentroids none(bytes - 1);
  CentroidCache uncached(none);
  EXPECT_EQ(uncached.Find(index, view)->list_count(), 2u);
  EXPECT_EQ(none.bytes(), 0u);
}

std::string_view Bytes(const std::vector<float>& vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

TEST(CentroidsTest, EqualDistancesGoToTheFirstList) {
  Centroids centroids(types::oids::kVector, false, 2, {1, 0, 0, 1, -1, 0});
  EXPECT_EQ(centroids.ListOf(Bytes({0, 0})), 0);
  EXPECT_EQ(centroids.ListOf(Bytes({0, 0.5f})), 1);
  EXPECT_EQ(centroids.ListOf(Bytes({-3, 0})), 2);
  for (size_t exactly : {1, 2, 3, 100}) {
    EXPECT_EQ(centroids.Ranked(Bytes({-3, 0.1f}), exactly), (std::vector<int32_t>{2, 1, 0}));
  }
}

TEST(CentroidsTest, SphericalListsAreOfDirections) {
  Centroids centroids(types::oids::kVector, true, 2, {1, 0, 0, 1});
  EXPECT_EQ(centroids.ListOf(Bytes({0.001f, 0.0001f})), 0);
  EXPECT_EQ(centroids.ListOf(Bytes({5, 1000})), 1);
}

TEST(CentroidsTest, DistancesThatOverflowAreCompared) {
  Centroids centroids(types::oids::kVector, false, 2, {-3e38f, 0, -2e38f, 0, 3e38f, 0});
  EXPECT_EQ(centroids.ListOf(Bytes({3e38f, 0})), 2);
  EXPECT_EQ(centroids.Ranked(Bytes({3e38f, 0}), 1), (std::vector<int32_t>{2, 1, 0}));
}

// Seeded: the list is that of the least distance in double precision, summed up in order.
TEST(CentroidsTest, RoundingDecidesNothing) {
  base::Random random(11);
  constexpr size_t kDimensions = 37;
  for (int round = 0; round < 50; ++round) {
    std::vector<float> values;
    for (size_t i = 0; i < 20 * kDimensions; ++i) {
      values.push_back(static_cast<float>(random.NextDouble()));
    }
    // Two that differ by less than single precision tells in a sum.
    for (size_t d = 0; d < kDimensions; ++d) {
      values.push_back(values[d] + (d == 3 ? 1e-6f : 0.0f));
    }
    std::vector<float> vector;
    for (size_t d = 0; d < kDimensions; ++d) {
      vector.push_back(values[d] + static_cast<float>(random.NextDouble()) * 0.01f);
    }
    int32_t best = 0;
    double best_distance = 1e300;
    for (int32_t list = 0; list < 21; ++list) {
      double distance = 0;
      for (size_t d = 0; d < kDimensions; ++d) {
        double difference = double{vector[d]} - values[static_cast<size_t>(list) * kDimensions + d];
        distance += difference * difference;
      }
      if (distance < best_distance) best = list, best_distance = distance;
    }
    Centroids centroids(types::oids::kVector, false, kDimensions, values);
    ASSERT_EQ(centroids.ListOf(Bytes(vector)), best) << "round " << round;
    ASSERT_EQ(centroids.Ranked(Bytes(vector), 1)[0], best) << "round " << round;
  }
}

}  // namespace
}  // namespace sundog::storage
