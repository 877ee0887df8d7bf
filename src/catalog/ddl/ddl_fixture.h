// A catalog to run DDL operations on in tests: numbers count up, notices are kept.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "base/sql_error.h"
#include "catalog/catalog_writer.h"
#include "catalog/ddl/create_table.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

class DdlFixture : public testing::Test, public Identifiers {
 protected:
  Oid NewOid() override { return next_oid_++; }
  uint32_t NewStorageId() override { return next_storage_id_++; }

  DdlEnvironment Environment() {
    DdlEnvironment environment;
    environment.search_path = Path();
    environment.identifiers = this;
    environment.random = &random_;
    environment.notice = [this](const base::ErrorFields& fields) { notices_.push_back(fields); };
    environment.next_temporary_oid = &next_temporary_oid_;
    return environment;
  }
  SearchPath Path() const {
    std::vector<std::string> names = {"$user", "public"};
    return catalog_->ResolveSearchPath(names, "postgres");
  }
  // Runs one statement's operations and keeps their result.
  template <typename Operation>
  auto Run(Operation operation) {
    CatalogWriter writer(catalog_, Environment());
    if constexpr (std::is_void_v<decltype(operation(writer))>) {
      operation(writer);
      catalog_ = writer.Finish();
    } else {
      auto result = operation(writer);
      catalog_ = writer.Finish();
      return result;
    }
  }
  template <typename Operation>
  base::ErrorFields ErrorOf(Operation operation) {
    try {
      CatalogWriter writer(catalog_, Environment());
      operation(writer);
    } catch (const SqlError& error) {
      return error.fields();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  static ColumnSpec Column(std::string name, Oid type, bool not_null = false) {
    ColumnSpec column;
    column.name = std::move(name);
    column.type = {type, -1};
    column.not_null = not_null;
    return column;
  }
  static ColumnSpec Serial(std::string name) {
    ColumnSpec column = Column(std::move(name), types::oids::kInt4, true);
    column.sequence = SequenceSpec();
    column.sequence->type = types::oids::kInt4;
    return column;
  }
  // CREATE TABLE name (id serial PRIMARY KEY, a text UNIQUE, b int4).
  static TableSpec Plain(std::string name) {
    TableSpec spec;
    spec.name = std::move(name);
    spec.schema = kPublicSchema;
    spec.columns = {Serial("id"), Column("a", types::oids::kText), Column("b", types::oids::kInt4)};
    KeySpec primary;
    primary.primary = true;
    primary.columns = {"id"};
    KeySpec unique;
    unique.columns = {"a"};
    spec.keys = {unique, primary};
    return spec;
  }
  const TableDescriptor& Table(std::string_view name) {
    return *catalog_->FindRelation(kPublicSchema, name)->table;
  }

  CatalogPtr catalog_ = Catalog::Empty();
  std::vector<base::ErrorFields> notices_;
  Oid next_oid_ = types::kFirstUserOid;
  uint32_t next_storage_id_ = 1000;
  Oid next_temporary_oid_ = kFirstTemporaryOid;
  base::Random random_{42};
};

}  // namespace sundog::catalog::ddl
