// SELECT, VALUES and set operations back to text.
#include <algorithm>
#include <utility>

#include "binder/deparser.h"
#include "catalog/stored_sql.h"
#include "types/identifier.h"

namespace sundog::binder {

namespace {

constexpr int kIndent = 8;
constexpr int kIndentVar = 4;
constexpr int kIndentLimit = 40;

bool IsTree(const BoundQuery& query) {
  return query.set_operator.has_value() && query.ctes.empty() && query.order_by.empty() &&
         query.limit == nullptr && query.offset == nullptr;
}

// The side of a set operation without the query that was put around it for a conversion.
const BoundQuery& Unwrapped(const BoundQuery& side) {
  if (side.set_operator.has_value() || side.from.size() != 1) return side;
  if (side.from[0]->kind != TableRefKind::kSubquery || !side.from[0]->alias.empty()) return side;
  return *side.from[0]->As<BoundSubqueryRef>().query;
}

const BoundExpression& WithoutImplicitCasts(const BoundExpression& expression) {
  if (expression.kind == ExpressionKind::kFunction &&
      expression.As<BoundFunction>().form == CallForm::kImplicitCast) {
    return WithoutImplicitCasts(*expression.As<BoundFunction>().arguments[0]);
  }
  bool cast = expression.kind == ExpressionKind::kRelabel ||
              expression.kind == ExpressionKind::kCoerceViaIo ||
              expression.kind == ExpressionKind::kArrayCoerce;
  if (cast && expression.As<BoundConversion>().form == CallForm::kImplicitCast) {
    return WithoutImplicitCasts(*expression.As<BoundConversion>().argument);
  }
  return expression;
}

// VALUES alone: its columns in order, by their own names.
const BoundValues* SimpleValues(const BoundQuery& query, const std::vector<std::string>* names) {
  if (query.from.size() != 1 || query.from[0]->kind != TableRefKind::kValues) return nullptr;
  const auto& values = query.from[0]->As<BoundValues>();
  if (query.hidden_target_count != 0 || query.targets.size() != values.types.size()) {
    return nullptr;
  }
  for (size_t i = 0; i < query.targets.size(); ++i) {
    const std::string& name =
        names != nullptr && i < names->size() ? (*names)[i] : query.targets[i].name;
    if (name != "column" + std::to_string(i + 1)) return nullptr;
  }
  return &values;
}

}  // namespace

Deparser::Deparser(const DeparseOptions& options) : options_(options) {
  if (options.table == nullptr) return;
  RelationNames names;
  names.qualifier = types::QuoteIdentifier(options.table->name);
  names.table = options.table->oid;
  for (const catalog::ColumnDescriptor& column : options.table->columns) {
    names.columns.push_back(TableColumnText(options.table->oid, column.attnum, column.name));
    names.plain.push_back(column.name);
  }
  relations_[options.relation] = std::move(names);
}

void Deparser::TrimSpaces() {
  while (!text.empty() && text.back() == ' ') text.pop_back();
}

void Deparser::Keyword(std::string_view keyword, int before, int after, int plus) {
  if (!options_.pretty_indent) {
    text += keyword;
    return;
  }
  indent_ += before;
  TrimSpaces();
  text += "\n";
  int amount = std::max(indent_, 0);
  if (indent_ >= kIndentLimit) {
    amount = (kIndentLimit + (indent_ - kIndentLimit) / (kIndent / 2)) % kIndentLimit;
  }
  text += std::string(amount + plus, ' ');
  text += keyword;
  indent_ = std::max(indent_ + after, 0);
}

void Deparser::Query(const BoundQuery& query, const std::vector<std::string>* names,
                     bool names_visible) {
  // PostgreSQL 15 counts a view's OLD and NEW among its relations, and so always qualifies.
  bool saved_prefix = std::exchange(prefix_, true);
  const BoundQuery* saved_query = std::exchange(query_, &query);
  std::set<RelationId> saved_siblings = std::exchange(siblings_, {});
  int saved_indent = indent_;

  std::map<std::string, int> saved_aliases = aliases_;
  for (auto& [alias, variations] : aliases_) variations = 0;

  for (const BoundCte& cte : query.ctes) {
    ctes_[cte.id] = &cte;
    cte_names_.insert(cte.name);
  }
  for (const BoundTableRefPtr& ref : query.from) NameRelations(*ref);
  With(query);
  if (query.set_operator.has_value()) {
    SetOperation(query, names, names_visible);
  } else {
    Select(query, names, names_visible);
  }
  Tail(query);

  for (const BoundCte& cte : query.ctes) cte_names_.erase(cte_names_.find(cte.name));
  indent_ = saved_indent;
  aliases_ = std::move(saved_aliases);
  siblings_ = std::move(saved_siblings);
  query_ = saved_query;
  prefix_ = saved_prefix;
}

void Deparser::With(const BoundQuery& query) {
  if (query.ctes.empty()) return;
  if (options_.pretty_indent) {
    indent_ += kIndent;
    text += " ";
  }
  bool recursive = std::any_of(query.ctes.begin(), query.ctes.end(),
                               [](const BoundCte& cte) { return cte.recursive; });
  std::string separator = recursive ? "WITH RECURSIVE " : "WITH ";
  for (const BoundCte& cte : query.ctes) {
    text += std::exchange(separator, ", ") + types::QuoteIdentifier(cte.name);
    // Names that the query itself does not give.
    bool named = false;
    for (size_t i = 0; cte.query != nullptr && i < cte.columns.size(); ++i) {
      named = named || cte.columns[i] != cte.query->targets[i].name;
    }
    if (named) {
      std::string list;
      for (const std::string& column : cte.columns) {
        list += (list.empty() ? "" : ", ") + types::QuoteIdentifier(column);
      }
      text += "(" + list + ")";
    }
    text += " AS ";
    if (cte.materialized.has_value()) {
      text += *cte.materialized ? "MATERIALIZED " : "NOT MATERIALIZED ";
    }
    text += "(";
    if (options_.pretty_indent) Keyword("", 0, 0, 0);
    if (cte.query != nullptr) Query(*cte.query, nullptr, true);
    if (options_.pretty_indent) Keyword("", 0, 0, 0);
    text += ")";
  }
  if (options_.pretty_indent) {
    indent_ -= kIndent;
    Keyword("", 0, 0, 0);
  } else {
    text += " ";
  }
}

void Deparser::Select(const BoundQuery& query, const std::vector<std::string>* names,
                      bool names_visible) {
  if (options_.pretty_indent) {
    indent_ += kIndent;
    text += " ";
  }
  if (const BoundValues* values = SimpleValues(query, names)) return Values(*values);
  text += "SELECT";
  if (query.distinct == DistinctKind::kAll) text += " DISTINCT";
  if (query.distinct == DistinctKind::kOn) {
    text += " DISTINCT ON (";
    bool first = true;
    for (int target : query.distinct_on) {
      if (!first) text += ", ";
      first = false;
      SortExpression(*query.targets[target].expression);
    }
    text += ")";
  }
  Targets(query, names, names_visible);
  From(query);
  if (query.where != nullptr) {
    Keyword(" WHERE ", -kIndent, kIndent, 1);
    Expression(*query.where, false);
  }
  GroupBy(query);
  if (query.having != nullptr) {
    Keyword(" HAVING ", -kIndent, kIndent, 0);
    Expression(*query.having, false);
  }
  NamedWindows(query);
}

std::string Deparser::TargetText(const BoundTarget& target, const std::string& name,
                                 bool names_visible) {
  std::string saved = std::exchange(text, "");
  std::string shown;
  bool has_shown = !names_visible;
  if (has_shown) shown = "?column?";
  const BoundExpression& expression = *target.expression;
  std::string alias = " AS " + types::QuoteIdentifier(name);
  if (expression.kind == ExpressionKind::kColumn) {
    shown = Column(expression.As<BoundColumn>());
    has_shown = true;
    // A column that is renamed later keeps its name here.
    bool marked = options_.marks && target.source_table >= types::kFirstUserOid &&
                  target.source_column > 0 && text.ends_with('\2');
    if (marked && shown == name) {
      alias = catalog::ColumnAliasMark(target.source_table, target.source_column, name);
      shown.clear();
    }
  } else {
    TopLevel(expression, true);
  }
  if (!has_shown || shown != name) text += alias;
  return std::exchange(text, std::move(saved));
}

void Deparser::Targets(const BoundQuery& query, const std::vector<std::string>* names,
                       bool names_visible) {
  bool last_multiline = false;
  for (int i = 0; i < query.visible_target_count(); ++i) {
    const BoundTarget& target = query.targets[i];
    text += i == 0 ? " " : ", ";
    bool named = names != nullptr && i < static_cast<int>(names->size());
    std::string one = TargetText(target, named ? (*names)[i] : target.name, names_visible);
    if (options_.pretty_indent && options_.wrap_column >= 0) {
      bool leading_break = !one.empty() && one[0] == '\n';
      if (leading_break) {
        TrimSpaces();
      } else {
        size_t line =
            text.size() - (text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
        bool wrap = static_cast<int>(line + one.size()) > options_.wrap_column;
        if (i > 0 && (wrap || last_multiline)) Keyword("", -kIndent, kIndent, kIndentVar);
      }
      last_multiline = one.find('\n', leading_break ? 1 : 0) != std::string::npos;
    }
    text += one;
  }
}

void Deparser::GroupBy(const BoundQuery& query) {
  if (query.group_by.empty() && query.grouping_sets.empty()) return;
  Keyword(" GROUP BY ", -kIndent, kIndent, 1);
  if (query.grouping_sets.empty()) {
    bool first = true;
    for (const BoundExpressionPtr& key : query.group_by) {
      if (!first) text += ", ";
      first = false;
      SortExpression(*key);
    }
    return;
  }
  if (query.grouping_distinct) text += "DISTINCT ";
  bool first = true;
  for (const GroupingItem& item : query.grouping_items) {
    if (!first) text += ", ";
    first = false;
    Grouping(query, item, true);
  }
}

void Deparser::Grouping(const BoundQuery& query, const GroupingItem& item, bool omit_parentheses) {
  bool keys = item.kind == GroupingKind::kKeys;
  bool parentheses = !keys || !omit_parentheses || item.keys.size() != 1;
  switch (item.kind) {
    case GroupingKind::kKeys: break;
    case GroupingKind::kSets: text += "GROUPING SETS "; break;
    case GroupingKind::kRollup: text += "ROLLUP"; break;
    case GroupingKind::kCube: text += "CUBE"; break;
  }
  if (parentheses) text += "(";
  bool first = true;
  for (int key : item.keys) {
    if (!std::exchange(first, false)) text += ", ";
    SortExpression(*query.group_by[key]);
  }
  for (const GroupingItem& part : item.parts) {
    if (!std::exchange(first, false)) text += ", ";
    Grouping(query, part, item.kind != GroupingKind::kSets);
  }
  if (parentheses) text += ")";
}

namespace {

void CollectWindows(const BoundExpression& expression,
                    std::vector<const BoundWindowSpec*>& windows) {
  if (expression.kind == ExpressionKind::kWindow) {
    const BoundWindowSpec& spec = expression.As<BoundWindow>().window;
    bool known = spec.name.empty() ||
                 std::any_of(windows.begin(), windows.end(), [&](const BoundWindowSpec* other) {
                   return other->name == spec.name;
                 });
    if (!known) windows.push_back(&spec);
  }
  ForEachChild(const_cast<BoundExpression&>(expression), [&](BoundExpressionPtr& child) {
    if (child != nullptr) CollectWindows(*child, windows);
  });
}

}  // namespace

void Deparser::NamedWindows(const BoundQuery& query) {
  std::vector<const BoundWindowSpec*> windows;
  for (const BoundTarget& target : query.targets) CollectWindows(*target.expression, windows);
  bool first = true;
  for (const BoundWindowSpec* window : windows) {
    if (first) {
      Keyword(" WINDOW ", -kIndent, kIndent, 1);
    } else {
      text += ", ";
    }
    first = false;
    text += types::QuoteIdentifier(window->name) + " AS ";
    WindowSpec(*window);
  }
}

void Deparser::WindowSpec(const BoundWindowSpec& spec) {
  text += "(";
  std::string space;
  if (!spec.partition_by.empty()) {
    text += "PARTITION BY ";
    bool first = true;
    for (const BoundExpressionPtr& key : spec.partition_by) {
      if (!first) text += ", ";
      first = false;
      SortExpression(*key);
    }
    space = " ";
  }
  if (!spec.order_by.empty()) {
    text += space + "ORDER BY ";
    SortKeys(spec.order_by);
    space = " ";
  }
  if (spec.frame_written) {
    static constexpr const char* kModes[] = {"RANGE ", "ROWS ", "GROUPS "};
    text += space + kModes[static_cast<int>(spec.mode)];
    auto bound = [&](FrameBound which, const BoundExpressionPtr& offset) {
      static constexpr const char* kBounds[] = {"UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW",
                                                " FOLLOWING", "UNBOUNDED FOLLOWING"};
      if (offset != nullptr) Expression(*offset, false);
      text += kBounds[static_cast<int>(which)];
    };
    if (spec.frame_between) text += "BETWEEN ";
    bound(spec.start, spec.start_offset);
    if (spec.frame_between) {
      text += " AND ";
      bound(spec.end, spec.end_offset);
    }
    static constexpr const char* kExclusions[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                                  " EXCLUDE TIES"};
    text += kExclusions[static_cast<int>(spec.exclusion)];
  }
  text += ")";
}

void Deparser::Values(const BoundValues& values) {
  text += "VALUES ";
  bool first_row = true;
  for (const BoundExpressions& row : values.rows) {
    if (!first_row) text += ", ";
    first_row = false;
    text += "(";
    bool first = true;
    for (const BoundExpressionPtr& cell : row) {
      if (!first) text += ",";
      first = false;
      TopLevel(*cell, false);
    }
    text += ")";
  }
}

void Deparser::SetSide(const BoundQuery& side, const std::vector<std::string>* names,
                       bool names_visible) {
  if (IsTree(side)) return SetOperation(side, names, names_visible);
  const BoundQuery& inner = Unwrapped(side);
  std::unique_ptr<BoundQuery> stripped = inner.Clone();
  for (BoundTarget& target : stripped->targets) {
    const BoundExpression& bare = WithoutImplicitCasts(*target.expression);
    if (&bare != target.expression.get()) target.expression = bare.Clone();
  }
  bool parentheses = !stripped->ctes.empty() || !stripped->order_by.empty() ||
                     !stripped->locks.empty() || stripped->limit != nullptr ||
                     stripped->offset != nullptr || stripped->set_operator.has_value();
  if (parentheses) text += "(";
  Query(*stripped, names, names_visible);
  if (parentheses) text += ")";
}

void Deparser::SetOperation(const BoundQuery& query, const std::vector<std::string>* names,
                            bool names_visible) {
  bool left_tree = IsTree(*query.left);
  bool parentheses = left_tree && (query.left->set_operator != query.set_operator ||
                                   query.left->set_all != query.set_all);
  int extra = parentheses ? kIndent : 0;
  if (parentheses) {
    text += "(";
    Keyword("", extra, 0, 0);
  }
  SetSide(*query.left, names, names_visible);
  if (parentheses) {
    Keyword(") ", -extra, 0, 0);
  } else if (options_.pretty_indent) {
    Keyword("", -extra, 0, 0);
  } else {
    text += " ";
  }
  static constexpr const char* kNames[] = {"UNION ", "INTERSECT ", "EXCEPT "};
  text += kNames[static_cast<int>(*query.set_operator)];
  if (query.set_all) text += "ALL ";
  parentheses = IsTree(*query.right);
  extra = parentheses ? kIndent : 0;
  if (parentheses) text += "(";
  Keyword("", extra, 0, 0);
  SetSide(*query.right, names, false);
  if (options_.pretty_indent) indent_ -= extra;
  if (parentheses) Keyword(")", 0, 0, 0);
}

void Deparser::Tail(const BoundQuery& query) {
  bool set = query.set_operator.has_value();
  bool first = true;
  for (const BoundQuery::OrderBy& order : query.order_by) {
    if (first) {
      Keyword(" ORDER BY ", -kIndent, kIndent, 1);
    } else {
      text += ", ";
    }
    first = false;
    if (set) {
      text += std::to_string(order.target + 1);
    } else {
      SortExpression(*query.targets[order.target].expression);
    }
    SortSuffix(order.descending, order.nulls_first, order.sort_operator);
  }
  if (query.offset != nullptr) {
    Keyword(" OFFSET ", -kIndent, kIndent, 0);
    Expression(*query.offset, false);
  }
  if (query.limit != nullptr && query.with_ties) {
    Keyword(" FETCH FIRST ", -kIndent, kIndent, 0);
    text += "(";
    Expression(*query.limit, false);
    text += ") ROWS WITH TIES";
  } else if (query.limit != nullptr) {
    Keyword(" LIMIT ", -kIndent, kIndent, 0);
    bool all = query.limit->kind == ExpressionKind::kConstant &&
               query.limit->As<BoundConstant>().value.is_null();
    if (all) {
      text += "ALL";
    } else {
      Expression(*query.limit, false);
    }
  }
  static constexpr const char* kLocks[] = {" FOR KEY SHARE", " FOR SHARE", " FOR NO KEY UPDATE",
                                           " FOR UPDATE"};
  for (const BoundRowLock& lock : query.locks) {
    for (RelationId relation : lock.relations) {
      Keyword(kLocks[static_cast<int>(lock.strength)], -kIndent, kIndent, 0);
      text += " OF " + relations_[relation].qualifier;
      if (lock.wait == LockWait::kNoWait) text += " NOWAIT";
      if (lock.wait == LockWait::kSkipLocked) text += " SKIP LOCKED";
    }
  }
}

}  // namespace sundog::binder
