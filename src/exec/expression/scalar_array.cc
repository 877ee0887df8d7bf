// x op ANY (array), x op ALL (array), x IN (constants).
//
// With a constant array and an equality over key-able values the elements are hashed once; else
// element by element, for the rows not decided yet.
#include <algorithm>
#include <unordered_set>

#include "codec/key_codec.h"
#include "exec/expression/call.h"
#include "exec/expression/factories.h"
#include "types/array.h"

namespace sundog::exec {

namespace {

constexpr int32_t kHashFrom = 9;  // PostgreSQL's MIN_ARRAY_SIZE_FOR_HASHED_SAOP

class ScalarArrayEvaluator : public Evaluator {
 public:
  ScalarArrayEvaluator(const binder::BoundScalarArray& node, ExecutionContext& context,
                       size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, capacity),
        context_(context),
        any_(node.any),
        call_(*node.comparison, context, capacity),
        scalar_(MakeEvaluator(*node.comparison->arguments[0], context, capacity)),
        array_(MakeEvaluator(*node.comparison->arguments[1], context, capacity)),
        element_kind_(ElementKind(node, context)),
        element_(element_kind_, capacity),
        result_(types::PhysicalKind::kBool, capacity) {
    const functions::ProcInfo& proc = *node.comparison->proc;
    const functions::OperatorInfo* op =
        functions::BuiltinProcs::Get().FindOperator(node.comparison->operator_oid);
    hashable_ = any_ && proc.strict && op != nullptr && op->name == "=" && op->can_hash &&
                op->left == op->right &&
                codec::CanBeKey(*context.environment.io.types, proc.argument_types[0]);
    if (hashable_) {
      key_ = codec::MakeKeyColumn(*context.environment.io.types,
                                  node.comparison->arguments[0]->type.oid, false, false, false);
    }
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& scalar = scalar_->Evaluate(input, rows);
    const Vector& array = array_->Evaluate(input, rows);
    out_.Reset();
    if (array.constant()) {
      EvaluateConstant(scalar, array, rows);
    } else {
      rows.ForEach([&](size_t row) {
        uint16_t one = static_cast<uint16_t>(row);
        RowSet single(&one, 1);
        if (array.IsNull(row)) {
          out_.SetNull(row);
        } else {
          EvaluateElements(scalar, types::ArrayReader(array.At<std::string_view>(row)), single);
        }
      });
    }
    return out_;
  }

 private:
  static types::PhysicalKind ElementKind(const binder::BoundScalarArray& node,
                                         ExecutionContext& context) {
    const types::TypeInfo& type = context.TypeOf(node.comparison->arguments[1]->type);
    return context.environment.io.types->GetType(type.element).physical;
  }

  void EvaluateConstant(const Vector& scalar, const Vector& array, RowSet rows) {
    if (array.IsNull(0)) {
      rows.ForEach([&](size_t row) { out_.SetNull(row); });
      return;
    }
    types::ArrayReader elements(array.At<std::string_view>(0));
    if (hashable_ && elements.size() >= kHashFrom) {
      EvaluateHashed(scalar, elements, rows);
    } else {
      EvaluateElements(scalar, elements, rows);
    }
  }

  void EvaluateHashed(const Vector& scalar, const types::ArrayReader& elements, RowSet rows) {
    if (hashed_bytes_ != elements.bytes()) {
      hashed_bytes_ = elements.bytes();
      hashed_.clear();
      has_null_ = false;
      for (int32_t i = 0; i < elements.size(); ++i) {
        if (elements.IsNull(i)) {
          has_null_ = true;
          continue;
        }
        std::string key;
        codec::AppendKey(key_, elements.At(i), key);
        hashed_.insert(std::move(key));
      }
    }
    rows.ForEach([&](size_t row) {
      if (scalar.IsNull(row)) return out_.SetNull(row);
      probe_.clear();
      codec::AppendKey(key_, scalar.DatumAt(row), probe_);
      if (hashed_.contains(probe_)) {
        out_.Set<bool>(row, true);
      } else if (has_null_) {
        out_.SetNull(row);
      } else {
        out_.Set<bool>(row, false);
      }
    });
  }

  void EvaluateElements(const Vector& scalar, const types::ArrayReader& elements, RowSet rows) {
    rows.ForEach([&](size_t row) { out_.Set<bool>(row, !any_); });
    open_.assign(rows.count(), 0);
    for (size_t k = 0; k < rows.count(); ++k) open_[k] = static_cast<uint16_t>(rows[k]);
    size_t count = rows.count();
    for (int32_t i = 0; i < elements.size() && count > 0; ++i) {
      element_.SetConstant(elements.At(i));
      const Vector* arguments[] = {&scalar, &element_};
      call_.Run(arguments, RowSet(open_.data(), count), result_);
      size_t left = 0;
      for (size_t k = 0; k < count; ++k) {
        size_t row = open_[k];
        if (result_.IsNull(row)) {
          out_.SetNull(row);
        } else if (result_.At<bool>(row) == any_) {
          out_.SetNotNull(row);
          out_.Set<bool>(row, any_);
          continue;
        }
        open_[left++] = static_cast<uint16_t>(row);
      }
      count = left;
    }
  }

  ExecutionContext& context_;
  bool any_;
  Call call_;
  EvaluatorPtr scalar_;
  EvaluatorPtr array_;
  types::PhysicalKind element_kind_;
  Vector element_;
  Vector result_;
  std::vector<uint16_t> open_;
  bool hashable_ = false;
  codec::KeyColumn key_;
  std::string hashed_bytes_;
  std::unordered_set<std::string> hashed_;
  bool has_null_ = false;
  std::string probe_;
};

}  // namespace

EvaluatorPtr MakeScalarArray(const BoundExpression& node, ExecutionContext& context,
                             size_t capacity) {
  return std::make_unique<ScalarArrayEvaluator>(node.As<binder::BoundScalarArray>(), context,
                                                capacity);
}

}  // namespace sundog::exec
