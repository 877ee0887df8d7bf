// Subqueries in expressions: run for each row with its values bound, or once if they depend on
// nothing of it.
#include <optional>

#include "base/sql_error.h"
#include "exec/expression/factories.h"
#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator.h"
#include "exec/row_store.h"
#include "planner/physical_expression.h"
#include "runtime/interrupt.h"
#include "types/array.h"
#include "types/array_subscript.h"
#include "types/record.h"

namespace sundog::exec {

using binder::SubqueryKind;
using planner::SubplanExpression;

namespace {

[[noreturn]] void ThrowMoreThanOneRow() {
  throw SqlError(sqlstate::kCardinalityViolation,
                 "more than one row returned by a subquery used as an expression");
}

// What all kinds share: binding the outer row, running the plan, keeping a constant result.
class SubplanEvaluator : public Evaluator {
 public:
  SubplanEvaluator(const SubplanExpression& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        context_(context),
        node_(node),
        constant_(node.constant) {
    for (const planner::OuterBinding& binding : node.bindings) {
      bindings_.push_back(MakeEvaluator(*binding.value, context, capacity));
    }
    // A constant plan whose comparisons need the row is run once and kept; see AnyAllEvaluator.
    whole_constant_ = constant_ && node.comparisons.empty();
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    if (rows.empty()) {
      out_.Reset();
      return out_;
    }
    if (plan_ == nullptr) plan_ = MakeOperator(*node_.plan, context_);
    if (whole_constant_) {
      if (run_ != context_.run) {
        base::Arena arena;
        out_.SetConstant(RunOnce(arena));
        run_ = context_.run;
      }
      return out_;
    }
    out_.Reset();
    bound_.resize(bindings_.size());
    for (size_t i = 0; i < bindings_.size(); ++i) bound_[i] = &bindings_[i]->Evaluate(input, rows);
    rows.ForEach([&](size_t row) {
      for (size_t i = 0; i < bindings_.size(); ++i) {
        context_.outer_slots[node_.bindings[i].slot] = bound_[i]->DatumAt(row);
      }
      out_.SetDatum(row, RunOnce(out_.arena()));
      runtime::CheckInterrupts();
    });
    return out_;
  }

 protected:
  // Runs for the values bound now; bytes of the result go to `arena`.
  virtual Datum RunOnce(base::Arena& arena) = 0;

  ExecutionContext& context_;
  const SubplanExpression& node_;
  OperatorPtr plan_;
  bool constant_;
  uint64_t run_ = 0;

 private:
  bool whole_constant_;
  std::vector<EvaluatorPtr> bindings_;
  std::vector<const Vector*> bound_;
};

class ScalarSubplan : public SubplanEvaluator {
 public:
  using SubplanEvaluator::SubplanEvaluator;

 protected:
  Datum RunOnce(base::Arena& arena) override {
    Datum result;
    size_t seen = 0;
    plan_->Open();
    while (const Chunk* chunk = plan_->Next()) {
      seen += chunk->row_count();
      if (seen > 1) ThrowMoreThanOneRow();
      result = chunk->column(0).DatumAt(chunk->rows[0]).CopyTo(arena, out_.kind());
    }
    plan_->Close();
    return result;
  }
};

// (a, b) = (SELECT x, y …) as UPDATE's multi-assignment: a record.
class RecordSubplan : public SubplanEvaluator {
 public:
  using SubplanEvaluator::SubplanEvaluator;

 protected:
  Datum RunOnce(base::Arena& arena) override {
    Datum result;
    size_t seen = 0;
    plan_->Open();
    while (const Chunk* chunk = plan_->Next()) {
      seen += chunk->row_count();
      if (seen > 1) ThrowMoreThanOneRow();
      types::RecordBuilder builder(types::oids::kRecord);
      for (int i = 0; i < node_.column_count; ++i) {
        builder.Append(node_.plan->types[i].oid, node_.plan->kinds[i],
                       chunk->column(i).DatumAt(chunk->rows[0]));
      }
      result = Datum::From(builder.Finish(arena));
    }
    plan_->Close();
    return result;
  }
};

class ExistsSubplan : public SubplanEvaluator {
 public:
  using SubplanEvaluator::SubplanEvaluator;

