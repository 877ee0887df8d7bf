#include "planner/predicate_implication.h"

#include <algorithm>

#include "planner/comparison.h"
#include "planner/expressions.h"
#include "types/array.h"

namespace sundog::planner {

using binder::BooleanOperator;
using binder::BoundBoolean;
using binder::BoundConstant;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

// `x op constant`.
struct ConstantTest {
  const BoundExpression* subject = nullptr;
  Comparison comparison = Comparison::kNone;
  const BoundConstant* constant = nullptr;
};

ConstantTest AsConstantTest(const BoundExpression& condition) {
  if (condition.kind != ExpressionKind::kFunction) return {};
  const auto& call = condition.As<BoundFunction>();
  Comparison comparison = ComparisonOf(call);
  if (comparison == Comparison::kNone) return {};
  const BoundExpression& left = SkipRelabels(*call.arguments[0]);
  const BoundExpression& right = SkipRelabels(*call.arguments[1]);
  if (right.kind == ExpressionKind::kConstant && !right.As<BoundConstant>().value.is_null()) {
    return {&left, comparison, &right.As<BoundConstant>()};
  }
  if (left.kind == ExpressionKind::kConstant && !left.As<BoundConstant>().value.is_null()) {
    return {&right, Swap(comparison), &left.As<BoundConstant>()};
  }
  return {};
}

// x op a, known true, makes x wanted b true; `order` is that of a and b.
bool ComparisonImplies(Comparison known, Comparison wanted, int order) {
  switch (wanted) {
    case Comparison::kEqual: return known == Comparison::kEqual && order == 0;
    case Comparison::kNotEqual:
      return (known == Comparison::kEqual && order != 0) ||
             (known == Comparison::kNotEqual && order == 0) ||
             (known == Comparison::kLess && order <= 0) ||
             (known == Comparison::kLessEqual && order < 0) ||
             (known == Comparison::kGreater && order >= 0) ||
             (known == Comparison::kGreaterEqual && order > 0);
    case Comparison::kLess:
      return (known == Comparison::kLess && order <= 0) ||
             ((known == Comparison::kLessEqual || known == Comparison::kEqual) && order < 0);
    case Comparison::kLessEqual:
      return order <= 0 && (known == Comparison::kLess || known == Comparison::kLessEqual ||
                            known == Comparison::kEqual);
    case Comparison::kGreater:
      return (known == Comparison::kGreater && order >= 0) ||
             ((known == Comparison::kGreaterEqual || known == Comparison::kEqual) && order > 0);
    case Comparison::kGreaterEqual:
      return order >= 0 && (known == Comparison::kGreater || known == Comparison::kGreaterEqual ||
                            known == Comparison::kEqual);
    case Comparison::kNone: return false;
  }
  return false;
}

class Prover {
 public:
  explicit Prover(const PlannerContext& context) : types_(*context.catalog) {}

  // One condition proves the predicate.
  bool Implies(const BoundExpression& condition, const BoundExpression& predicate) const {
    if (Equal(condition, predicate)) return true;
    if (condition.kind == ExpressionKind::kBoolean) {
      const auto& known = condition.As<BoundBoolean>();
      auto proves = [&](const auto& part) { return Implies(*part, predicate); };
      const auto& parts = known.arguments;
      if (known.op == BooleanOperator::kOr && std::all_of(parts.begin(), parts.end(), proves)) {
        return true;
      }
      if (known.op == BooleanOperator::kAnd && std::any_of(parts.begin(), parts.end(), proves)) {
        return true;
      }
    }
    switch (predicate.kind) {
      case ExpressionKind::kBoolean: return ImpliesBoolean(condition, predicate.As<BoundBoolean>());
      case ExpressionKind::kNullTest:
        return ImpliesNotNull(condition, predicate.As<binder::BoundNullTest>());
      case ExpressionKind::kBooleanTest: {
        const auto& test = predicate.As<binder::BoundBooleanTest>();
        return test.test == binder::BooleanTest::kTrue && Implies(condition, *test.argument);
      }
      case ExpressionKind::kScalarArray: return ImpliesInList(condition, predicate);
      default: return ImpliesComparison(condition, predicate);
    }
  }

 private:
  bool ImpliesBoolean(const BoundExpression& condition, const BoundBoolean& predicate) const {
    auto proven = [&](const auto& part) { return Implies(condition, *part); };
    const auto& parts = predicate.arguments;
    if (predicate.op == BooleanOperator::kOr) {
      return std::any_of(parts.begin(), parts.end(), proven);
    }
    return predicate.op == BooleanOperator::kAnd &&
           std::all_of(parts.begin(), parts.end(), proven);
  }

  bool ImpliesNotNull(const BoundExpression& condition,
                      const binder::BoundNullTest& predicate) const {
    if (!predicate.negated || predicate.of_row) return false;
    return RejectsNullOf(condition, SkipRelabels(*predicate.argument));
  }

  // The condition is not true where `subject` is null.
  bool RejectsNullOf(const BoundExpression& condition, const BoundExpression& subject) const {
    if (Equal(SkipRelabels(condition), subject)) return true;
    if (condition.kind == ExpressionKind::kFunction) {
      const auto& call = condition.As<BoundFunction>();
      return call.proc->strict && !call.proc->returns_set &&
             std::any_of(call.arguments.begin(), call.arguments.end(), [&](const auto& argument) {
               return RejectsNullOf(*argument, subject);
             });
    }
    if (condition.kind == ExpressionKind::kScalarArray) {
      const auto& test = condition.As<binder::BoundScalarArray>();
      return test.any && test.comparison->proc->strict &&
             RejectsNullOf(*test.comparison->arguments[0], subject);
    }
    return false;
  }

