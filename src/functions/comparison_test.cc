// Kernels over vectors: constants, selections, and the dense loops must agree.
#include <gtest/gtest.h>

#include "functions/implementations.h"
#include "functions/proc.h"
#include "types/io_settings.h"

namespace sundog::functions {
namespace {

const FunctionImplementation& Implementation(std::string_view signature) {
  for (const ProcInfo& proc : BuiltinProcs::Get().procs()) {
    if (ProcSignature(proc) == signature) return *proc.implementation;
  }
  base::CheckFailed(__FILE__, __LINE__, "function exists", std::string(signature));
}

class KernelTest : public testing::Test {
 protected:
  KernelTest() {
    environment_.io.types = &types::BuiltinTypes::Get();
    environment_.io.settings = &settings_;
  }
  types::IoSettings settings_;
  Environment environment_;
};

TEST_F(KernelTest, DenseSparseAndConstantArgumentsAgree) {
  constexpr size_t kRows = types::kVectorSize;
  CallContext call(environment_, {{types::oids::kInt4}, {types::oids::kInt8}},
                   {types::oids::kBool});
  Vector left(types::PhysicalKind::kInt32);
  Vector right(types::PhysicalKind::kInt64);
  Vector constant(types::PhysicalKind::kInt64);
  for (size_t i = 0; i < kRows; ++i) {
    left.Set<int32_t>(i, static_cast<int32_t>(i % 5));
    right.Set<int64_t>(i, static_cast<int64_t>(i % 3));
  }
  constant.SetConstant(Datum::From<int64_t>(2));
  ScalarKernel less = Implementation("int48lt(int4,int8)").scalar;
  Vector dense(types::PhysicalKind::kBool);
  const std::vector<const Vector*> columns = {&left, &right};
  less(call, columns, RowSet(kRows), dense);
  const uint16_t kSome[] = {1};
  Vector sparse(types::PhysicalKind::kBool);
  less(call, columns, RowSet(kSome, 1), sparse);
  EXPECT_EQ(sparse.At<bool>(1), dense.At<bool>(1));
  Vector with_constant(types::PhysicalKind::kBool);
  const std::vector<const Vector*> constant_right = {&left, &constant};
  less(call, constant_right, RowSet(kRows), with_constant);
  for (size_t i = 0; i < kRows; ++i) {
    EXPECT_EQ(dense.At<bool>(i), i % 5 < i % 3) << i;
    EXPECT_EQ(with_constant.At<bool>(i), i % 5 < 2) << i;
  }
}

TEST_F(KernelTest, LikeWithAConstantPatternEqualsLikeRowByRow) {
  CallContext call(environment_, {{types::oids::kText}, {types::oids::kText}},
                   {types::oids::kBool});
  ScalarKernel like = Implementation("textlike(text,text)").scalar;
  constexpr std::string_view kTexts[] = {"abc", "", "xabcx", "ab", "日本語", "a%c"};
  for (std::string_view pattern : {"abc", "abc%", "%abc", "%abc%", "%", "%%", "", "a_c", "%b%",
                                   "日%", "a\\%c", "%a%c%"}) {
    for (std::string_view text : kTexts) {
      Vector texts(types::PhysicalKind::kVarlen);
      Vector patterns(types::PhysicalKind::kVarlen);
      Vector constant(types::PhysicalKind::kVarlen);
      texts.Set(0, text);
      patterns.Set(0, pattern);
      constant.SetConstant(Datum::From(pattern));
      Vector by_row(types::PhysicalKind::kBool);
      Vector by_shape(types::PhysicalKind::kBool);
      const std::vector<const Vector*> row_arguments = {&texts, &patterns};
      const std::vector<const Vector*> constant_arguments = {&texts, &constant};
      like(call, row_arguments, RowSet(1), by_row);
      like(call, constant_arguments, RowSet(1), by_shape);
      EXPECT_EQ(by_row.At<bool>(0), by_shape.At<bool>(0)) << text << " LIKE " << pattern;
    }
  }
}

}  // namespace
}  // namespace sundog::functions
