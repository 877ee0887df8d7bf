#include "catalog/ddl/dsql_limits.h"

#include <algorithm>

#include "base/sql_error.h"

namespace sundog::catalog::ddl {

namespace {

constexpr size_t kMostColumns = 256;  // observed; the text says one less
constexpr size_t kMostKeyColumns = 8;
constexpr size_t kMostIndexes = 24;
constexpr size_t kMostKeyBytes = 2000;
constexpr size_t kMostViewBytes = size_t{2} << 20;

// What there may be of a kind in all.
struct CountRow {
  size_t (*count)(const CatalogContents& contents);
  size_t most;
  const char* text;
};

template <typename Map>
size_t CountPermanent(const Map& map) {
  return static_cast<size_t>(std::count_if(map.begin(), map.end(), [](const auto& descriptor) {
    return !IsTemporaryOid(descriptor->oid);
  }));
}

constexpr CountRow kCounts[] = {
    {[](const CatalogContents& contents) {
       // Schema public does not count.
       size_t all = CountPermanent(contents.schemas);
       return contents.schemas.Get(kPublicSchema) != nullptr ? all - 1 : all;
     },
     10, "more than 10 schemas not allowed"},
    {[](const CatalogContents& contents) { return CountPermanent(contents.tables); }, 1000,
     "creating more than 1000 tables not allowed"},
    {[](const CatalogContents& contents) { return CountPermanent(contents.views); }, 5000,
     "creating more than 5000 views not allowed"},
    {[](const CatalogContents& contents) { return CountPermanent(contents.sequences); }, 5000,
     "creating more than 5000 sequences is not allowed"},
};

[[noreturn]] void Exceed(const char* text) {
  throw SqlError(sqlstate::kProgramLimitExceeded, text);
}

// Of char(n) and varchar(n), what they are declared to hold.
size_t DeclaredBytes(const IndexDescriptor& index) {
  size_t bytes = 0;
  for (const IndexKey& key : index.keys) {
    bool bounded = key.type.oid == types::oids::kBpchar || key.type.oid == types::oids::kVarchar;
    if (bounded && key.type.typmod > 4) bytes += static_cast<size_t>(key.type.typmod - 4);
  }
  return bytes;
}

[[noreturn]] void ExceedColumns(const char* text) {
  throw SqlError(sqlstate::kTooManyColumns, text);
}

void CheckTable(const TableDescriptor* before, const TableDescriptor& after) {
  size_t columns = after.LiveAttnums().size();
  bool wider = before == nullptr || columns > before->LiveAttnums().size();
  if (wider && columns > kMostColumns) {
    // A primary key's index holds all other columns, too.
    ExceedColumns(after.PrimaryKey() != nullptr ? "cannot use more than 256 columns in an index"
                                                : "tables can have at most 255 columns");
  }
  for (const IndexDescriptor& index : after.indexes) {
    bool added = before == nullptr || before->FindIndex(index.oid) == nullptr;
    if (added && index.keys.size() > kMostKeyColumns) {
      ExceedColumns("more than 8 column keys in an index are not supported");
    }
    if (added && DeclaredBytes(index) > kMostKeyBytes) {
      Exceed("key size greater than 2000 bytes not supported");
    }
    if (added && after.indexes.size() > kMostIndexes) {
      Exceed("more than 24 indexes per table are not allowed");
    }
  }
}

}  // namespace

void CheckDsqlLimits(const Catalog& before, const Catalog& after) {
  for (const CountRow& row : kCounts) {
    size_t count = row.count(after.contents());
    if (count > row.most && count > row.count(before.contents())) Exceed(row.text);
  }
  for (const auto& table : after.contents().tables) {
    auto old = before.contents().tables.Find(table->oid);
    if (old != table) CheckTable(old.get(), *table);
  }
  for (const auto& view : after.contents().views) {
    if (before.contents().views.Find(view->oid) == view) continue;
    if (view->definition.sql.size() > kMostViewBytes) Exceed("view definition too large");
  }
}

}  // namespace sundog::catalog::ddl
