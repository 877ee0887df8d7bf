// Descriptors survive being written and read; malformed bytes do not pass.
#include "catalog/descriptor_format.h"

#include "base/sql_error.h"
#include "catalog/ddl/ddl_fixture.h"

namespace sundog::catalog {

namespace {

class DescriptorFormatTest : public ddl::DdlFixture {};

TEST_F(DescriptorFormatTest, WorkedExample) {
  SchemaDescriptor schema;
  schema.oid = 16384;
  schema.name = "s";
  schema.owner = 10;
  std::string bytes = EncodeDescriptor(schema);
  EXPECT_EQ(bytes.substr(0, 12), std::string("\x01\x01\x03\x80\x80\x02\x02\x01s\x03\x01\x14", 12));
  EXPECT_EQ(DecodeDescriptor<SchemaDescriptor>(bytes).name, "s");
  EXPECT_TRUE(DecodeDescriptor<SchemaDescriptor>(bytes).acl.is_default);
}

TEST_F(DescriptorFormatTest, TableComesBackTheSame) {
  Run([](CatalogWriter& w) { return ddl::CreateTable(w, Plain("t")); });
  std::string bytes = EncodeDescriptor(Table("t"));
  TableDescriptor read = DecodeDescriptor<TableDescriptor>(bytes);
  EXPECT_EQ(EncodeDescriptor(read), bytes);
  EXPECT_EQ(read.columns[1].type.typmod, -1);
  EXPECT_EQ(read.columns[0].default_value->references,
            Table("t").columns[0].default_value->references);
  EXPECT_EQ(read.row_key_index, Table("t").row_key_index);
}

TEST_F(DescriptorFormatTest, EveryTruncationIsRefusedOrReadsAsPrefix) {
  Run([](CatalogWriter& w) { return ddl::CreateTable(w, Plain("t")); });
  std::string bytes = EncodeDescriptor(Table("t"));
  int refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    try {
      DecodeDescriptor<TableDescriptor>(std::string_view(bytes).substr(0, size));
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state(), sqlstate::kDataCorrupted);
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(bytes.size()) - 20);
}

TEST_F(DescriptorFormatTest, UnknownFormatIsRefused) {
  EXPECT_THROW(DecodeDescriptor<SchemaDescriptor>("\x02"), SqlError);
}

}  // namespace

}  // namespace sundog::catalog
