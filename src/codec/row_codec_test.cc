#include "codec/row_codec.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sql_error.h"

namespace sundog::codec {
namespace {

using types::Datum;
using types::PhysicalKind;

TEST(RowCodec, ExampleOfTheHeader) {
  RowFormat format({{PhysicalKind::kInt32}, {PhysicalKind::kVarlen}, {PhysicalKind::kInt64},
                    {PhysicalKind::kVarlen}});
  Datum values[] = {Datum::From(int32_t{7}), Datum::From(std::string_view("ab")), Datum(),
                    Datum::From(std::string_view("c"))};
  std::string row;
  format.Encode(values, row);
  EXPECT_EQ(row, std::string("\x04\x00\x04\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                             "\x02\x00\x03\x00" "abc", 22));
}

std::string Describe(const Datum& value, PhysicalKind kind) {
  if (value.is_null()) return "null";
  if (kind == PhysicalKind::kVarlen) return "'" + std::string(value.As<std::string_view>()) + "'";
  return std::string(static_cast<const char*>(value.payload()), types::PhysicalWidth(kind));
}

// Random formats that grow, random rows written at each stage, each read by all later stages, one
// value at a time and by columns.
TEST(RowCodec, RowsOfEarlierFormatsReadRight) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  base::Arena arena;
  for (int round = 0; round < 60; ++round) {
    std::vector<RowFormat::Column> columns;
    struct Written {
      std::string row;
      std::vector<Datum> values;
    };
    std::vector<Written> written;
    auto random_value = [&](PhysicalKind kind) -> Datum {
      if (random.Below(4) == 0) return Datum();
      if (kind == PhysicalKind::kVarlen) {
        size_t size = random.Below(40) == 0 ? 70000 : random.Below(20);
        std::string bytes;
        for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random.Next()));
        return Datum::From(arena.Copy(bytes));
      }
      uint64_t words[2] = {random.Next(), random.Next()};
      return Datum::FromPayload(words, kind);
    };
    for (int stage = 0; stage < 5; ++stage) {
      for (uint64_t n = random.Below(6); n > 0; --n) {
        PhysicalKind kind = static_cast<PhysicalKind>(random.Below(12));
        std::optional<std::string> missing;
        if (random.Below(2)) {
          missing = kind == PhysicalKind::kVarlen ? "missing"
                                                  : std::string(types::PhysicalWidth(kind), '\1');
        }
        columns.push_back({kind, missing});
      }
      RowFormat format(columns);
      Written one;
      for (const auto& column : columns) one.values.push_back(random_value(column.kind));
      format.Encode(one.values, one.row);
      written.push_back(one);

      std::vector<std::string_view> rows;
      for (const Written& other : written) rows.push_back(other.row);
      for (size_t c = 0; c < columns.size(); ++c) {
        types::Vector vector(columns[c].kind, rows.size() + 1);
        format.ReadColumn(rows, c, vector, 1);
        for (size_t r = 0; r < rows.size(); ++r) {
          format.Validate(rows[r]);
          std::string expected = "null";
          if (c < written[r].values.size()) {
            expected = Describe(written[r].values[c], columns[c].kind);
          } else if (columns[c].missing) {
            expected = columns[c].kind == PhysicalKind::kVarlen ? "'missing'" : *columns[c].missing;
          }
          ASSERT_EQ(Describe(format.Read(rows[r], c), columns[c].kind), expected);
          ASSERT_EQ(format.IsNull(rows[r], c), expected == "null");
          ASSERT_EQ(Describe(vector.DatumAt(r + 1), columns[c].kind), expected);
        }
      }
    }
  }
}

TEST(RowCodec, MalformedRowsAreRefused) {
  RowFormat format({{PhysicalKind::kInt32}, {PhysicalKind::kVarlen}});
  Datum values[] = {Datum::From(int32_t{7}), Datum::From(std::string_view("abc"))};
  std::string row;
  format.Encode(values, row);
  format.Validate(row);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_THROW(format.Validate(std::string_view(row).substr(0, size)), SqlError) << size;
  }
  EXPECT_THROW(format.Validate(row + "x"), SqlError);
}

TEST(RowCodec, RowsOfALaterFormatAreASchemaConflict) {
  RowFormat narrow({{PhysicalKind::kInt32}});
  RowFormat wide({{PhysicalKind::kInt32}, {PhysicalKind::kVarlen}});
  Datum values[] = {Datum::From(int32_t{7}), Datum()};
  std::string row;
  wide.Encode(values, row);
  EXPECT_THROW(static_cast<void>(narrow.Read(row, 0)), SqlError);
}

}  // namespace
}  // namespace sundog::codec