 protected:
  Datum RunOnce(base::Arena&) override {
    plan_->Open();
    plan_->SetRowGoal(1);
    bool exists = plan_->Next() != nullptr;
    plan_->Close();
    return Datum::From(exists);
  }
};

class ArraySubplan : public SubplanEvaluator {
 public:
  using SubplanEvaluator::SubplanEvaluator;

 protected:
  Datum RunOnce(base::Arena& arena) override {
    Oid element = context_.TypeOf(node_.type).element;
    // Arrays stack up to one of the same type.
    bool nested = node_.plan->types[0].oid == node_.type.oid;
    types::ArrayBuilder builder(element, context_.environment.io.types->GetType(element).physical);
    std::vector<Datum> members;
    plan_->Open();
    while (const Chunk* chunk = plan_->Next()) {
      chunk->rows.ForEach([&](size_t row) {
        Datum value = chunk->column(0).DatumAt(row);
        if (nested) {
          members.push_back(value.CopyTo(arena, types::PhysicalKind::kVarlen));
        } else {
          builder.Append(value);
        }
      });
    }
    plan_->Close();
    if (!nested) return Datum::From(builder.Finish(arena));
    return Datum::From(types::StackArrays(
        members, element, context_.environment.io.types->GetType(element).physical, arena));
  }
};

// The rows of a constant subplan in a hash table, for x = ANY (SELECT …) and x <> ALL (SELECT …).
class HashedRows {
 public:
  HashedRows(const SubplanExpression& node, ExecutionContext& context)
      : context_(context),
        inner_(node.inner_keys, context),
        outer_(node.outer_keys, context, 2),
        with_nulls_(node.plan->kinds, context.memory),
        all_(node.plan->kinds, context.memory) {}
  ~HashedRows() { Clear(); }

  void Build(Operator& plan) {
    Clear();
    plan.Open();
    while (const Chunk* chunk = plan.Next()) {
      runtime::CheckInterrupts();
      inner_.Evaluate(*chunk, chunk->rows);
      null_rows_.clear();
      chunk->rows.ForEach([&](size_t row) { Add(row); });
      AppendRows(with_nulls_, *chunk, null_rows_);
      // Only a row of several values can be null in part.
      if (inner_.column_count() > 1) all_.Append(*chunk);
      Count();
    }
    plan.Close();
  }

  // The rows that must be compared one by one, as none was found; null: the outer row is found.
  const RowStore* Find() {
    Chunk none;
    none.rows = RowSet(1);
    outer_.Evaluate(none, none.rows);
    if (outer_.AnyNull(0)) {
      if (inner_.column_count() > 1) return &all_;
      outer_null_ = table_.size() > 0;
      return &with_nulls_;
    }
    outer_null_ = false;
    key_.clear();
    outer_.Append(0, key_);
    return table_.Find(key_) != KeyTable::kAbsent ? nullptr : &with_nulls_;
  }
  // The outer value is null and there are values that are not.
  bool outer_null() const { return outer_null_; }

 private:
  void Add(size_t row) {
    if (inner_.AnyNull(row)) {
      // One null is as good as many.
      if (inner_.column_count() > 1 || (with_nulls_.row_count() == 0 && null_rows_.empty())) {
        null_rows_.push_back(static_cast<uint16_t>(row));
      }
      return;
    }
    key_.clear();
    inner_.Append(row, key_);
    bool fresh = false;
    table_.Insert(key_, &fresh);
  }

  static void AppendRows(RowStore& store, const Chunk& chunk, const std::vector<uint16_t>& rows) {
    if (rows.empty()) return;
    Chunk some = chunk;
    some.rows = RowSet(rows.data(), rows.size());
    store.Append(some);
  }

  void Count() {
    context_.memory.Add(table_.used_bytes() - counted_bytes_);
    counted_bytes_ = table_.used_bytes();
    context_.memory.Check();
  }
  void Clear() {
    table_.Clear();
    with_nulls_.Clear();
    all_.Clear();
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
    outer_null_ = false;
  }

