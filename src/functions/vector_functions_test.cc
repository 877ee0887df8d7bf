// Functions, casts and aggregates of vector, halfvec and sparsevec, by table.
#include <gtest/gtest.h>

#include "functions/call_driver.h"

namespace sundog::functions {
namespace {

struct Case {
  const char* signature;
  std::vector<std::string> types;
  const char* result;
  TextRow arguments;
  const char* expected;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CallDriver driver(c.signature, c.types, c.result);
    EXPECT_EQ(driver.Scalar(c.arguments), c.expected) << c.signature;
  }
}

TEST(VectorFunctions, Distances) {
  std::vector<std::string> dense = {"vector", "vector"};
  std::vector<std::string> half = {"halfvec", "halfvec"};
  std::vector<std::string> sparse = {"sparsevec", "sparsevec"};
  Check({
      {"l2_distance(vector,vector)", dense, "float8", {"[0,0]", "[3,4]"}, "5"},
      {"l2_distance(vector,vector)", dense, "float8", {"[1,2]", "[3]"},
       "ERROR 22000: different vector dimensions 2 and 1"},
      {"l2_distance(vector,vector)", dense, "float8", {"[3e38]", "[-3e38]"}, "Infinity"},
      {"cosine_distance(vector,vector)", dense, "float8", {"[1,1]", "[-1.1,-1.1]"}, "2"},
      {"cosine_distance(vector,vector)", dense, "float8", {"[1,2]", "[0,0]"}, "NaN"},
      {"vector_negative_inner_product(vector,vector)", dense, "float8", {"[1,2]", "[3,4]"}, "-11"},
      {"l1_distance(halfvec,halfvec)", half, "float8", {"[0,0]", "[3,4]"}, "7"},
      {"inner_product(halfvec,halfvec)", half, "float8", {"[1,2]", "[3]"},
       "ERROR 22000: different halfvec dimensions 2 and 1"},
      {"l2_distance(sparsevec,sparsevec)", sparse, "float8", {"{1:3}/2", "{2:4}/2"}, "5"},
      {"inner_product(sparsevec,sparsevec)", sparse, "float8",
       {"{1:1,3:3,5:5}/5", "{2:4,3:6,4:8}/5"}, "18"},
      {"l1_distance(sparsevec,sparsevec)", sparse, "float8",
       {"{1:1,3:3,5:5,7:7,9:9}/9", "{2:2,4:4,6:6,8:8}/9"}, "45"},
      {"hamming_distance(bit,bit)", {"bit", "bit"}, "float8", {"1010", "0110"}, "2"},
      {"jaccard_distance(bit,bit)", {"bit", "bit"}, "float8", {"1111", "1110"}, "0.25"},
      {"jaccard_distance(bit,bit)", {"bit", "bit"}, "float8", {"111", "00"},
       "ERROR 22000: different bit lengths 3 and 2"},
  });
}

TEST(VectorFunctions, ArithmeticAndParts) {
  std::vector<std::string> dense = {"vector", "vector"};
  Check({
      {"vector_add(vector,vector)", dense, "vector", {"[1,2,3]", "[4,5,6]"}, "[5,7,9]"},
      {"vector_sub(vector,vector)", dense, "vector", {"[-3e38]", "[3e38]"},
       "ERROR 22003: value out of range: overflow"},
      {"vector_mul(vector,vector)", dense, "vector", {"[1e-37]", "[1e-37]"},
       "ERROR 22003: value out of range: underflow"},
      {"vector_concat(vector,vector)", dense, "vector", {"[1,2]", "[3]"}, "[1,2,3]"},
      {"l2_normalize(vector)", {"vector"}, "vector", {"[3,4]"}, "[0.6,0.8]"},
      {"l2_normalize(sparsevec)", {"sparsevec"}, "sparsevec", {"{1:3e38,2:1e-37}/2"}, "{1:1}/2"},
      {"binary_quantize(vector)", {"vector"}, "bit", {"[1,0,-1]"}, "100"},
      {"subvector(vector,int4,int4)", {"vector", "int4", "int4"}, "vector",
       {"[1,2,3,4,5]", "-2147483644", "2147483647"}, "[1,2]"},
      {"subvector(vector,int4,int4)", {"vector", "int4", "int4"}, "vector",
       {"[1,2,3,4,5]", "2147483647", "10"},
       "ERROR 22000: vector must have at least 1 dimension"},
      {"halfvec_mul(halfvec,halfvec)", {"halfvec", "halfvec"}, "halfvec", {"[1e-4]", "[1e-4]"},
       "ERROR 22003: value out of range: underflow"},
  });
}

TEST(VectorFunctions, Casts) {
  Check({
      {"vector(vector,int4,bool)", {"vector", "int4", "bool"}, "vector", {"[1]", "2", "t"},
       "ERROR 22000: expected 2 dimensions, not 1"},
      {"array_to_vector(_int4,int4,bool)", {"_int4", "int4", "bool"}, "vector",
       {"{1,2}", "-1", "t"}, "[1,2]"},
      {"array_to_vector(_float8,int4,bool)", {"_float8", "int4", "bool"}, "vector",
       {"{4e38}", "-1", "t"}, "ERROR 22000: infinite value not allowed in vector"},
      {"array_to_halfvec(_float4,int4,bool)", {"_float4", "int4", "bool"}, "halfvec",
       {"{65520}", "-1", "t"}, "ERROR 22003: \"65520\" is out of range for type halfvec"},
      {"array_to_sparsevec(_numeric,int4,bool)", {"_numeric", "int4", "bool"}, "sparsevec",
       {"{1.5,0,2}", "3", "t"}, "{1:1.5,3:2}/3"},
      {"array_to_vector(_int4,int4,bool)", {"_int4", "int4", "bool"}, "vector",
       {"{1,NULL}", "-1", "t"}, "ERROR 22004: array must not contain nulls"},
      {"vector_to_float4(vector,int4,bool)", {"vector", "int4", "bool"}, "_float4",
       {"[1,2.5]", "-1", "t"}, "{1,2.5}"},
      {"sparsevec_to_vector(sparsevec,int4,bool)", {"sparsevec", "int4", "bool"}, "vector",
       {"{2:1.5}/3", "-1", "t"}, "[0,1.5,0]"},
      {"sparsevec_to_vector(sparsevec,int4,bool)", {"sparsevec", "int4", "bool"}, "vector",
       {"{}/16385", "-1", "t"}, "ERROR 54000: vector cannot have more than 16384 dimensions"},
  });
}

TEST(VectorFunctions, Aggregates) {
  std::vector<TextRow> rows = {{"[1,2,3]"}, {std::nullopt}, {"[3,5,7]"}};
  EXPECT_EQ(CallDriver("avg(vector)", {"vector"}, "vector").Aggregate(rows), "[2,3.5,5]");
  EXPECT_EQ(CallDriver("sum(halfvec)", {"halfvec"}, "halfvec").Aggregate(rows), "[4,7,10]");
  EXPECT_EQ(CallDriver("avg(vector)", {"vector"}, "vector").Aggregate({}), "NULL");
  EXPECT_EQ(CallDriver("avg(vector)", {"vector"}, "vector").Aggregate({{"[1,2]"}, {"[3]"}}),
            "ERROR 22000: expected 2 dimensions, not 1");
  EXPECT_EQ(CallDriver("sum(vector)", {"vector"}, "vector").Aggregate({{"[3e38]"}, {"[3e38]"}}),
            "ERROR 22003: value out of range: overflow");
  EXPECT_EQ(CallDriver("avg(vector)", {"vector"}, "vector").Aggregate({{"[3e38]"}, {"[3e38]"}}),
            "[3e+38]");
}

}  // namespace
}  // namespace sundog::functions
