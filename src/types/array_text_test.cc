#include "types/array_text.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "types/array.h"
#include "types/io_settings.h"

namespace sundog::types {
namespace {

// A varlen type whose text is its value, so that these tests need no other family.
Datum PlainInput(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
                 base::Arena& arena) {
  return Datum::From(arena.Copy(text));
}
void PlainOutput(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<std::string_view>();
}
Datum PlainReceive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
                   base::Arena& arena) {
  return Datum::From(arena.Copy(bytes));
}
int PlainCompare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return a.As<std::string_view>().compare(b.As<std::string_view>());
}
constexpr TypeOps kPlainOps = {.input = PlainInput,
                               .output = PlainOutput,
                               .receive = PlainReceive,
                               .send = PlainOutput,
                               .compare = PlainCompare};

class PlainTypes : public TypeLookup {
 public:
  PlainTypes() {
    element.oid = 20001;
    element.name = "plain";
    element.ops = &kPlainOps;
    array.oid = 20002;
    array.name = "_plain";
    array.element = 20001;
    array.category = 'A';
    array.ops = &kArrayOps;
  }
  const TypeInfo* FindType(Oid oid) const override {
    return oid == 20001 ? &element : oid == 20002 ? &array : nullptr;
  }
  TypeInfo element;
  TypeInfo array;
};

struct Fixture {
  PlainTypes types;
  IoSettings settings;
  IoContext io;
  base::Arena arena;
  Fixture() {
    io.types = &types;
    io.settings = &settings;
  }
  Datum Read(std::string_view text) { return InputText(io, {20002, -1}, text, arena); }
  std::string RoundTrip(std::string_view text) {
    try {
      std::string out;
      OutputText(io, types.array, Read(text), out);
      return out;
    } catch (const SqlError& error) {
      return std::string(error.state().code()) + " " + error.what() + " | " +
             error.fields().detail;
    }
  }
};

struct TextCase {
  const char* in;
  const char* out;
};

TEST(ArrayText, ReadsAndWritesWhatPostgresDoes) {
  const TextCase cases[] = {
      {"{}", "{}"},
      {" { 1 , 2 } ", "{1,2}"},
      {"{a b c}", "{\"a b c\"}"},
      {"{\"a\" , b}", "{a,b}"},
      {"{null,NULL,\"null\"}", "{NULL,NULL,\"null\"}"},
      {"{\\ a }", "{\" a\"}"},
      {"{\"\",\"x\\\"y\\\\\"}", "{\"\",\"x\\\"y\\\\\"}"},
      {"{{1,2},{3,4}}", "{{1,2},{3,4}}"},
      {"{{{1},{2}},{{3},{4}}}", "{{{1},{2}},{{3},{4}}}"},
      {"[0:1]={7,8}", "[0:1]={7,8}"},
      {"[1]={1}", "{1}"},
      {"[1:2] ={1,2}", "{1,2}"},
      {"[-1:0][2:2]={{a},{b}}", "[-1:0][2:2]={{a},{b}}"},
  };
  Fixture fixture;
  for (const TextCase& c : cases) EXPECT_EQ(fixture.RoundTrip(c.in), c.out) << c.in;
}

TEST(ArrayText, RefusesMalformedLiteralsInPostgresWords) {
  const TextCase cases[] = {
      {"x", "Array value must start with \"{\" or dimension information."},
      {"{1,}", "Unexpected \"}\" character."},
      {"{,}", "Unexpected \",\" character."},
      {"{}}", "Junk after closing right brace."},
      {"{1", "Unexpected end of input."},
      {"{\"a\"b}", "Unexpected array element."},
      {"{a\"b\"}", "Unexpected array element."},
      {"{{1},2}", "Unexpected array element."},
      {"{1,{2}}", "Unexpected \"{\" character."},
      {"{{},{}}", "Unexpected \"}\" character."},
      {"{{1},{2,3}}",
       "Multidimensional arrays must have sub-arrays with matching dimensions."},
      {"[a]={1}", "\"[\" must introduce explicitly-specified array dimensions."},
      {"[1:]={1}", "Missing array dimension value."},
      {"[1:1={1}", "Missing \"]\" after array dimensions."},
      {"[1:2]1", "Missing \"=\" after array dimensions."},
      {"[1:2]=1", "Array contents must start with \"{\"."},
      {"[0:1]={1}", "Specified array dimensions do not match array contents."},
  };
  Fixture fixture;
  for (const TextCase& c : cases) {
    std::string got = fixture.RoundTrip(c.in);
    EXPECT_EQ(got.substr(0, 6), "22P02 ") << c.in;
    EXPECT_EQ(got.substr(got.find('|') + 2), c.out) << c.in;
  }
  EXPECT_EQ(fixture.RoundTrip("[5:4]={}").substr(0, 5), "2202E");
  EXPECT_EQ(fixture.RoundTrip("{{{{{{{1}}}}}}}"),
            "54000 number of array dimensions (7) exceeds the maximum allowed (6) | ");
  EXPECT_EQ(fixture.RoundTrip("[2147483647:2147483647]={1}"),
            "54000 array lower bound is too large: 2147483647 | ");
}

TEST(ArrayBinary, RoundTripsWithNullsAndBounds) {
  Fixture fixture;
  Datum value = fixture.Read("[2:3][0:1]={{a,NULL},{ccc,\"\"}}");
  std::string wire;
  fixture.types.array.ops->send(fixture.io, fixture.types.array, value, wire);
  EXPECT_EQ(base::LoadBigEndian<int32_t>(wire.data()), 2);
  EXPECT_EQ(base::LoadBigEndian<int32_t>(wire.data() + 4), 1);
  Datum back = fixture.types.array.ops->receive(fixture.io, fixture.types.array, wire, -1,
                                                fixture.arena);
  EXPECT_EQ(back.As<std::string_view>(), value.As<std::string_view>());
  EXPECT_THROW(fixture.types.array.ops->receive(fixture.io, fixture.types.array,
                                                std::string_view(wire).substr(0, 30), -1,
                                                fixture.arena),
               SqlError);
}

TEST(ArrayOrder, IsByElementsThenCountThenShape) {
  const char* const ascending[] = {"{}",        "{a}",   "{a,b}", "[2:3]={a,b}", "{{a,b}}",
                                   "{a,NULL}", "{b}",   "{NULL}"};
  Fixture fixture;
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      int order = CompareArrays(
          fixture.types, ArrayReader(fixture.Read(ascending[i]).As<std::string_view>()),
          ArrayReader(fixture.Read(ascending[j]).As<std::string_view>()));
      EXPECT_EQ(order, i < j ? -1 : i > j ? 1 : 0) << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(ArrayFormat, IsTheHeadersExample) {
  base::Arena arena;
  ArrayBuilder builder(oids::kInt4, PhysicalKind::kInt32);
  builder.Append(Datum::From<int32_t>(7));
  builder.Append(Datum());
  std::string_view bytes = builder.Finish(arena);
  const unsigned char expected[] = {0x17, 0, 0, 0, 1, 1, 3, 0, 2, 0, 0, 0, 1,
                                    0,    0, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(bytes, std::string_view(reinterpret_cast<const char*>(expected), sizeof expected));
}

}  // namespace
}  // namespace sundog::types
