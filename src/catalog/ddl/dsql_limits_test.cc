// Aurora DSQL's limits on how much there is: the next one of each kind is refused, what is there is
// left alone.
#include "catalog/ddl/dsql_limits.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"

namespace sundog::catalog::ddl {

namespace {

template <typename Descriptor>
CatalogContents With(DescriptorMap<Descriptor> CatalogContents::*map, Oid first, size_t count) {
  CatalogContents contents;
  for (size_t i = 0; i < count; ++i) {
    auto descriptor = std::make_shared<Descriptor>();
    descriptor->oid = first + static_cast<Oid>(i);
    descriptor->name = "o" + std::to_string(i);
    if constexpr (requires { descriptor->row_type; }) {
      descriptor->row_type = first + static_cast<Oid>(count + 2 * i);
      descriptor->row_array_type = descriptor->row_type + 1;
    }
    (contents.*map).Put(descriptor);
  }
  return contents;
}

template <typename Descriptor>
std::string Refusal(DescriptorMap<Descriptor> CatalogContents::*map, size_t before, size_t after,
                    Oid first = types::kFirstUserOid) {
  Catalog old_catalog(With(map, first, before));
  Catalog new_catalog(With(map, first, after));
  try {
    CheckDsqlLimits(old_catalog, new_catalog);
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state(), sqlstate::kProgramLimitExceeded);
    return error.fields().message;
  }
  return "";
}

TEST(DsqlLimits, TheNextOneIsRefused) {
  EXPECT_EQ(Refusal(&CatalogContents::schemas, 9, 10), "");
  EXPECT_EQ(Refusal(&CatalogContents::schemas, 10, 11), "more than 10 schemas not allowed");
  EXPECT_EQ(Refusal(&CatalogContents::tables, 999, 1000), "");
  EXPECT_EQ(Refusal(&CatalogContents::tables, 1000, 1001),
            "creating more than 1000 tables not allowed");
  EXPECT_EQ(Refusal(&CatalogContents::views, 4999, 5000), "");
  EXPECT_EQ(Refusal(&CatalogContents::views, 5000, 5001),
            "creating more than 5000 views not allowed");
  EXPECT_EQ(Refusal(&CatalogContents::sequences, 4999, 5000), "");
  EXPECT_EQ(Refusal(&CatalogContents::sequences, 5000, 5001),
            "creating more than 5000 sequences is not allowed");
}

TEST(DsqlLimits, WhatIsThereIsLeftAlone) {
  EXPECT_EQ(Refusal(&CatalogContents::schemas, 12, 12), "");
  EXPECT_EQ(Refusal(&CatalogContents::schemas, 13, 12), "");
}

TEST(DsqlLimits, TemporaryObjectsDoNotCount) {
  EXPECT_EQ(Refusal(&CatalogContents::sequences, 5000, 5001, kFirstTemporaryOid), "");
}

}  // namespace

}  // namespace sundog::catalog::ddl
