// The fixture catalog that fixture_catalog_test.h describes.
#include "binder/fixture_catalog_test.h"

#include "base/check.h"
#include "binder/bind.h"
#include "binder/bind_expression.h"
#include "binder/bind_select.h"
#include "binder/resolve_type.h"
#include "parser/parse.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

const std::string_view kFixtureDdl = R"(
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN posint AS int4 CHECK (VALUE > 0);
CREATE DOMAIN shorttext AS varchar(10) NOT NULL;
CREATE TYPE pair AS (x int4, y text);
CREATE TABLE t (a int4 PRIMARY KEY, b text, c numeric(10,2), d timestamptz, e bool);
CREATE TABLE u (a int4, b text NOT NULL, v float8, UNIQUE (b));
CREATE TABLE wide (i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, vc varchar(20),
  ch char(5), tx text, nm name, by bytea, dt date, ti time, ts timestamp, tz timestamptz,
  iv interval, uu uuid, js json, jb jsonb, bo bool, ai int4[], at text[], o oid, m mood, p posint,
  st shorttext, pr pair, r int4range);
CREATE TABLE def (id int4 PRIMARY KEY DEFAULT 7, n text DEFAULT 'x', m mood DEFAULT 'ok',
  w varchar(3));
CREATE TABLE "Odd Name" ("Col A" int4, "select" text);
CREATE TABLE orders (id int8 PRIMARY KEY, customer int8 NOT NULL, placed timestamptz NOT NULL,
  total numeric(12,2));
CREATE TABLE items (order_id int8, line int4, sku text, qty int4, price numeric(12,2),
  PRIMARY KEY (order_id, line));
CREATE VIEW tv AS SELECT a, b AS bb, c FROM public.t WHERE a > 0;
)";

namespace {

class FixtureBuilder {
 public:
  catalog::CatalogPtr Build(std::string_view ddl) {
    contents_ = catalog::Catalog::Empty()->contents();
    Refresh();
    parser::Script script = parser::Parse(ddl);
    for (const parser::RawStatement& statement : script.statements()) {
      Add(statement);
      Refresh();
    }
    return catalog_;
  }

 private:
  void Refresh() {
    catalog_ = std::make_shared<const catalog::Catalog>(contents_);
    std::vector<std::string> path = {"public"};
    context_.catalog = catalog_;
    context_.search_path = catalog_->ResolveSearchPath(path, "postgres");
  }

  void Add(const parser::RawStatement& statement) {
    switch (TagOf(statement.tree)) {
      case T_CreateEnumStmt: return AddEnum(As<CreateEnumStmt>(statement.tree));
      case T_CreateDomainStmt: return AddDomain(statement, As<CreateDomainStmt>(statement.tree));
      case T_CompositeTypeStmt: return AddComposite(As<CompositeTypeStmt>(statement.tree));
      case T_CreateStmt: return AddTable(As<CreateStmt>(statement.tree));
      case T_ViewStmt: return AddView(statement, As<ViewStmt>(statement.tree));
      default: CHECK(false);
    }
  }

  types::Oid NewOid() { return next_oid_++; }

  SqlType TypeOf(const ::TypeName* name) {
    BindState state(context_, "");
    return ResolveType(state, name);
  }

  void AddEnum(const CreateEnumStmt* raw) {
    auto type = std::make_shared<catalog::EnumDescriptor>();
    type->oid = NewOid();
    type->array_type = NewOid();
    type->name = parser::Text(parser::At(raw->typeName, 0));
    type->array_name = "_" + type->name;
    type->schema = catalog::kPublicSchema;
    float order = 1;
    for (const Node* label : parser::Each<Node>(raw->vals)) {
      type->labels.push_back({NewOid(), order++, parser::Text(label)});
    }
    contents_.enums.Put(type);
  }

  // "CHECK (VALUE > 0)" from the text: what stands between the first and the last parenthesis.
  static std::string TextInParentheses(std::string_view text) {
    size_t begin = text.find('(');
    return std::string(text.substr(begin, text.rfind(')') + 1 - begin));
  }

  void AddDomain(const parser::RawStatement& statement, const CreateDomainStmt* raw) {
    auto type = std::make_shared<catalog::DomainDescriptor>();
    type->oid = NewOid();
    type->array_type = NewOid();
    type->name = parser::Text(parser::At(raw->domainname, 0));
    type->array_name = "_" + type->name;
    type->schema = catalog::kPublicSchema;
    type->base = TypeOf(raw->typeName);
    for (const Constraint* constraint : parser::Each<Constraint>(raw->constraints)) {
      if (constraint->contype == CONSTR_NOTNULL) type->not_null = true;
      if (constraint->contype != CONSTR_CHECK) continue;
      std::string_view text = statement.script_text.substr(constraint->location);
      text = text.substr(0, statement.text.size());
      text = text.substr(0, text.find(';'));
      type->constraints.push_back(
          {NewOid(), type->name + "_check", true, {TextInParentheses(text), {}}});
    }
    contents_.domains.Put(type);
  }

  catalog::ColumnDescriptor Column(int16_t attnum, std::string name, SqlType type) {
    catalog::ColumnDescriptor column;
    column.attnum = attnum;
    column.name = std::move(name);
    column.type = type;
    column.collation = catalog_->GetType(type.oid).collation;
    return column;
  }

