#include "types/array_subscript.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/sql_error.h"
#include "types/io_settings.h"
#include "types/type_info.h"

namespace sundog::types {
namespace {

struct Fixture {
  Fixture() {
    io.types = &BuiltinTypes::Get();
    io.settings = &settings;
  }
  ArrayReader Read(std::string_view text) {
    return ArrayReader(
        InputText(io, {oids::kInt4Array}, text, arena).As<std::string_view>());
  }
  std::string Print(std::string_view bytes) {
    std::string text;
    OutputText(io, io.types->GetType(oids::kInt4Array), Datum::From(bytes), text);
    return text;
  }
  std::string Assign(std::string_view array, std::vector<int32_t> subscripts, int32_t value) {
    try {
      return Print(AssignArrayElement(Read(array), subscripts, Datum::From(value), arena));
    } catch (const SqlError& error) {
      return std::string(error.state().code()) + " " + error.what();
    }
  }
  std::string AssignSlice(std::string_view array, std::vector<SliceSubscript> slices,
                          std::string_view source) {
    try {
      return Print(AssignArraySlice(Read(array), slices, Read(source), arena));
    } catch (const SqlError& error) {
      return std::string(error.state().code()) + " " + error.what();
    }
  }
  IoSettings settings;
  IoContext io;
  base::Arena arena;
};

constexpr SliceBound kOpen{};
constexpr SliceBound At(int32_t value) { return {value, true}; }

TEST(ArrayElement, IsNullOutsideTheBoundsAndForWrongDimensions) {
  Fixture f;
  const int32_t one[] = {3};
  const int32_t two[] = {2, 1};
  EXPECT_EQ(ArrayElement(f.Read("[2:4]={7,8,9}"), one).As<int32_t>(), 8);
  EXPECT_TRUE(ArrayElement(f.Read("{7,8}"), one).is_null());
  EXPECT_TRUE(ArrayElement(f.Read("{7,8,9}"), two).is_null());
  EXPECT_EQ(ArrayElement(f.Read("{{1,2},{3,4}}"), two).As<int32_t>(), 3);
}

TEST(ArraySlice, IsCutToTheBounds) {
  Fixture f;
  auto slice = [&](std::string_view array, std::vector<SliceSubscript> slices) {
    return f.Print(ArraySlice(f.Read(array), slices, f.arena));
  };
  EXPECT_EQ(slice("{1,2,3,4}", {{At(2), At(3)}}), "{2,3}");
  EXPECT_EQ(slice("{1,2,3,4}", {{kOpen, At(2)}}), "{1,2}");
  EXPECT_EQ(slice("{1,2,3,4}", {{At(3), At(99)}}), "{3,4}");
  EXPECT_EQ(slice("{1,2,3,4}", {{At(5), At(9)}}), "{}");
  EXPECT_EQ(slice("{{1,2},{3,4}}", {{At(2), At(2)}}), "{{3,4}}");
  EXPECT_EQ(slice("{{1,2},{3,4}}", {{kOpen, kOpen}, {At(2), At(2)}}), "{{2},{4}}");
}

TEST(ArrayAssignment, ExtendsOneDimensionWithNulls) {
  Fixture f;
  EXPECT_EQ(f.Assign("{1,2}", {2}, 9), "{1,9}");
  EXPECT_EQ(f.Assign("{1,2}", {5}, 9), "{1,2,NULL,NULL,9}");
  EXPECT_EQ(f.Assign("{1,2}", {-1}, 9), "[-1:2]={9,NULL,1,2}");
  EXPECT_EQ(f.Assign("{}", {3}, 9), "[3:3]={9}");
  EXPECT_EQ(f.Assign("{{1,2}}", {1, 2}, 9), "{{1,9}}");
  EXPECT_EQ(f.Assign("{{1,2}}", {2, 1}, 9), "2202E array subscript out of range");
  EXPECT_EQ(f.Assign("{1,2}", {1, 1}, 9), "2202E wrong number of array subscripts");
  EXPECT_EQ(f.Assign("{1}", {2147483647}, 9).substr(0, 5), "54000");
}

TEST(ArraySliceAssignment, TakesTheSourceSerially) {
  Fixture f;
  EXPECT_EQ(f.AssignSlice("{1,2,3}", {{At(2), At(3)}}, "{8,9}"), "{1,8,9}");
  EXPECT_EQ(f.AssignSlice("{1,2,3}", {{At(3), At(5)}}, "{7,8,9}"), "{1,2,7,8,9}");
  EXPECT_EQ(f.AssignSlice("{}", {{At(1), At(2)}}, "{7,8,9}"), "{7,8}");
  EXPECT_EQ(f.AssignSlice("{{1,2},{3,4}}", {{At(1), At(2)}, {At(2), At(2)}}, "{8,9}"),
            "{{1,8},{3,9}}");
  EXPECT_EQ(f.AssignSlice("{1,2,3}", {{At(1), At(3)}}, "{9}"), "2202E source array too small");
  EXPECT_EQ(f.AssignSlice("{}", {{kOpen, At(2)}}, "{9}"),
            "2202E array slice subscript must provide both boundaries");
  EXPECT_EQ(f.AssignSlice("{1,2}", {{At(2), At(1)}}, "{9}"),
            "2202E upper bound cannot be less than lower bound");
}

TEST(StackArrays, AsksForOneShape) {
  Fixture f;
  auto stack = [&](std::vector<std::string_view> texts) {
    std::vector<Datum> members;
    for (std::string_view text : texts) members.push_back(Datum::From(f.Read(text).bytes()));
    try {
      return f.Print(StackArrays(members, oids::kInt4, PhysicalKind::kInt32, f.arena));
    } catch (const SqlError& error) {
      return std::string(error.state().code());
    }
  };
  EXPECT_EQ(stack({"{1,2}", "{3,4}"}), "{{1,2},{3,4}}");
  EXPECT_EQ(stack({"{}", "{}"}), "{}");
  EXPECT_EQ(stack({"{1}", "{}"}), "2202E");
  EXPECT_EQ(stack({"{1}", "{1,2}"}), "2202E");
}

}  // namespace
}  // namespace sundog::types
