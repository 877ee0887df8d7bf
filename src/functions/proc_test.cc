#include "functions/proc.h"

#include <gtest/gtest.h>

#include "types/type_info.h"

namespace sundog::functions {
namespace {

TEST(BuiltinProcs, KnowsOperatorsCastsAndTheirFunctions) {
  const BuiltinProcs& procs = BuiltinProcs::Get();
  const CastInfo* cast = procs.FindCast(types::oids::kInt4, types::oids::kInt8);
  ASSERT_NE(cast, nullptr);
  EXPECT_EQ(cast->context, 'i');
  EXPECT_EQ(procs.FindProc(cast->function)->name, "int8");
  bool found = false;
  for (const OperatorInfo* op : procs.OperatorsNamed("+")) {
    if (op->left == types::oids::kInt4 && op->right == types::oids::kInt4) {
      found = true;
      EXPECT_EQ(procs.FindProc(op->function)->source, "int4pl");
    }
  }
  EXPECT_TRUE(found);
}

TEST(BuiltinProcs, SplitsDefaultsAndModes) {
  for (const ProcInfo* proc : BuiltinProcs::Get().ProcsNamed("jsonb_path_query")) {
    EXPECT_EQ(proc->defaults.size(), static_cast<size_t>(proc->default_count));
  }
}

TEST(BuiltinTypes, FindsTypesByOidAndName) {
  const types::BuiltinTypes& types = types::BuiltinTypes::Get();
  EXPECT_EQ(types.FindType(types::oids::kInt4)->name, "int4");
  EXPECT_EQ(types.FindByName("_int4")->element, types::oids::kInt4);
  EXPECT_EQ(types.FindType(999999), nullptr);
}

}  // namespace
}  // namespace sundog::functions