  ExecutionContext& context_;
  KeyEncoder inner_;
  KeyEncoder outer_;
  KeyTable table_;
  RowStore with_nulls_;
  RowStore all_;
  std::vector<uint16_t> null_rows_;
  std::string key_;
  size_t counted_bytes_ = 0;
  bool outer_null_ = false;
};

// x op ANY (SELECT …), x op ALL (SELECT …), and one-row comparison. Rows of comparisons combine
// with AND (=, and row comparisons the binder made one expression) or OR (<>).
class AnyAllSubplan : public SubplanEvaluator {
 public:
  AnyAllSubplan(const SubplanExpression& node, ExecutionContext& context, size_t capacity)
      : SubplanEvaluator(node, context, capacity),
        all_(node.subquery == SubqueryKind::kAll),
        one_row_(node.subquery == SubqueryKind::kRow),
        or_(node.operator_name == "<>"),
        comparisons_(MakeEvaluators(node.comparisons, context)),
        kept_(node.plan->kinds, context.memory) {
    if (node.hashed) hashed_.emplace(node, context);
  }

 protected:
  Datum RunOnce(base::Arena&) override {
    undecided_ = false;
    seen_ = 0;
    std::optional<bool> decided;
    if (hashed_.has_value()) {
      decided = LookUp();
    } else if (constant_) {
      KeepRows();
      for (size_t i = 0; i < kept_.chunk_count() && !decided; ++i) decided = Test(kept_.chunk(i));
    } else {
      plan_->Open();
      while (const Chunk* chunk = plan_->Next()) {
        decided = Test(*chunk);
        if (decided) break;
      }
      plan_->Close();
    }
    if (decided.has_value()) return Datum::From(*decided);
    if (undecided_ || (one_row_ && seen_ == 0)) return Datum();
    return Datum::From(all_ || (one_row_ && seen_ > 0 && last_));
  }

 private:
  void KeepRows() {
    if (kept_run_ == context_.run) return;
    kept_.Clear();
    plan_->Open();
    while (const Chunk* chunk = plan_->Next()) kept_.Append(*chunk);
    plan_->Close();
    kept_run_ = context_.run;
  }

  std::optional<bool> LookUp() {
    if (kept_run_ != context_.run) {
      hashed_->Build(*plan_);
      kept_run_ = context_.run;
    }
    const RowStore* rows = hashed_->Find();
    if (rows == nullptr) return !all_;
    undecided_ = hashed_->outer_null();
    std::optional<bool> decided;
    for (size_t i = 0; i < rows->chunk_count() && !decided; ++i) decided = Test(rows->chunk(i));
    return decided;
  }

  std::optional<bool> Test(const Chunk& chunk) {
    seen_ += chunk.row_count();
    if (one_row_ && seen_ > 1) ThrowMoreThanOneRow();
    std::vector<const Vector*> results;
    for (EvaluatorPtr& comparison : comparisons_) {
      results.push_back(&comparison->Evaluate(chunk, chunk.rows));
    }
    for (size_t k = 0; k < chunk.row_count(); ++k) {
      Datum holds = Combine(results, chunk.rows[k]);
      if (holds.is_null()) {
        undecided_ = true;
        continue;
      }
      last_ = holds.As<bool>();
      if (!one_row_ && last_ != all_) return last_;
    }
    return std::nullopt;
  }

  Datum Combine(const std::vector<const Vector*>& results, size_t row) const {
    bool null = false;
    for (const Vector* result : results) {
      if (result->IsNull(row)) {
        null = true;
      } else if (result->At<bool>(row) == or_) {
        return Datum::From(or_);
      }
    }
    return null ? Datum() : Datum::From(!or_);
  }

  bool all_;
  bool one_row_;
  bool or_;
  std::vector<EvaluatorPtr> comparisons_;
  RowStore kept_;
  std::optional<HashedRows> hashed_;
  uint64_t kept_run_ = 0;
  bool undecided_ = false;
  bool last_ = false;
  size_t seen_ = 0;
};

}  // namespace

EvaluatorPtr MakeSubplan(const BoundExpression& node, ExecutionContext& context, size_t capacity) {
  const auto& subplan = node.As<SubplanExpression>();
  switch (subplan.subquery) {
    case SubqueryKind::kScalar: return std::make_unique<ScalarSubplan>(subplan, context, capacity);
    case SubqueryKind::kExists: return std::make_unique<ExistsSubplan>(subplan, context, capacity);
    case SubqueryKind::kArray: return std::make_unique<ArraySubplan>(subplan, context, capacity);
    case SubqueryKind::kMultiAssign:
      return std::make_unique<RecordSubplan>(subplan, context, capacity);
    default: return std::make_unique<AnyAllSubplan>(subplan, context, capacity);
  }
}

}  // namespace sundog::exec