  void AddComposite(const CompositeTypeStmt* raw) {
    auto type = std::make_shared<catalog::CompositeDescriptor>();
    type->oid = NewOid();
    type->relation = NewOid();
    type->array_type = NewOid();
    type->name = raw->typevar->relname;
    type->array_name = "_" + type->name;
    type->schema = catalog::kPublicSchema;
    int16_t attnum = 1;
    for (const ColumnDef* definition : parser::Each<ColumnDef>(raw->coldeflist)) {
      type->columns.push_back(Column(attnum++, definition->colname, TypeOf(definition->typeName)));
    }
    contents_.composites.Put(type);
  }

  void AddKey(catalog::TableDescriptor& table, bool primary, std::vector<int16_t> columns) {
    catalog::IndexDescriptor index;
    index.oid = NewOid();
    index.name = table.name + (primary ? "_pkey" : "_key");
    index.unique = true;
    index.primary = primary;
    index.number = primary ? catalog::kRowIndexNumber : table.next_index_number++;
    for (int16_t attnum : columns) {
      catalog::IndexKey key;
      key.attnum = attnum;
      key.type = table.columns[attnum - 1].type;
      index.keys.push_back(key);
      if (primary) table.columns[attnum - 1].not_null = true;
    }
    catalog::ConstraintDescriptor constraint;
    constraint.oid = NewOid();
    constraint.name = index.name;
    constraint.kind =
        primary ? catalog::ConstraintKind::kPrimaryKey : catalog::ConstraintKind::kUnique;
    constraint.columns = std::move(columns);
    constraint.index = index.oid;
    index.constraint = constraint.oid;
    if (primary) table.row_key_index = index.oid;
    table.indexes.push_back(std::move(index));
    table.constraints.push_back(std::move(constraint));
  }

  // Defaults here are constants: their text is enough.
  std::string DefaultText(const Node* node) {
    const auto* constant = As<A_Const>(node);
    if (TagOf(&constant->val) == T_Integer) return std::to_string(constant->val.ival.ival);
    return std::string("'") + constant->val.sval.sval + "'";
  }

  void AddColumnConstraint(catalog::TableDescriptor& table, const Constraint* constraint) {
    catalog::ColumnDescriptor& column = table.columns.back();
    switch (constraint->contype) {
      case CONSTR_NOTNULL: column.not_null = true; break;
      case CONSTR_PRIMARY: AddKey(table, true, {column.attnum}); break;
      case CONSTR_DEFAULT:
        column.default_value = catalog::StoredExpression{DefaultText(constraint->raw_expr), {}};
        break;
      default: CHECK(false);
    }
  }

  void AddTable(const CreateStmt* raw) {
    auto table = std::make_shared<catalog::TableDescriptor>();
    table->oid = NewOid();
    table->row_type = NewOid();
    table->row_array_type = NewOid();
    table->storage_id = table->oid;
    table->name = raw->relation->relname;
    table->schema = catalog::kPublicSchema;
    table->owner = catalog::kSuperuserRole;
    for (const Node* element : parser::Each<Node>(raw->tableElts)) {
      if (TagOf(element) == T_ColumnDef) {
        const auto* definition = As<ColumnDef>(element);
        auto attnum = static_cast<int16_t>(table->columns.size() + 1);
        table->columns.push_back(Column(attnum, definition->colname, TypeOf(definition->typeName)));
        for (const Constraint* constraint : parser::Each<Constraint>(definition->constraints)) {
          AddColumnConstraint(*table, constraint);
        }
        continue;
      }
      const auto* constraint = As<Constraint>(element);
      std::vector<int16_t> columns;
      for (const std::string& name : NameParts(constraint->keys)) {
        columns.push_back(table->FindColumn(std::string_view(name))->attnum);
      }
      AddKey(*table, constraint->contype == CONSTR_PRIMARY, columns);
    }
    contents_.tables.Put(table);
  }

  void AddView(const parser::RawStatement& statement, const ViewStmt* raw) {
    auto view = std::make_shared<catalog::ViewDescriptor>();
    view->oid = NewOid();
    view->row_type = NewOid();
    view->row_array_type = NewOid();
    view->name = raw->view->relname;
    view->schema = catalog::kPublicSchema;
    view->owner = catalog::kSuperuserRole;
    view->definition.sql = statement.text.substr(statement.text.find("SELECT"));
    BindState state(context_, "");
    Scope scope(state, nullptr);
    auto query = BindSelect(scope, As<SelectStmt>(raw->query));
    int16_t attnum = 1;
    for (const BoundTarget& target : query->targets) {
      view->columns.push_back(Column(attnum++, target.name, target.expression->type));
    }
    contents_.views.Put(view);
  }

  catalog::CatalogContents contents_;
  catalog::CatalogPtr catalog_;
  BindContext context_;
  types::Oid next_oid_ = 16384;
};

}  // namespace

catalog::CatalogPtr MakeFixtureCatalog(std::string_view ddl) { return FixtureBuilder().Build(ddl); }

}  // namespace sundog::binder
