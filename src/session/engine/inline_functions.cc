#include "session/engine/inline_functions.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/sql_error.h"
#include "binder/bind.h"
#include "binder/function_body.h"
#include "binder/visit_statement.h"
#include "catalog/object_address.h"
#include "parser/parse.h"
#include "session/engine/query_plan.h"
#include "types/oids.h"

namespace sundog::session {

using binder::BoundExpression;
using binder::BoundExpressionPtr;
using binder::BoundFunction;
using binder::BoundQuery;
using binder::ExpressionKind;

namespace {

void VisitNodes(BoundExpressionPtr& expression,
                const std::function<void(const BoundExpression&)>& visit) {
  binder::VisitDeep(expression, [&](BoundExpressionPtr& node) {
    if (node != nullptr) visit(*node);
  });
}

// SELECT expression, and nothing else.
bool IsPlain(const BoundQuery& query) {
  return query.ctes.empty() && query.from.empty() && query.where == nullptr &&
         query.group_by.empty() && query.grouping_sets.empty() && query.having == nullptr &&
         !query.has_aggregates && !query.has_windows && !query.has_set_functions &&
         !query.set_operator && query.distinct == binder::DistinctKind::kNone &&
         query.order_by.empty() && query.limit == nullptr && query.offset == nullptr &&
         query.locks.empty() && query.targets.size() == 1;
}

// How much more than a function of this volatility an expression may be.
int Rank(char volatility) { return volatility == 'v' ? 2 : volatility == 's' ? 1 : 0; }

// What must be known of an expression that is to stand for a function.
struct Traits {
  int volatility = 0;
  bool strict = true;      // of strict parts only
  bool subquery = false;
  std::map<int, int> uses;  // of $1, … by index
};

Traits TraitsOf(BoundExpressionPtr& expression) {
  Traits traits;
  VisitNodes(expression, [&](const BoundExpression& node) {
    switch (node.kind) {
      case ExpressionKind::kFunction: {
        const functions::ProcInfo& proc = *node.As<BoundFunction>().proc;
        traits.volatility = std::max(traits.volatility, Rank(proc.volatility));
        traits.strict = traits.strict && proc.strict;
        break;
      }
      case ExpressionKind::kParameter:
        ++traits.uses[node.As<binder::BoundParameter>().index];
        break;
      case ExpressionKind::kSubquery: traits.subquery = true; break;
      case ExpressionKind::kConstant:
        if (node.As<binder::BoundConstant>().value.is_null()) traits.strict = false;
        break;
      case ExpressionKind::kRelabel: break;
      // Conversions call functions of their own, comparisons theirs.
      case ExpressionKind::kCoerceViaIo:
      case ExpressionKind::kArrayCoerce:
      case ExpressionKind::kRowCoerce:
      case ExpressionKind::kDomainCheck:
      case ExpressionKind::kScalarArray:
      case ExpressionKind::kRowCompare:
        traits.volatility = std::max(traits.volatility, 1);
        traits.strict = false;
        break;
      default: traits.strict = false;
    }
  });
  return traits;
}

// Calls that become their bodies in one statement: functions that call one another twice each would
// double what is planned with every level.
constexpr size_t kMostInlined = 500;

// Worth no second thought if it is computed more than once.
bool IsCheap(const BoundExpression& argument) {
  return argument.kind == ExpressionKind::kColumn || argument.kind == ExpressionKind::kParameter ||
         argument.kind == ExpressionKind::kConstant;
}

// A value that only its surroundings give.
bool DependsOnContext(BoundExpressionPtr& argument) {
  bool depends = false;
  VisitNodes(argument, [&](const BoundExpression& node) {
    depends = depends || node.kind == ExpressionKind::kCaseValue ||
              node.kind == ExpressionKind::kDomainValue;
  });
  return depends;
}

class Inliner {
 public:
  Inliner(EngineSession& session, EngineTransaction& transaction, catalog::CatalogPtr catalog,
          binder::BoundStatement& statement)
      : session_(session),
        transaction_(transaction),
        catalog_(std::move(catalog)),
        required_(statement.required_privileges) {
    for (const catalog::RequiredPrivilege& required : required_.relations) {
      if (auto table = catalog_->FindTable(required.relation)) NoteIndexes(*table);
    }
  }

  void Replace(BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kFunction) return;
    auto& call = node->As<BoundFunction>();
    if (call.proc->oid < types::kFirstUserOid) return;
    if (BoundExpressionPtr inlined = Inline(call)) node = std::move(inlined);
  }

 private:
  struct Body {
    BoundExpressionPtr expression;  // null: not to be inlined
    Traits traits;
    std::vector<types::Oid> functions;  // what it needs EXECUTE for
  };

  // A query finds an index on an expression only by the same expression.
  void NoteIndexes(const catalog::TableDescriptor& table) {
    auto note = [&](const catalog::StoredExpression& expression) {
      for (const catalog::ObjectAddress& reference : expression.references) {
        if (reference.class_oid == catalog::classes::kProc) indexed_.insert(reference.object);
      }
    };
    for (const catalog::IndexDescriptor& index : table.indexes) {
      for (const catalog::IndexKey& key : index.keys) note(key.expression);
      if (index.predicate) note(*index.predicate);
    }
  }

