// pg_depend, pg_shdepend, pg_description, pg_shdescription, pg_extension.
#include "catalog/builtin_objects.h"
#include "catalog/extensions.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

void ListDependencies(const VirtualContext& context, std::vector<Dependency>& rows) {
  rows = context.catalog->Dependencies();
  // The parts of plpgsql.
  for (auto [class_oid, oid] : {std::pair(classes::kProc, 13560u), {classes::kProc, 13561u},
                                {classes::kProc, 13562u}, {classes::kLanguage, 13563u}}) {
    rows.push_back({{class_oid, oid, 0},
                    {classes::kExtension, kPlpgsqlExtension, 0},
                    DependencyKind::kExtension});
  }
}

constexpr ColumnGetter<Dependency> kDependColumns[] = {
    {"classid", [](const Dependency& row, Cell& cell) { cell.Oid(row.dependent.class_oid); }},
    {"objid", [](const Dependency& row, Cell& cell) { cell.Oid(row.dependent.object); }},
    {"objsubid", [](const Dependency& row, Cell& cell) { cell.Int4(row.dependent.sub_object); }},
    {"refclassid", [](const Dependency& row, Cell& cell) { cell.Oid(row.referenced.class_oid); }},
    {"refobjid", [](const Dependency& row, Cell& cell) { cell.Oid(row.referenced.object); }},
    {"refobjsubid",
     [](const Dependency& row, Cell& cell) { cell.Int4(row.referenced.sub_object); }},
    {"deptype", [](const Dependency& row, Cell& cell) { cell.Char(static_cast<char>(row.kind)); }},
};

// --- pg_shdepend: owners and grantees other than the superuser ---

struct SharedRow {
  ObjectAddress dependent;
  Oid role;
  char kind;
};

void ListShared(const VirtualContext& context, std::vector<SharedRow>& rows) {
  auto add = [&](const auto& map, Oid class_oid) {
    for (const auto& object : map) {
      ObjectAddress address{class_oid, object->oid, 0};
      if (object->owner >= types::kFirstUserOid) rows.push_back({address, object->owner, 'o'});
      for (const AclItem& item : object->acl.items) {
        if (item.grantee >= types::kFirstUserOid && item.grantee != object->owner) {
          rows.push_back({address, item.grantee, 'a'});
        }
      }
    }
  };
  const CatalogContents& contents = context.catalog->contents();
  add(contents.schemas, classes::kNamespace);
  add(contents.tables, classes::kClass);
  add(contents.views, classes::kClass);
  add(contents.sequences, classes::kClass);
  add(contents.enums, classes::kType);
  add(contents.domains, classes::kType);
  add(contents.composites, classes::kType);
  add(contents.functions, classes::kProc);
}

constexpr ColumnGetter<SharedRow> kSharedColumns[] = {
    {"dbid", [](const SharedRow&, Cell& cell) { cell.Oid(kPostgresDatabase); }},
    {"classid", [](const SharedRow& row, Cell& cell) { cell.Oid(row.dependent.class_oid); }},
    {"objid", [](const SharedRow& row, Cell& cell) { cell.Oid(row.dependent.object); }},
    {"refclassid", [](const SharedRow&, Cell& cell) { cell.Oid(classes::kAuthid); }},
    {"refobjid", [](const SharedRow& row, Cell& cell) { cell.Oid(row.role); }},
    {"deptype", [](const SharedRow& row, Cell& cell) { cell.Char(row.kind); }},
};

// --- pg_description and pg_shdescription ---

struct CommentRow {
  ObjectAddress object;
  std::string_view text;
};

bool IsShared(const ObjectAddress& object) {
  return object.class_oid == classes::kDatabase || object.class_oid == classes::kAuthid;
}

void ListComments(const VirtualContext& context, std::vector<CommentRow>& rows) {
  for (const auto& [object, text] : BuiltinObjects::Get().comments()) {
    if (IsThere(*context.catalog, object.object)) rows.push_back({object, text});
  }
  for (const auto& [object, text] : context.catalog->contents().comments) {
    if (!IsShared(object)) rows.push_back({object, text});
  }
}

void ListSharedComments(const VirtualContext& context, std::vector<CommentRow>& rows) {
  const auto& said = context.catalog->contents().comments;
  for (auto [database, text] : {
           std::pair(kTemplate1Database, "default template for new databases"),
           {kTemplate0Database, "unmodifiable empty database"},
           {kPostgresDatabase, "default administrative connection database"},
       }) {
    ObjectAddress object{classes::kDatabase, database, 0};
    if (!said.contains(object)) rows.push_back({object, text});
  }
  for (const auto& [object, text] : context.catalog->contents().comments) {
    if (IsShared(object)) rows.push_back({object, text});
  }
}

constexpr ColumnGetter<CommentRow> kCommentColumns[] = {
    {"objoid", [](const CommentRow& row, Cell& cell) { cell.Oid(row.object.object); }},
    {"classoid", [](const CommentRow& row, Cell& cell) { cell.Oid(row.object.class_oid); }},
    {"objsubid", [](const CommentRow& row, Cell& cell) { cell.Int4(row.object.sub_object); }},
    {"description", [](const CommentRow& row, Cell& cell) { cell.Text(row.text); }},
};

constexpr ColumnGetter<CommentRow> kSharedCommentColumns[] = {
    {"objoid", [](const CommentRow& row, Cell& cell) { cell.Oid(row.object.object); }},
    {"classoid", [](const CommentRow& row, Cell& cell) { cell.Oid(row.object.class_oid); }},
    {"description", [](const CommentRow& row, Cell& cell) { cell.Text(row.text); }},
};

// --- pg_extension ---

struct ExtensionRow {
  const ExtensionDescriptor* extension;
};

void ListExtensions(const VirtualContext& context, std::vector<ExtensionRow>& rows) {
  for (const auto& extension : context.catalog->contents().extensions) {
    rows.push_back({extension.get()});
  }
}

constexpr ColumnGetter<ExtensionRow> kExtensionColumns[] = {
    {"oid", [](const ExtensionRow& row, Cell& cell) { cell.Oid(row.extension->oid); }},
    {"extname", [](const ExtensionRow& row, Cell& cell) { cell.Text(row.extension->name); }},
    {"extowner", [](const ExtensionRow& row, Cell& cell) { cell.Oid(row.extension->owner); }},
    {"extnamespace", [](const ExtensionRow& row, Cell& cell) { cell.Oid(row.extension->schema); }},
    {"extrelocatable",
     [](const ExtensionRow& row, Cell& cell) { cell.Bool(row.extension->relocatable); }},
    {"extversion", [](const ExtensionRow& row, Cell& cell) { cell.Text(row.extension->version); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_depend",
     [] { return MakeTable<Dependency>(ListDependencies, kDependColumns); }},
    {kPgCatalogSchema, "pg_shdepend",
     [] { return MakeTable<SharedRow>(ListShared, kSharedColumns); }},
    {kPgCatalogSchema, "pg_description",
     [] { return MakeTable<CommentRow>(ListComments, kCommentColumns); }},
    {kPgCatalogSchema, "pg_shdescription",
     [] { return MakeTable<CommentRow>(ListSharedComments, kSharedCommentColumns); }},
    {kPgCatalogSchema, "pg_extension",
     [] { return MakeTable<ExtensionRow>(ListExtensions, kExtensionColumns); }},
};

}  // namespace

std::span<const TableDefinition> DependencyTables() { return kTables; }

}  // namespace sundog::catalog::system
