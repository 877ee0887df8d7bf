#include "binder/operator_classes.h"

#include "base/tsv.h"
#include "runtime/stack.h"

extern "C" const char sundog_catalog_opclass[], sundog_catalog_opclass_end[];
extern "C" const char sundog_catalog_amop[], sundog_catalog_amop_end[];
extern "C" const char sundog_catalog_amproc[], sundog_catalog_amproc_end[];

namespace sundog::binder {

namespace oids = types::oids;
using types::kInvalidOid;

namespace {

base::Tsv Table(const char* begin, const char* end) {
  return base::Tsv({begin, static_cast<size_t>(end - begin)});
}

constexpr int kInRangeSupport = 3;

// Types whose operators come from a polymorphic class.
Oid PolymorphicInput(const types::TypeInfo& type) {
  if (type.is_array()) return oids::kAnyarray;
  switch (type.kind_code) {
    case 'e': return oids::kAnyenum;
    case 'r': return oids::kAnyrange;
    case 'm': return oids::kAnymultirange;
    case 'c': return oids::kRecord;
    default: return kInvalidOid;
  }
}

}  // namespace

const OperatorClasses& OperatorClasses::Get() {
  static const OperatorClasses classes;
  return classes;
}

OperatorClasses::OperatorClasses() {
  base::Tsv classes = Table(sundog_catalog_opclass, sundog_catalog_opclass_end);
  for (size_t i = 0; i < classes.row_count(); ++i) {
    auto number = [&](const char* column) { return static_cast<Oid>(classes.Number(i, column)); };
    classes_.push_back({number("oid"), number("opcmethod"), number("opcfamily"),
                        number("opcintype"), classes.Text(i, "opcname"),
                        classes.Flag(i, "opcdefault")});
  }
  base::Tsv members = Table(sundog_catalog_amop, sundog_catalog_amop_end);
  for (size_t i = 0; i < members.row_count(); ++i) {
    auto number = [&](const char* column) { return static_cast<Oid>(members.Number(i, column)); };
    Oid method = number("amopmethod");
    if (method != catalog::kBtreeAccessMethod && method != catalog::kHashAccessMethod) continue;
    members_.push_back({number("amopfamily"), number("amoplefttype"), number("amoprighttype"),
                        number("amopopr"), method,
                        static_cast<int>(members.Number(i, "amopstrategy"))});
  }
  base::Tsv supports = Table(sundog_catalog_amproc, sundog_catalog_amproc_end);
  for (size_t i = 0; i < supports.row_count(); ++i) {
    auto number = [&](const char* column) { return static_cast<Oid>(supports.Number(i, column)); };
    supports_.push_back({number("amprocfamily"), number("amproclefttype"),
                         number("amprocrighttype"), number("amproc"),
                         static_cast<int>(supports.Number(i, "amprocnum"))});
  }
}

// As GetDefaultOpClass: an exact match, else a preferred binary-coercible one, else a coercible
// one.
const OperatorClasses::ClassRow* OperatorClasses::DefaultClass(const catalog::Catalog& catalog,
                                                               Oid method, Oid type) const {
  const ClassRow* coercible = nullptr;
  const types::TypeInfo& info = catalog.GetType(type);
  Oid polymorphic = PolymorphicInput(info);
  for (const ClassRow& row : classes_) {
    if (row.method != method || !row.is_default) continue;
    if (row.input_type == type) return &row;
    if (row.input_type == polymorphic) coercible = &row;
    const functions::CastInfo* cast = catalog.FindCast(type, row.input_type);
    if (cast == nullptr || cast->method != 'b' || cast->context != 'i') continue;
    if (coercible == nullptr || catalog.GetType(row.input_type).preferred) coercible = &row;
  }
  return coercible;
}

OperatorClasses::TypeOperators OperatorClasses::OperatorsOf(const catalog::Catalog& catalog,
                                                            Oid type) const {
  runtime::CheckStackDepth();
  const types::TypeInfo* info = &catalog.GetBaseType(type);
  TypeOperators result;
  if (info->is_array() && OperatorsOf(catalog, info->element).equal == kInvalidOid) return result;
  for (const types::CompositeField& field : info->fields) {
    if (field.type.oid == kInvalidOid) continue;  // dropped
    if (OperatorsOf(catalog, field.type.oid).equal == kInvalidOid) return result;
  }
  const ClassRow* hash = DefaultClass(catalog, catalog::kHashAccessMethod, info->oid);
  result.hashable = hash != nullptr;
  if (const ClassRow* btree = DefaultClass(catalog, catalog::kBtreeAccessMethod, info->oid)) {
    result.family = btree->family;
    result.input_type = btree->input_type;
    Oid input = btree->input_type;
    result.less = FamilyMember(btree->family, input, input, kLess);
    result.equal = FamilyMember(btree->family, input, input, kEqual);
    result.greater = FamilyMember(btree->family, input, input, kGreater);
  } else if (hash != nullptr) {
    result.equal = FamilyMember(hash->family, hash->input_type, hash->input_type, 1);
  }
  return result;
}

std::vector<OperatorMeaning> OperatorClasses::MeaningsOf(Oid op) const {
  std::vector<OperatorMeaning> meanings;
  for (const MemberRow& row : members_) {
    if (row.op == op && row.method == catalog::kBtreeAccessMethod) {
      meanings.push_back({row.family, row.strategy, row.left, row.right});
    }
  }
  if (!meanings.empty()) return meanings;
  const functions::OperatorInfo* info = functions::BuiltinProcs::Get().FindOperator(op);
  if (info == nullptr || info->negator == kInvalidOid) return meanings;
  for (const MemberRow& row : members_) {
    if (row.op == info->negator && row.method == catalog::kBtreeAccessMethod &&
        row.strategy == kEqual) {
      meanings.push_back({row.family, kNotEqual, row.left, row.right});
    }
  }
  return meanings;
}

Oid OperatorClasses::FamilyMember(Oid family, Oid left, Oid right, int strategy) const {
  for (const MemberRow& row : members_) {
    if (row.family == family && row.left == left && row.right == right &&
        row.strategy == strategy) {
      return row.op;
    }
  }
  return kInvalidOid;
}

std::vector<InRangeFunction> OperatorClasses::InRangeFunctions(Oid family, Oid type) const {
  std::vector<InRangeFunction> functions;
  for (const SupportRow& row : supports_) {
    if (row.family == family && row.left == type && row.number == kInRangeSupport) {
      functions.push_back({row.right, row.function});
    }
  }
  return functions;
}

Oid OperatorClasses::FindBtreeClass(std::string_view name) const {
  for (const ClassRow& row : classes_) {
    if (row.method == catalog::kBtreeAccessMethod && row.name == name) return row.oid;
  }
  return kInvalidOid;
}

}  // namespace sundog::binder
