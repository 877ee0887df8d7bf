// The btree side of pg_opclass, pg_amop and pg_amproc: which operators order and equate a type, and
// how an operator is to be understood.
#pragma once

#include <vector>

#include "catalog/catalog.h"

namespace sundog::binder {

using types::Oid;

// Strategy numbers of btree operator families; kNotEqual is the negator of equality.
enum BtreeStrategy : int {
  kLess = 1,
  kLessEqual = 2,
  kEqual = 3,
  kGreaterEqual = 4,
  kGreater = 5,
  kNotEqual = 6,
};

// One way to read an operator: as member of a family with a strategy.
struct OperatorMeaning {
  Oid family;
  int strategy;
  Oid left;
  Oid right;
};

struct InRangeFunction {
  Oid offset_type;
  Oid function;
};

class OperatorClasses {
 public:
  static const OperatorClasses& Get();
  OperatorClasses();

  struct TypeOperators {
    Oid family = types::kInvalidOid;
    Oid input_type = types::kInvalidOid;  // the class's: text for varchar, anyarray for arrays
    Oid less = types::kInvalidOid;
    Oid equal = types::kInvalidOid;
    Oid greater = types::kInvalidOid;
    bool hashable = false;
  };
  // Of the type's default btree class (or default hash class, then only `equal`), found through
  // binary-coercible and polymorphic types. Arrays, ranges and composite types have those of their
  // elements: none if an element has none.
  TypeOperators OperatorsOf(const catalog::Catalog& catalog, Oid type) const;

  // As PostgreSQL's get_op_btree_interpretation: members of btree families, and <> as the negator
  // of an equality.
  std::vector<OperatorMeaning> MeaningsOf(Oid op) const;
  // The operator of a family for (left, right) with the strategy; kInvalidOid.
  Oid FamilyMember(Oid family, Oid left, Oid right, int strategy) const;
  // The in_range functions of the family for the sort type.
  std::vector<InRangeFunction> InRangeFunctions(Oid family, Oid type) const;
  // The btree class of that name; kInvalidOid.
  Oid FindBtreeClass(std::string_view name) const;

 private:
  struct ClassRow {
    Oid oid, method, family, input_type;
    std::string name;
    bool is_default;
  };
  struct MemberRow {
    Oid family, left, right, op, method;
    int strategy;
  };
  struct SupportRow {
    Oid family, left, right, function;
    int number;
  };
  const ClassRow* DefaultClass(const catalog::Catalog& catalog, Oid method, Oid type) const;

  std::vector<ClassRow> classes_;
  std::vector<MemberRow> members_;
  std::vector<SupportRow> supports_;
};

}  // namespace sundog::binder
