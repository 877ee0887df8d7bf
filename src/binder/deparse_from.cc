// FROM back to text, and the names its items give.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "binder/deparser.h"
#include "binder/expression_levels.h"
#include "catalog/stored_sql.h"
#include "catalog/virtual_table.h"
#include "types/identifier.h"

namespace sundog::binder {

using types::kInvalidOid;

namespace {

constexpr int kIndent = 8;
constexpr int kIndentJoin = 4;
constexpr int kIndentVar = 4;
constexpr size_t kMaxName = 63;

Oid TableOf(const BoundTableRef& ref) {
  switch (ref.kind) {
    case TableRefKind::kTable: return ref.As<BoundBaseTable>().table->oid;
    case TableRefKind::kVirtual: return ref.As<BoundVirtualTable>().table->oid();
    case TableRefKind::kSubquery: return ref.As<BoundSubqueryRef>().view;
    default: return kInvalidOid;
  }
}

std::string SampleText(const BoundBaseTable& table) {
  if (table.sample_fraction < 0) return "";
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.15g", table.sample_fraction * 100);
  return std::string(" TABLESAMPLE ") + (table.sample_system ? "system (" : "bernoulli (") +
         percent + ")";
}

// The names of a relation's columns as its definition has them; dropped ones empty.
std::vector<std::string> OwnColumns(const catalog::Relation& relation) {
  std::vector<std::string> names;
  if (relation.table != nullptr) {
    for (const auto& column : relation.table->columns) {
      names.push_back(column.dropped ? "" : column.name);
    }
  } else if (relation.view != nullptr) {
    for (const auto& column : relation.view->columns) names.push_back(column.name);
  } else if (relation.system != nullptr) {
    for (const auto& column : relation.system->columns()) names.push_back(column.name);
  }
  return names;
}

}  // namespace

// A name that is taken already gets a number.
std::string Deparser::UniqueAlias(const std::string& alias) {
  auto [at, is_new] = aliases_.emplace(alias, 0);
  if (alias.empty() || is_new) return alias;
  std::string varied;
  do {
    std::string suffix = "_" + std::to_string(++at->second);
    size_t length = std::min(alias.size(), kMaxName - suffix.size());
    while (length < alias.size() && (alias[length] & 0xC0) == 0x80) --length;  // whole characters
    varied = alias.substr(0, length) + suffix;
  } while (aliases_.contains(varied));
  aliases_.emplace(varied, 0);
  return varied;
}

Deparser::RelationNames Deparser::NamesOf(const BoundTableRef& ref) {
  RelationNames names;
  names.alias = UniqueAlias(ref.alias);
  names.qualifier = types::QuoteIdentifier(names.alias);
  size_t next_alias = 0;
  auto add = [&](const std::string& own, int attnum, Oid table) {
    bool renamed = !own.empty() && next_alias < ref.column_aliases.size();
    std::string name = renamed ? ref.column_aliases[next_alias++] : own;
    names.plain.push_back(name);
    names.columns.push_back(table != kInvalidOid && name == own && !renamed
                                ? TableColumnText(table, attnum, own)
                                : types::QuoteIdentifier(name));
  };
  Oid table = TableOf(ref);
  names.table = table;
  if (table != kInvalidOid) {
    const catalog::Relation* relation = options_.catalog->FindRelation(table);
    int attnum = 1;
    for (const std::string& own : OwnColumns(*relation)) add(own, attnum++, table);
    return names;
  }
  switch (ref.kind) {
    case TableRefKind::kSubquery: {
      const BoundQuery& query = *ref.As<BoundSubqueryRef>().query;
      for (int i = 0; i < query.visible_target_count(); ++i) {
        add(query.targets[i].name, 0, kInvalidOid);
      }
      break;
    }
    case TableRefKind::kFunction: {
      const auto& function = ref.As<BoundFunctionRef>();
      for (const auto& call : function.calls) {
        for (const auto& column : call.columns) add(column.name, 0, kInvalidOid);
      }
      if (function.ordinality) add("ordinality", 0, kInvalidOid);
      break;
    }
    case TableRefKind::kValues:
      for (size_t i = 0; i < ref.As<BoundValues>().types.size(); ++i) {
        add("column" + std::to_string(i + 1), 0, kInvalidOid);
      }
      break;
    case TableRefKind::kCte: {
      auto at = ctes_.find(ref.As<BoundCteRef>().cte_id);
      if (at == ctes_.end()) break;
      for (const std::string& column : at->second->columns) add(column, 0, kInvalidOid);
      break;
    }
    default: break;
  }
  return names;
}

void Deparser::NameRelations(const BoundTableRef& ref) {
  if (ref.kind == TableRefKind::kJoin) {
    const auto& join = ref.As<BoundJoin>();
    NameRelations(*join.left);
    NameRelations(*join.right);
    if (!join.alias.empty()) NameAliasedJoin(join);
    return;
  }
  siblings_.insert(ref.relation);
  relations_[ref.relation] = NamesOf(ref);
}

// (a JOIN b …) AS j hides a and b: their columns are j's, merged ones first, then the left side's.
void Deparser::NameAliasedJoin(const BoundJoin& join) {
  std::vector<std::pair<RelationId, size_t>> order;
  auto collect = [&](auto& self, const BoundTableRef& ref) -> void {
    if (ref.kind == TableRefKind::kJoin) {
      self(self, *ref.As<BoundJoin>().left);
      self(self, *ref.As<BoundJoin>().right);
      return;
    }
    for (size_t i = 0; i < relations_[ref.relation].plain.size(); ++i) {
      if (!relations_[ref.relation].plain[i].empty()) order.emplace_back(ref.relation, i);
    }
  };
  collect(collect, join);
  join_aliases_[&join] = UniqueAlias(join.alias);
  size_t next_alias = 0;
  auto rename = [&](RelationId relation, size_t i) {
    RelationNames& names = relations_[relation];
    names.qualifier = types::QuoteIdentifier(join_aliases_[&join]);
    if (next_alias < join.column_aliases.size()) names.plain[i] = join.column_aliases[next_alias++];
    names.columns[i] = types::QuoteIdentifier(names.plain[i]);
  };
  std::vector<bool> done(order.size(), false);
  for (const std::string& column : join.using_columns) {
    bool first = true;
    std::string called = column;
    for (size_t k = 0; k < order.size(); ++k) {
      auto [relation, i] = order[k];
      if (done[k] || relations_[relation].plain[i] != column) continue;
      done[k] = true;
      if (first) {
        rename(relation, i);
        called = relations_[relation].plain[i];
      } else {
        relations_[relation].plain[i] = called;
        relations_[relation].columns[i] = types::QuoteIdentifier(called);
      }
      first = false;
    }
  }
  for (size_t k = 0; k < order.size(); ++k) {
    if (!done[k]) rename(order[k].first, order[k].second);
  }
}

void Deparser::From(const BoundQuery& query) {
  bool first = true;
  for (const BoundTableRefPtr& ref : query.from) {
    if (first) {
      Keyword(" FROM ", -kIndent, kIndent, 2);
      FromItem(*ref);
      first = false;
      continue;
    }
    text += ", ";
    std::string saved = std::exchange(text, "");
    FromItem(*ref);
    std::string item = std::exchange(text, std::move(saved));
    if (options_.pretty_indent && options_.wrap_column >= 0) {
      size_t at = text.rfind('\n');
      size_t line = text.size() - (at == std::string::npos ? 0 : at + 1);
      if (!item.empty() && item[0] == '\n') {
        TrimSpaces();
      } else if (static_cast<int>(line + item.size()) > options_.wrap_column) {
        Keyword("", -kIndent, kIndent, kIndentVar);
      }
    }
    text += item;
  }
}

bool Deparser::IsLateral(const BoundExpression& call) const {
  bool found = false;
  VisitLevels(call, [&](const BoundExpression& node, int) {
    found = found || (node.kind == ExpressionKind::kColumn &&
                      siblings_.contains(node.As<BoundColumn>().relation));
    return !found;
  });
  return found;
}

void Deparser::FromItem(const BoundTableRef& ref) {
  switch (ref.kind) {
    case TableRefKind::kTable:
    case TableRefKind::kVirtual: text += RelationText(TableOf(ref)); break;
    case TableRefKind::kSubquery: {
      const auto& subquery = ref.As<BoundSubqueryRef>();
      if (subquery.view != kInvalidOid) {
        text += RelationText(subquery.view);
        break;
      }
      if (subquery.lateral) text += "LATERAL ";
      text += "(";
      Query(*subquery.query, nullptr, true);
      text += ")";
      break;
    }
    case TableRefKind::kFunction: FromFunction(ref.As<BoundFunctionRef>()); break;
    case TableRefKind::kValues:
      text += "(";
      Values(ref.As<BoundValues>());
      text += ")";
      break;
    case TableRefKind::kCte: {
      auto at = ctes_.find(ref.As<BoundCteRef>().cte_id);
      text += at == ctes_.end() ? "?" : types::QuoteIdentifier(at->second->name);
      break;
    }
    case TableRefKind::kJoin: return FromJoin(ref.As<BoundJoin>());
  }
  Alias(ref);
  ColumnAliases(ref);
  if (ref.kind == TableRefKind::kTable) text += SampleText(ref.As<BoundBaseTable>());
}

void Deparser::Alias(const BoundTableRef& ref) {
  Oid table = TableOf(ref);
  std::string own;
  if (table != kInvalidOid) {
    own = options_.catalog->FindRelation(table)->name;
  } else if (ref.kind == TableRefKind::kCte) {
    auto at = ctes_.find(ref.As<BoundCteRef>().cte_id);
    if (at != ctes_.end()) own = at->second->name;
  }
  const std::string& alias = relations_[ref.relation].alias;
  if (own != alias) {
    text += " " + types::QuoteIdentifier(alias);
  } else if (options_.marks && table >= types::kFirstUserOid) {
    text += catalog::RelationAliasMark(table, ref.alias);
  }
}

void Deparser::ColumnAliases(const BoundTableRef& ref) {
  bool function = ref.kind == TableRefKind::kFunction;
  if (function) {
    const auto& calls = ref.As<BoundFunctionRef>().calls;
    if (calls.size() == 1 && calls[0].has_column_list && !ref.As<BoundFunctionRef>().ordinality) {
      std::string list;
      const RelationNames& names = relations_[ref.relation];
      for (size_t i = 0; i < calls[0].columns.size(); ++i) {
        list += (list.empty() ? "" : ", ") + names.columns[i] + " " +
                TypeText(calls[0].columns[i].type);
      }
      text += "(" + list + ")";
      return;
    }
  }
  if (!function && ref.column_aliases.empty()) return;
  std::string list;
  const RelationNames& names = relations_[ref.relation];
  if (names.table != kInvalidOid &&
      names.plain == OwnColumns(*options_.catalog->FindRelation(names.table)) && !options_.marks) {
    return;
  }
  for (size_t i = 0; i < names.plain.size(); ++i) {
    if (names.plain[i].empty()) continue;
    list += (list.empty() ? "" : ", ") + types::QuoteIdentifier(names.plain[i]);
  }
  text += "(" + list + ")";
}

void Deparser::FromFunction(const BoundFunctionRef& ref) {
  for (const auto& call : ref.calls) {
    if (!IsLateral(*call.call)) continue;
    text += "LATERAL ";
    break;
  }
  bool single = ref.calls.size() == 1 && !(ref.calls[0].has_column_list && ref.ordinality);
  bool all_unnest = !single;
  for (const auto& call : ref.calls) {
    all_unnest = all_unnest && call.call->kind == ExpressionKind::kFunction &&
                 call.call->As<BoundFunction>().proc->name == "unnest";
  }
  if (single) {
    FunctionCall(*ref.calls[0].call);
  } else if (all_unnest) {
    text += "UNNEST(";
    bool first = true;
    for (const auto& call : ref.calls) {
      if (!first) text += ", ";
      first = false;
      List(call.call->As<BoundFunction>().arguments, true);
    }
    text += ")";
  } else {
    text += "ROWS FROM(";
    bool first = true;
    for (const auto& call : ref.calls) {
      if (!first) text += ", ";
      first = false;
      FunctionCall(*call.call);
      if (!call.has_column_list) continue;
      std::string list;
      for (const auto& column : call.columns) {
        list += (list.empty() ? "" : ", ") + types::QuoteIdentifier(column.name) + " " +
                TypeText(column.type);
      }
      text += " AS (" + list + ")";
    }
    text += ")";
  }
  if (ref.ordinality) text += " WITH ORDINALITY";
}

void Deparser::FromJoin(const BoundJoin& join) {
  bool wrapped = !options_.pretty_parentheses || !join.alias.empty();
  bool right_wrapped = options_.pretty_parentheses && join.right->kind == TableRefKind::kJoin &&
                       join.right->alias.empty();
  if (wrapped) text += "(";
  FromItem(*join.left);
  std::string_view keyword = " JOIN ";
  switch (join.type) {
    case JoinType::kCross: keyword = " CROSS JOIN "; break;
    case JoinType::kLeft: keyword = " LEFT JOIN "; break;
    case JoinType::kRight: keyword = " RIGHT JOIN "; break;
    case JoinType::kFull: keyword = " FULL JOIN "; break;
    default: break;
  }
  Keyword(keyword, -kIndent, kIndent, kIndentJoin);
  if (right_wrapped) text += "(";
  FromItem(*join.right);
  if (right_wrapped) text += ")";
  if (!join.using_columns.empty()) {
    std::string list;
    for (const std::string& column : join.using_columns) {
      list += (list.empty() ? "" : ", ") + types::QuoteIdentifier(column);
    }
    text += " USING (" + list + ")";
  } else if (join.condition != nullptr) {
    text += " ON ";
    Open();
    Expression(*join.condition, false);
    Close();
  } else if (join.type != JoinType::kCross) {
    text += " ON TRUE";
  }
  if (wrapped) text += ")";
  if (join.alias.empty()) return;
  text += " " + types::QuoteIdentifier(join_aliases_[&join]);
  if (join.column_aliases.empty()) return;
  std::string list;
  for (const std::string& column : join.column_aliases) {
    list += (list.empty() ? "" : ", ") + types::QuoteIdentifier(column);
  }
  text += "(" + list + ")";
}

}  // namespace sundog::binder
