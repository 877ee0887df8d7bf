// Statements whose text, or whose text with other values in it, has been planned before: the way
// around parser, binder and planner. See statement_cache.h and statement_text.h.
#include <charconv>

#include "base/sql_error.h"
#include "session/session.h"
#include "types/oids.h"

namespace sundog::session {

namespace {

// What is between a string's quotes, with its doubled ones undone.
std::string_view Unquote(std::string_view body, base::Arena& arena) {
  if (body.find('\'') == std::string_view::npos) return body;
  char* to = arena.AllocateBytes(body.size());
  size_t size = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    to[size++] = body[i];
    if (body[i] == '\'') ++i;
  }
  return {to, size};
}

types::Datum IntegerOf(std::string_view digits, types::Oid type) {
  int64_t value = 0;
  std::from_chars(digits.begin(), digits.end(), value);
  if (type == types::oids::kInt4) return types::Datum::From(static_cast<int32_t>(value));
  return types::Datum::From(value);
}

}  // namespace

bool Session::RunCached(std::string_view sql, const StatementText& text) {
  StatementCache& cache = *pipeline_.statement_cache();
  StatementCache::Key key{text.generic(), text.types(), pipeline_.BindingScope(context_)};
  int64_t now_us = context_.statement_start_us();
  if (text.has_parameters()) {
    std::shared_ptr<CachedPlan> cached = cache.Find(key, now_us);
    if (cached != nullptr && cached->plan() != nullptr) {
      return cached->plan()->value_independent && RunCachedPlan(key, cached, text.literals());
    }
  }
  if (!text.exact()) return false;
  key.text = sql;
  key.types = {};
  std::shared_ptr<CachedPlan> cached = cache.Find(key, now_us);
  return cached != nullptr && RunCachedPlan(key, cached, {});
}

bool Session::RunCachedPlan(const StatementCache::Key& key,
                            const std::shared_ptr<CachedPlan>& cached,
                            std::span<const StatementText::Literal> literals) {
  const std::shared_ptr<const PreparedPlan>& plan = cached->plan();
  bool serves = true;
  std::string tag;
  auto run = [&] {
    block_.EnterStatement(false);
    simple_portal_.Reset();
    TransactionBlock::StatementScope scope(block_);
    if (!plan->IsCurrent(context_, block_.Ensure())) {
      pipeline_.statement_cache()->Remove(key);
      serves = false;
    } else {
      serves = BindLiterals(*plan, literals);
    }
    if (!serves) return;
    auto prepared = std::make_shared<PreparedStatement>();
    prepared->plan = plan;
    prepared->shared = cached;
    simple_portal_.plan = plan;
    simple_portal_.statement = std::move(prepared);
    tag = SendSimplePortal();
  };
  if (block_.in_block()) {
    run();
  } else {
    RunRetrying(client_.Mark(), plan->may_retry, false, run);
  }
  if (serves) client_.CommandComplete(tag);
  return serves;
}

bool Session::BindLiterals(const PreparedPlan& plan,
                           std::span<const StatementText::Literal> literals) {
  if (plan.parameter_types.size() != literals.size()) return false;
  const types::IoContext io = context_.Io();
  ParameterValues& to = simple_portal_.parameters;
  for (size_t i = 0; i < literals.size(); ++i) {
    types::Oid type = plan.parameter_types[i];
    to.types.push_back({type, -1});
    if (!literals[i].is_string) {
      to.values.push_back(IntegerOf(literals[i].body, type));
      continue;
    }
    try {
      std::string_view bytes = Unquote(literals[i].body, simple_portal_.arena);
      to.values.push_back(types::InputText(io, {type, -1}, bytes, simple_portal_.arena));
    } catch (const SqlError&) {
      // Bound as a literal it gets the same error, with its place in the text.
      return false;
    }
  }
  return true;
}

void Session::KeepPlan(std::string_view sql, const StatementText& text,
                       const std::shared_ptr<const PreparedPlan>& plan) {
  if (!plan->cacheable) return;
  StatementCache& cache = *pipeline_.statement_cache();
  int64_t now_us = context_.statement_start_us();
  StatementCache::Key key{text.generic(), text.types(), pipeline_.BindingScope(context_)};
  if (text.has_parameters()) {
    if (!cache.SeenBefore(key)) return;
    if (cache.Find(key, now_us) == nullptr) {
      auto generic = cache.Put(key, PlanGeneric(text), now_us);
      if (generic->plan() != nullptr) return;
    }
  }
  key.text = sql;
  key.types = {};
  if (text.exact() && cache.SeenBefore(key)) cache.Put(key, plan, now_us);
}

std::shared_ptr<const PreparedPlan> Session::PlanGeneric(const StatementText& text) {
  try {
    auto parsed = pipeline_.Parse(text.generic());
    if (parsed.size() != 1 || !std::holds_alternative<std::monostate>(parsed[0]->command)) {
      return nullptr;
    }
    auto plan = pipeline_.Prepare(*parsed[0], text.generic(), text.types(), context_,
                                  block_.Ensure());
    bool serves = plan->cacheable && plan->value_independent &&
                  plan->parameter_types.size() == text.types().size();
    return serves ? plan : nullptr;
  } catch (const SqlError& error) {
    // A parameter may not stand everywhere a literal may; the text with its values is good. A
    // cancellation is not about the text.
    if (error.state() == sqlstate::kQueryCanceled ||
        error.fields().severity == base::Severity::kFatal) {
      throw;
    }
    return nullptr;
  }
}

bool Session::AddCachedStatement(std::string_view name, std::string_view sql,
                                 std::span<const types::Oid> types) {
  StatementCache* cache = pipeline_.statement_cache();
  if (cache == nullptr || block_.failed()) return false;
  StatementCache::Key key{sql, types, pipeline_.BindingScope(context_)};
  std::shared_ptr<CachedPlan> cached = cache->Find(key, context_.statement_start_us());
  if (cached == nullptr || cached->plan() == nullptr) return false;
  block_.EnterStatement(false);
  {
    TransactionBlock::StatementScope scope(block_);
    if (!cached->plan()->IsCurrent(context_, block_.Ensure())) {
      cache->Remove(key);
      return false;
    }
  }
  auto statement = std::make_shared<PreparedStatement>();
  statement->name = name;
  statement->sql = sql;
  statement->declared_types.assign(types.begin(), types.end());
  statement->plan = cached->plan();
  statement->shared = std::move(cached);
  AddStatement(std::move(statement));
  return true;
}

void Session::KeepPlan(PreparedStatement& statement) {
  StatementCache* cache = pipeline_.statement_cache();
  if (cache == nullptr || statement.plan == nullptr || !statement.plan->cacheable) return;
  StatementText text;
  if (!text.Read(statement.sql) || !text.exact()) return;
  StatementCache::Key key{statement.sql, statement.declared_types,
                          pipeline_.BindingScope(context_)};
  if (!cache->SeenBefore(key)) return;
  statement.shared = cache->Put(key, statement.plan, context_.statement_start_us());
}

}  // namespace sundog::session