  BoundExpressionPtr Inline(BoundFunction& call) {
    const Body& body = BodyOf(call);
    if (body.expression == nullptr || body.expression->type.oid != call.type.oid) return nullptr;
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      auto uses = body.traits.uses.find(static_cast<int>(i));
      bool often = uses != body.traits.uses.end() && uses->second > 1;
      if (often && !IsCheap(*call.arguments[i])) return nullptr;
      if (uses == body.traits.uses.end() && call.proc->strict) return nullptr;
      if (DependsOnContext(call.arguments[i])) return nullptr;
    }
    if (inlined_ == kMostInlined) return nullptr;
    ++inlined_;
    BoundExpressionPtr result = body.expression->Clone();
    Substitute(result, call.arguments);
    result->collation = call.collation;
    for (types::Oid function : body.functions) {
      auto& functions = required_.functions;
      if (std::find(functions.begin(), functions.end(), function) == functions.end()) {
        functions.push_back(function);
      }
    }
    return result;
  }

  // Arguments are put in whole, and not looked into again.
  void Substitute(BoundExpressionPtr& node, const binder::BoundExpressions& arguments) {
    if (node->kind == ExpressionKind::kParameter) {
      node = arguments[static_cast<size_t>(node->As<binder::BoundParameter>().index)]->Clone();
      return;
    }
    binder::ForEachChild(*node, [&](BoundExpressionPtr& child) {
      if (child != nullptr) Substitute(child, arguments);
    });
  }

  const Body& BodyOf(const BoundFunction& call) {
    auto [at, is_new] = bodies_.try_emplace(call.proc->oid);
    if (!is_new || !MayInline(call)) return at->second;
    active_.push_back(call.proc->oid);
    if (std::optional<Body> body = Bind(call)) at->second = std::move(*body);
    active_.pop_back();
    return at->second;
  }

  bool MayInline(const BoundFunction& call) const {
    const functions::ProcInfo& proc = *call.proc;
    if (indexed_.contains(proc.oid) || proc.kind != 'f' || proc.returns_set ||
        proc.security_definer || proc.result_type == types::oids::kRecord ||
        proc.result_type == types::oids::kVoid) {
      return false;
    }
    const catalog::FunctionDescriptor* function = catalog_->contents().functions.Get(proc.oid);
    return function != nullptr && function->language == "sql" && function->settings.empty() &&
           !binder::HasPolymorphicArguments(proc);
  }

  // An error is left to the call, which may never come.
  std::optional<Body> Bind(const BoundFunction& call) {
    try {
      return BindBody(*call.proc);
    } catch (const SqlError&) {
      return std::nullopt;
    }
  }

  std::optional<Body> BindBody(const functions::ProcInfo& proc) {
    binder::BodyText text =
        binder::BodyTextOf(*catalog_->contents().functions.Get(proc.oid), *catalog_);
    parser::Script script = parser::Parse(text.sql);
    if (script.statements().size() != 1 || !binder::IsAnalysed(script.statements()[0])) {
      return std::nullopt;
    }
    binder::BindContext context =
        MakeRunContext(session_, transaction_, catalog_, proc.argument_types);
    context.infer_parameters = false;
    if (text.is_stored) binder::SeeQualifiedNamesOnly(context);
    binder::FunctionArguments arguments(proc);
    binder::FunctionResult result =
        binder::ResultOf(proc, binder::TypeFacts(*catalog_, context.search_path));
    context.variables = &arguments;
    context.function_result = &result;
    binder::BoundStatementPtr bound = binder::Bind(script.statements()[0], context);
    if (bound->kind != binder::StatementKind::kQuery || result.gives_rows) return std::nullopt;
    BoundQuery& query = *bound->As<binder::BoundQueryStatement>().query;
    if (!IsPlain(query)) return std::nullopt;
    Body body;
    body.expression = std::move(query.targets[0].expression);
    body.traits = TraitsOf(body.expression);
    bool fits = !body.traits.subquery && body.traits.volatility <= Rank(proc.volatility) &&
                (!proc.strict || body.traits.strict);
    if (!fits) return std::nullopt;
    body.functions = std::move(bound->required_privileges.functions);
    ForgetLocations(*body.expression);
    if (LeadsBack(body.expression)) return std::nullopt;
    return body;
  }

  // Calls in the body are looked at when the statement's walk comes to them, so that none may lead
  // to a function that is being looked at already.
  bool LeadsBack(BoundExpressionPtr& expression) {
    bool back = false;
    VisitNodes(expression, [&](const BoundExpression& node) {
      if (node.kind != ExpressionKind::kFunction) return;
      const auto& call = node.As<BoundFunction>();
      if (call.proc->oid < types::kFirstUserOid) return;
      back = back || std::find(active_.begin(), active_.end(), call.proc->oid) != active_.end();
      if (!back) static_cast<void>(BodyOf(call));
    });
    return back;
  }

  static void ForgetLocations(BoundExpression& expression) {
    expression.location = -1;
    binder::ForEachChild(expression, [](BoundExpressionPtr& child) {
      if (child != nullptr) ForgetLocations(*child);
    });
  }

  EngineSession& session_;
  EngineTransaction& transaction_;
  catalog::CatalogPtr catalog_;
  catalog::RequiredPrivileges& required_;
  std::set<types::Oid> indexed_;
  std::vector<types::Oid> active_;
  std::map<types::Oid, Body> bodies_;
  size_t inlined_ = 0;
};

}  // namespace

void InlineFunctions(EngineSession& session, EngineTransaction& transaction,
                     const catalog::CatalogPtr& catalog, binder::BoundStatement& statement) {
  const std::vector<types::Oid>& functions = statement.required_privileges.functions;
  if (std::none_of(functions.begin(), functions.end(),
                   [](types::Oid function) { return function >= types::kFirstUserOid; })) {
    return;
  }
  Inliner inliner(session, transaction, catalog, statement);
  binder::VisitExpressions(statement,
                           [&](BoundExpressionPtr& node) { inliner.Replace(node); });
}

}  // namespace sundog::session