  int Compare(const BoundConstant& a, const BoundConstant& b) const {
    const types::TypeInfo& type = types_.GetType(a.type.oid);
    return type.ops->compare(types_, type, a.value, b.value);
  }
  bool Comparable(const BoundConstant& a, const BoundConstant& b) const {
    return a.type.oid == b.type.oid && types_.GetType(a.type.oid).ops->compare != nullptr;
  }

  bool ImpliesComparison(const BoundExpression& condition,
                         const BoundExpression& predicate) const {
    ConstantTest wanted = AsConstantTest(predicate);
    if (wanted.subject == nullptr) return false;
    if (condition.kind == ExpressionKind::kScalarArray) {
      return EachElementImplies(condition.As<binder::BoundScalarArray>(), wanted);
    }
    ConstantTest known = AsConstantTest(condition);
    if (known.subject == nullptr || !Equal(*known.subject, *wanted.subject)) return false;
    if (!Comparable(*known.constant, *wanted.constant)) return false;
    return ComparisonImplies(known.comparison, wanted.comparison,
                             Compare(*known.constant, *wanted.constant));
  }

  static bool ConstantElements(const binder::BoundArray& array,
                               std::vector<BoundConstant>& elements) {
    for (const auto& element : array.elements) {
      const BoundExpression& bare = SkipRelabels(*element);
      if (array.nested || bare.kind != ExpressionKind::kConstant) return false;
      const auto& constant = bare.As<BoundConstant>();
      if (constant.value.is_null()) continue;
      // What it points to lives as long as the condition.
      elements.emplace_back(constant.type, constant.value, types::PhysicalKind::kBool);
    }
    return true;
  }

  // The elements of `x IN (constants)`; false if it is no such thing.
  bool Elements(const BoundExpression& condition, const BoundExpression*& subject,
                std::vector<BoundConstant>& elements) const {
    if (condition.kind != ExpressionKind::kScalarArray) return false;
    const auto& test = condition.As<binder::BoundScalarArray>();
    if (!test.any || ComparisonOf(*test.comparison) != Comparison::kEqual) return false;
    const BoundExpression& array = SkipRelabels(*test.comparison->arguments[1]);
    if (array.kind == ExpressionKind::kArray) {
      subject = &SkipRelabels(*test.comparison->arguments[0]);
      return ConstantElements(array.As<binder::BoundArray>(), elements);
    }
    if (array.kind != ExpressionKind::kConstant) return false;
    const auto& constant = array.As<BoundConstant>();
    if (constant.value.is_null()) return false;
    subject = &SkipRelabels(*test.comparison->arguments[0]);
    types::ArrayReader reader(constant.value.As<std::string_view>());
    types::PhysicalKind kind = types_.GetType(reader.element_type()).physical;
    for (int32_t i = 0; i < reader.size(); ++i) {
      if (reader.At(i).is_null()) continue;
      elements.emplace_back(SqlType{reader.element_type()}, reader.At(i), kind);
    }
    return true;
  }

  bool EachElementImplies(const binder::BoundScalarArray& condition,
                          const ConstantTest& wanted) const {
    const BoundExpression* subject = nullptr;
    std::vector<BoundConstant> elements;
    if (!Elements(condition, subject, elements) || !Equal(*subject, *wanted.subject)) return false;
    return std::all_of(elements.begin(), elements.end(), [&](const BoundConstant& element) {
      return Comparable(element, *wanted.constant) &&
             ComparisonImplies(Comparison::kEqual, wanted.comparison,
                               Compare(element, *wanted.constant));
    });
  }

  bool ImpliesInList(const BoundExpression& condition, const BoundExpression& predicate) const {
    const BoundExpression* wanted = nullptr;
    std::vector<BoundConstant> allowed;
    if (!Elements(predicate, wanted, allowed)) return false;
    auto is_allowed = [&](const BoundConstant& value) {
      return std::any_of(allowed.begin(), allowed.end(), [&](const BoundConstant& one) {
        return Comparable(value, one) && Compare(value, one) == 0;
      });
    };
    const BoundExpression* subject = nullptr;
    std::vector<BoundConstant> elements;
    if (Elements(condition, subject, elements)) {
      return Equal(*subject, *wanted) &&
             std::all_of(elements.begin(), elements.end(), is_allowed);
    }
    ConstantTest known = AsConstantTest(condition);
    return known.comparison == Comparison::kEqual && Equal(*known.subject, *wanted) &&
           is_allowed(*known.constant);
  }

  const types::TypeLookup& types_;
};

}  // namespace

bool Implies(const BoundExpressions& conditions, const BoundExpression& predicate,
             const PlannerContext& context) {
  if (predicate.kind == ExpressionKind::kBoolean &&
      predicate.As<BoundBoolean>().op == BooleanOperator::kAnd) {
    const auto& parts = predicate.As<BoundBoolean>().arguments;
    return std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
      return Implies(conditions, *part, context);
    });
  }
  if (IsTrue(predicate)) return true;
  Prover prover(context);
  return std::any_of(conditions.begin(), conditions.end(), [&](const auto& condition) {
    return condition != nullptr && prover.Implies(*condition, predicate);
  });
}

}  // namespace sundog::planner
