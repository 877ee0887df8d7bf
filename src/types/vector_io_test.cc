// Text and wire forms of vector, halfvec and sparsevec, their order and hashes.
#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "types/dense_vector.h"
#include "types/extension_oids.h"
#include "types/io_settings.h"
#include "types/sparse_vector.h"

namespace sundog::types {
namespace {

class VectorIoTest : public testing::Test {
 protected:
  VectorIoTest() {
    io_.types = &BuiltinTypes::Get();
    io_.settings = &settings_;
  }

  const TypeInfo& Type(Oid oid) { return BuiltinTypes::Get().GetType(oid); }

  template <typename Body>
  std::string Guarded(Body&& body) {
    try {
      return body();
    } catch (const SqlError& error) {
      std::string text = std::string(error.state().code()) + " " + error.what();
      if (!error.fields().detail.empty()) text += " | " + error.fields().detail;
      return text;
    }
  }

  std::string Text(Oid type, const Datum& value) {
    std::string text;
    OutputText(io_, Type(type), value, text);
    return text;
  }

  Datum Parse(Oid type, std::string_view text, int32_t typmod = -1) {
    return InputText(io_, {type, typmod}, text, arena_);
  }

  std::string RoundTrip(Oid type, std::string_view text, int32_t typmod = -1) {
    return Guarded([&] {
      Datum value = Parse(type, text, typmod);
      std::string wire;
      Type(type).ops->send(io_, Type(type), value, wire);
      Datum back = Type(type).ops->receive(io_, Type(type), wire, typmod, arena_);
      EXPECT_EQ(back.As<std::string_view>(), value.As<std::string_view>());
      return Text(type, value);
    });
  }

  std::string Receive(Oid type, std::string_view wire, int32_t typmod = -1) {
    return Guarded([&] {
      return Text(type, Type(type).ops->receive(io_, Type(type), wire, typmod, arena_));
    });
  }

  int Compare(Oid type, std::string_view a, std::string_view b) {
    return Type(type).ops->compare(*io_.types, Type(type), Parse(type, a), Parse(type, b));
  }

