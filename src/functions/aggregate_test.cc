#include <gtest/gtest.h>

#include <optional>

#include "functions/proc.h"
#include "functions/implementations.h"
#include "types/type_info.h"
#include "types/vector.h"

namespace sundog::functions {
namespace {

// Drives an aggregate over int4 values without any type's text form.
class Int4Aggregate {
 public:
  explicit Int4Aggregate(std::string_view name, SqlType result) {
    environment_.io.types = &types::BuiltinTypes::Get();
    call_.emplace(environment_, std::vector<SqlType>{{types::oids::kInt4}}, result);
    for (const ProcInfo& proc : BuiltinProcs::Get().procs()) {
      if (ProcSignature(proc) == name) aggregate_ = proc.implementation->aggregate;
    }
  }
  // Null elements are nullopt; the first `retracted` values are taken back.
  Datum Run(const std::vector<std::optional<int32_t>>& values, size_t retracted = 0) {
    Vector input(types::PhysicalKind::kInt32, values.size() + 1);
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].has_value()) {
        input.Set<int32_t>(i, *values[i]);
      } else {
        input.SetNull(i);
      }
    }
    const std::vector<const Vector*> arguments = {&input};
    alignas(16) char state[256];
    alignas(16) char other[256];
    aggregate_->initialize(*call_, state);
    aggregate_->initialize(*call_, other);
    std::vector<void*> states(values.size() + 1, other);
    RowSet rows(values.size());
    aggregate_->update_one(*call_, state, arguments, rows);
    aggregate_->update(*call_, states.data(), arguments, rows);
    Vector out(call_->result_type_info().physical, 2);
    aggregate_->finalize(*call_, state, out, 0);
    aggregate_->finalize(*call_, other, out, 1);
    EXPECT_EQ(out.IsNull(0), out.IsNull(1));
    if (retracted > 0) {
      aggregate_->retract_one(*call_, state, arguments, RowSet(retracted));
      out.Reset();
      aggregate_->finalize(*call_, state, out, 0);
    }
    return out.DatumAt(0);
  }

 private:
  Environment environment_;
  std::optional<CallContext> call_;
  const AggregateImplementation* aggregate_ = nullptr;
};

TEST(Aggregates, CountSumMinMaxSkipNulls) {
  const SqlType int8{types::oids::kInt8};
  const SqlType int4{types::oids::kInt4};
  EXPECT_EQ(Int4Aggregate("count(any)", int8).Run({1, {}, 3}).As<int64_t>(), 2);
  EXPECT_EQ(Int4Aggregate("count()", int8).Run({1, {}, 3}).As<int64_t>(), 3);
  EXPECT_EQ(Int4Aggregate("sum(int4)", int8).Run({1, {}, 3}).As<int64_t>(), 4);
  EXPECT_EQ(Int4Aggregate("sum(int4)", int8)
                .Run({2147483647, 2147483647})
                .As<int64_t>(),
            4294967294);
  EXPECT_EQ(Int4Aggregate("min(int4)", int4).Run({5, {}, -3}).As<int32_t>(), -3);
  EXPECT_EQ(Int4Aggregate("max(int4)", int4).Run({5, {}, -3}).As<int32_t>(), 5);
  EXPECT_EQ(Int4Aggregate("bit_and(int4)", int4).Run({7, {}, 5}).As<int32_t>(), 5);
}

TEST(Aggregates, AreNullOverNothingButCountIsZero) {
  const SqlType int8{types::oids::kInt8};
  EXPECT_EQ(Int4Aggregate("count(any)", int8).Run({}).As<int64_t>(), 0);
  EXPECT_TRUE(Int4Aggregate("sum(int4)", int8).Run({}).is_null());
  EXPECT_TRUE(Int4Aggregate("sum(int4)", int8).Run({{}, {}}).is_null());
  EXPECT_TRUE(Int4Aggregate("max(int4)", {types::oids::kInt4}).Run({{}}).is_null());
}

TEST(Aggregates, RetractedRowsAreAsIfNeverThere) {
  const SqlType int8{types::oids::kInt8};
  EXPECT_EQ(Int4Aggregate("sum(int4)", int8).Run({1, {}, 3}, 2).As<int64_t>(), 3);
  EXPECT_TRUE(Int4Aggregate("sum(int4)", int8).Run({1, {}, 3}, 3).is_null());
  EXPECT_EQ(Int4Aggregate("count(any)", int8).Run({1, {}, 3}, 2).As<int64_t>(), 1);
}

}  // namespace
}  // namespace sundog::functions
