#include "types/record.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "types/io_settings.h"

namespace sundog::types {
namespace {

// The built-in types and one composite: pair(a int4, b text).
class PairTypes : public TypeLookup {
 public:
  PairTypes() {
    pair.oid = 20001;
    pair.name = "pair";
    pair.kind_code = 'c';
    pair.ops = &kRecordOps;
    pair.fields = {{"a", {oids::kInt4}}, {"b", {oids::kText}}};
  }
  const TypeInfo* FindType(Oid oid) const override {
    return oid == 20001 ? &pair : BuiltinTypes::Get().FindType(oid);
  }
  TypeInfo pair;
};

struct Fixture {
  Fixture() {
    io.types = &types;
    io.settings = &settings;
  }
  Datum Read(std::string_view text) { return InputText(io, {20001}, text, arena); }
  std::string RoundTrip(std::string_view text) {
    try {
      std::string out;
      OutputText(io, types.pair, Read(text), out);
      return out;
    } catch (const SqlError& error) {
      return std::string(error.state().code()) + " " + error.fields().detail;
    }
  }
  PairTypes types;
  IoSettings settings;
  IoContext io;
  base::Arena arena;
};

TEST(RecordText, ReadsAndWritesWhatPostgresDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"(1,x)", "(1,x)"},
      {" ( 1 ,\"a \"\"b\"\" \\\\\") ", "(1,\"a \"\"b\"\" \\\\\")"},
      {"(,)", "(,)"},
      {"(1,\"\")", "(1,\"\")"},
      {"(1,(x))", "22P02 Junk after right parenthesis."},
      {"1,x", "22P02 Missing left parenthesis."},
      {"(1)", "22P02 Too few columns."},
      {"(1,2,3)", "22P02 Too many columns."},
      {"(1,\"x", "22P02 Unexpected end of input."},
      {"(1,2)x", "22P02 Junk after right parenthesis."},
  };
  Fixture fixture;
  for (const auto& [in, out] : cases) EXPECT_EQ(fixture.RoundTrip(in), out) << in;
}

TEST(RecordBinary, RoundTripsAndChecksTheColumns) {
  Fixture fixture;
  Datum value = fixture.Read("(7,)");
  std::string wire;
  kRecordOps.send(fixture.io, fixture.types.pair, value, wire);
  Datum back = kRecordOps.receive(fixture.io, fixture.types.pair, wire, -1, fixture.arena);
  EXPECT_EQ(back.As<std::string_view>(), value.As<std::string_view>());
  wire[3] = 1;
  EXPECT_THROW(kRecordOps.receive(fixture.io, fixture.types.pair, wire, -1, fixture.arena),
               SqlError);
}

TEST(RecordOrder, IsFieldByFieldWithNullsLast) {
  const char* const ascending[] = {"(1,a)", "(1,b)", "(1,)", "(2,a)", "(,a)", "(,)"};
  Fixture fixture;
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      int order =
          CompareRecords(fixture.types,
                         RecordReader(fixture.Read(ascending[i]).As<std::string_view>()),
                         RecordReader(fixture.Read(ascending[j]).As<std::string_view>()));
      EXPECT_EQ(order, i < j ? -1 : i > j ? 1 : 0) << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(RecordFormat, IsTheHeadersExampleAndKeepsNames) {
  base::Arena arena;
  RecordBuilder builder(oids::kRecord);
  builder.Append(oids::kInt4, PhysicalKind::kInt32, Datum::From<int32_t>(7));
  builder.Append(oids::kInt4, PhysicalKind::kInt32, Datum());
  const unsigned char expected[] = {0xC9, 8, 0, 0, 2, 0, 0, 0,    0x17, 0, 0, 0, 3, 0, 0, 0, 4, 0,
                                    0,    0, 0x17, 0, 0, 0, 3, 1, 0,    0, 4, 0, 0, 0, 7, 0, 0, 0};
  EXPECT_EQ(builder.Finish(arena),
            std::string_view(reinterpret_cast<const char*>(expected), sizeof expected));
  RecordBuilder named(oids::kRecord, true);
  named.Append(oids::kText, PhysicalKind::kVarlen, Datum::From(std::string_view("v")), "first");
  named.Append(oids::kText, PhysicalKind::kVarlen, Datum(), "second");
  RecordReader reader(named.Finish(arena));
  EXPECT_EQ(reader.Name(BuiltinTypes::Get(), 1), "second");
  EXPECT_EQ(reader.At(0).As<std::string_view>(), "v");
  EXPECT_TRUE(reader.At(1).is_null());
}

}  // namespace
}  // namespace sundog::types