  IoSettings settings_;
  IoContext io_;
  base::Arena arena_;
};

struct IoCase {
  Oid type;
  const char* text;
  const char* expected;
  int32_t typmod = -1;
};

TEST_F(VectorIoTest, TextIsReadAndWrittenAsPgvectorDoes) {
  constexpr IoCase kCases[] = {
      {oids::kVector, " [ 1,  -2. ,\t3e-1 ] ", "[1,-2,0.3]"},
      {oids::kVector, "[-1e-46]", "[-0]"},
      {oids::kVector, "[1,2]", "22000 expected 3 dimensions, not 2", 3},
      {oids::kVector, "[4e38]", "22003 \"4e38\" is out of range for type vector"},
      {oids::kVector, "[nan]", "22000 NaN not allowed in vector"},
      {oids::kVector, "[-inf]", "22000 infinite value not allowed in vector"},
      {oids::kVector, "[]", "22000 vector must have at least 1 dimension"},
      {oids::kVector, "[1,]", "22P02 invalid input syntax for type vector: \"[1,]\""},
      {oids::kVector, "[1 2]", "22P02 invalid input syntax for type vector: \"[1 2]\""},
      {oids::kVector, "[", "22P02 invalid input syntax for type vector: \"[\""},
      {oids::kVector, "1",
       "22P02 invalid input syntax for type vector: \"1\" | Vector contents must start with "
       "\"[\"."},
      {oids::kVector, "[1]x",
       "22P02 invalid input syntax for type vector: \"[1]x\" | Junk after closing right brace."},
      {oids::kHalfvec, "[0.1,65504,6e-8]", "[0.099975586,65504,5.9604645e-08]"},
      {oids::kHalfvec, "[65520]", "22003 \"65520\" is out of range for type halfvec"},
      {oids::kHalfvec, "[1e-8]", "[0]"},
      {oids::kHalfvec, "[inf]", "22000 infinite value not allowed in halfvec"},
      {oids::kSparsevec, " { 3 : 2 , 1:1.5, 2:0 } / 5 ", "{1:1.5,3:2}/5"},
      {oids::kSparsevec, "{}/1000000000", "{}/1000000000"},
      {oids::kSparsevec, "{}/1000000001",
       "54000 sparsevec cannot have more than 1000000000 dimensions"},
      {oids::kSparsevec, "{1:1,1:2}/2", "22000 sparsevec indices must not contain duplicates"},
      {oids::kSparsevec, "{0:1}/2", "22000 sparsevec index out of bounds"},
      {oids::kSparsevec, "{3:1}/2", "22000 sparsevec index out of bounds"},
      {oids::kSparsevec, "{1:1e-46}/2", "22003 \"1e-46\" is out of range for type sparsevec"},
      {oids::kSparsevec, "{1:1}",
       "22P02 invalid input syntax for type sparsevec: \"{1:1}\" | Unexpected end of input."},
      {oids::kSparsevec, "{}/0", "22000 sparsevec must have at least 1 dimension"},
      {oids::kSparsevec, "{}/2", "22000 expected 3 dimensions, not 2", 3},
  };
  for (const IoCase& c : kCases) EXPECT_EQ(RoundTrip(c.type, c.text, c.typmod), c.expected);
}

TEST_F(VectorIoTest, ExamplesOfTheHeaders) {
  EXPECT_EQ(Parse(oids::kVector, "[1,-2]").As<std::string_view>(),
            std::string_view("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8));
  std::string wire;
  Type(oids::kVector).ops->send(io_, Type(oids::kVector), Parse(oids::kVector, "[1,-2]"), wire);
  EXPECT_EQ(wire, std::string("\x00\x02\x00\x00\x3f\x80\x00\x00\xc0\x00\x00\x00", 12));
  EXPECT_EQ(Parse(oids::kSparsevec, "{1:1.5,3:-2}/5").As<std::string_view>(),
            std::string_view("\x05\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00"
                             "\x00\x00\xc0\x3f\x00\x00\x00\xc0",
                             20));
}

TEST_F(VectorIoTest, MalformedWireFormsAreRefused) {
  auto bytes = [](std::initializer_list<int> list) {
    std::string text;
    for (int byte : list) text.push_back(static_cast<char>(byte));
    return text;
  };
  EXPECT_EQ(Receive(oids::kVector, bytes({0, 0, 0, 0})),
            "22000 vector must have at least 1 dimension");
  EXPECT_EQ(Receive(oids::kVector, bytes({0xff, 0xff, 0, 0})),
            "54000 vector cannot have more than 16384 dimensions");
  EXPECT_EQ(Receive(oids::kVector, bytes({0, 1, 0, 7, 0, 0, 0, 0})),
            "22000 expected unused to be 0, not 7");
  EXPECT_EQ(Receive(oids::kVector, bytes({0, 1, 0, 0, 0x7f, 0x80, 0, 0})),
            "22000 infinite value not allowed in vector");
  EXPECT_EQ(Receive(oids::kVector, bytes({0, 1, 0, 0, 0})),
            "08P01 insufficient data left in message");
  EXPECT_EQ(Receive(oids::kHalfvec, bytes({0, 1, 0, 0, 0x7e, 0})),
            "22000 NaN not allowed in halfvec");
  EXPECT_EQ(Receive(oids::kHalfvec, bytes({0, 1, 0, 0, 0x3c, 0}), 2),
            "22000 expected 2 dimensions, not 1");
  std::string sparse = bytes({0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0});
  EXPECT_EQ(Receive(oids::kSparsevec, sparse + bytes({0, 0, 0, 2, 0x3f, 0x80, 0, 0})),
            "22000 sparsevec index out of bounds");
  EXPECT_EQ(Receive(oids::kSparsevec, sparse + bytes({0, 0, 0, 1, 0, 0, 0, 0})),
            "22000 binary representation of sparsevec cannot contain zero values");
  EXPECT_EQ(Receive(oids::kSparsevec, sparse + bytes({0, 0, 0, 1, 0x3f, 0x80, 0, 0})),
            "{2:1}/2");
  EXPECT_EQ(Receive(oids::kSparsevec, bytes({0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0})),
            "54000 sparsevec cannot have more elements than dimensions");
  EXPECT_EQ(Receive(oids::kSparsevec, bytes({0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})),
            "22000 sparsevec cannot have negative number of elements");
}

TEST_F(VectorIoTest, ElementsAreComparedBeforeTheirNumber) {
  EXPECT_LT(Compare(oids::kVector, "[1,2]", "[1,2,3]"), 0);
  EXPECT_LT(Compare(oids::kVector, "[1,2,3]", "[2]"), 0);
  EXPECT_EQ(Compare(oids::kVector, "[0]", "[-0]"), 0);
  EXPECT_GT(Compare(oids::kHalfvec, "[-1]", "[-2,5]"), 0);
  const TypeInfo& type = Type(oids::kVector);
  EXPECT_EQ(type.ops->hash(*io_.types, type, Parse(oids::kVector, "[0]")),
            type.ops->hash(*io_.types, type, Parse(oids::kVector, "[-0]")));
}

// The order of sparse vectors is that of the same vectors written out.
TEST_F(VectorIoTest, SparseVectorsAreOrderedAsDenseOnes) {
  std::vector<std::string> dense;
  std::vector<std::string> sparse;
  for (int count = 1; count <= 3; ++count) {
    for (int code = 0; code < (count == 1 ? 3 : count == 2 ? 9 : 27); ++code) {
      std::string in_full;
      std::string in_short;
      int rest = code;
      for (int i = 1; i <= count; ++i, rest /= 3) {
        int element = rest % 3 - 1;
        in_full += (i > 1 ? "," : "") + std::to_string(element);
        in_short += (i > 1 ? "," : "") + std::to_string(i) + ":" + std::to_string(element);
      }
      dense.push_back("[" + in_full + "]");
      sparse.push_back("{" + in_short + "}/" + std::to_string(count));
    }
  }
  for (size_t i = 0; i < dense.size(); ++i) {
    for (size_t j = 0; j < dense.size(); ++j) {
      EXPECT_EQ(Compare(oids::kSparsevec, sparse[i], sparse[j]),
                Compare(oids::kVector, dense[i], dense[j]))
          << sparse[i] << " and " << sparse[j];
    }
  }
}

}  // namespace
}  // namespace sundog::types
