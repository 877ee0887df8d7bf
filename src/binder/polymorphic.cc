#include "binder/polymorphic.h"

#include "binder/coerce.h"

namespace sundog::binder {

namespace {

bool IsElementLike(Oid type) {
  return type == oids::kAnyelement || type == oids::kAnynonarray || type == oids::kAnyenum;
}

bool IsCompatibleScalar(Oid type) {
  return type == oids::kAnycompatible || type == oids::kAnycompatiblenonarray;
}

[[noreturn]] void Mismatch(std::string message, std::string detail = "") {
  SqlError error(sqlstate::kDatatypeMismatch, std::move(message));
  if (!detail.empty()) error.Detail(std::move(detail));
  throw error;
}

// Collects the actual types behind each polymorphic one and unifies them. With `strict` it throws;
// else it only says no.
class Unifier {
 public:
  Unifier(const BindState& state, bool strict) : state_(state), strict_(strict) {}

  bool Collect(std::span<const Oid> actual, std::span<const Oid> declared);
  bool Unify(Oid result);

  Oid element = kInvalidOid, array = kInvalidOid, range = kInvalidOid, multirange = kInvalidOid;
  Oid compatible = kInvalidOid, compatible_array = kInvalidOid, compatible_range = kInvalidOid,
      compatible_multirange = kInvalidOid;
  int family1_count = 0;
  bool any_family2 = false;
  bool unknowns = false;

 private:
  const TypeFacts& types() const { return state_.types; }
  std::string Name(Oid type) const { return types().Name(type); }

  bool Same(Oid& slot, Oid type, std::string_view declared) {
    if (slot != kInvalidOid && slot != type) {
      if (strict_) {
        Mismatch("arguments declared \"" + std::string(declared) + "\" are not all alike",
                 Name(slot) + " versus " + Name(type));
      }
      return false;
    }
    slot = type;
    return true;
  }
  bool NotA(std::string_view declared, std::string_view what, Oid type) {
    if (strict_) {
      Mismatch("argument declared " + std::string(declared) + " is not " + std::string(what) +
               " type " + Name(type));
    }
    return false;
  }
  bool Inconsistent(std::string_view a, std::string_view b, Oid type_a, Oid type_b) {
    if (strict_) {
      Mismatch("argument declared " + std::string(a) +
                   " is not consistent with argument declared " + std::string(b),
               Name(type_a) + " versus " + Name(type_b));
    }
    return false;
  }
  bool Undetermined(std::string_view type) {
    if (strict_) {
      Mismatch("could not determine polymorphic type " + std::string(type) +
               " because input has type unknown");
    }
    return false;
  }
  bool CollectCompatible(Oid declared, Oid actual);
  bool UnifyArray(Oid result);
  bool UnifyRanges();
  bool UnifyFamily1(Oid result);
  bool UnifyFamily2();
  bool CheckCompatibleRanges();

  const BindState& state_;
  const bool strict_;
  bool any_nonarray_ = false, any_enum_ = false, any_multirange_ = false;
  bool compatible_nonarray_ = false, has_compatible_array_ = false, has_compatible_range_ = false,
       has_compatible_multirange_ = false;
  Oid compatible_range_element_ = kInvalidOid;
  std::vector<Oid> compatible_types_;
};

bool Unifier::CollectCompatible(Oid declared, Oid actual) {
  any_family2 = true;
  compatible_nonarray_ |= declared == oids::kAnycompatiblenonarray;
  has_compatible_array_ |= declared == oids::kAnycompatiblearray;
  has_compatible_range_ |= declared == oids::kAnycompatiblerange;
  has_compatible_multirange_ |= declared == oids::kAnycompatiblemultirange;
  if (actual == oids::kUnknown) return true;
  if (IsCompatibleScalar(declared)) {
    compatible_types_.push_back(actual);
    return true;
  }
  actual = types().BaseType(actual);
  if (declared == oids::kAnycompatiblearray) {
    Oid of = types().ElementType(actual);
    if (of == kInvalidOid) return NotA("anycompatiblearray", "an array but", actual);
    compatible_types_.push_back(of);
    return true;
  }
  if (declared == oids::kAnycompatiblerange) {
    bool first = compatible_range == kInvalidOid;
    if (!Same(compatible_range, actual, "anycompatiblerange")) return false;
    if (!first) return true;
    compatible_range_element_ = types().RangeSubtype(actual);
    if (compatible_range_element_ == kInvalidOid) {
      return NotA("anycompatiblerange", "a range type but", actual);
    }
    compatible_types_.push_back(compatible_range_element_);
    return true;
  }
  if (!Same(compatible_multirange, actual, "anycompatiblemultirange")) return false;
  if (types().MultirangeRange(actual) == kInvalidOid) {
    return NotA("anycompatiblemultirange", "a multirange type but", actual);
  }
  return true;
}

bool Unifier::Collect(std::span<const Oid> actual, std::span<const Oid> declared) {
  for (size_t i = 0; i < actual.size(); ++i) {
    Oid type = actual[i];
    if (IsPolymorphicFamily2(declared[i])) {
      if (!CollectCompatible(declared[i], type)) return false;
      continue;
    }
    if (!IsPolymorphicFamily1(declared[i])) continue;
    ++family1_count;
    any_nonarray_ |= declared[i] == oids::kAnynonarray;
    any_enum_ |= declared[i] == oids::kAnyenum;
    any_multirange_ |= declared[i] == oids::kAnymultirange;
    if (type == oids::kUnknown) {
      unknowns = true;
      continue;
    }
    bool same = true;
    if (IsElementLike(declared[i])) {
      same = Same(element, type, "anyelement");
    } else if (declared[i] == oids::kAnyarray) {
      same = Same(array, types().BaseType(type), "anyarray");
    } else if (declared[i] == oids::kAnyrange) {
      same = Same(range, types().BaseType(type), "anyrange");
    } else {
      same = Same(multirange, types().BaseType(type), "anymultirange");
    }
    if (!same) return false;
  }
  return true;
}

bool Unifier::UnifyArray(Oid result) {
  if (array == kInvalidOid) return true;
  Oid of = oids::kAnyelement;
  if (array == oids::kAnyarray) {
    if (!strict_) return true;  // pg_statistic's columns: the special case is allowed
    if (family1_count != 1 || (result != oids::kAnyarray && IsPolymorphicFamily1(result))) {
      Mismatch("cannot determine element type of \"anyarray\" argument");
    }
  } else {
    of = types().ElementType(array);
    if (of == kInvalidOid) return NotA("anyarray", "an array but", array);
  }
  if (element == kInvalidOid) {
    element = of;
    return true;
  }
  return of == element || Inconsistent("anyarray", "anyelement", array, element);
}

bool Unifier::UnifyRanges() {
  if (multirange != kInvalidOid) {
    Oid of = types().MultirangeRange(multirange);
    if (of == kInvalidOid) return NotA("anymultirange", "a multirange type but", multirange);
    if (range == kInvalidOid) {
      range = of;
    } else if (range != of) {
      return Inconsistent("anymultirange", "anyrange", multirange, range);
    }
  } else if (any_multirange_ && range != kInvalidOid) {
    multirange = types().RangeMultirange(range);
  }
  if (range == kInvalidOid) return true;
  Oid of = types().RangeSubtype(range);
  if (of == kInvalidOid) return NotA("anyrange", "a range type but", range);
  if (element == kInvalidOid) {
    element = of;
    return true;
  }
  return of == element || Inconsistent("anyrange", "anyelement", range, element);
}

bool Unifier::UnifyFamily1(Oid result) {
  if (family1_count == 0) return true;
  any_nonarray_ |= result == oids::kAnynonarray;
  any_enum_ |= result == oids::kAnyenum;
  any_multirange_ |= result == oids::kAnymultirange;
  if (!UnifyArray(result) || !UnifyRanges()) return false;
  if (element == kInvalidOid) {
    if (strict_) {
      Mismatch("could not determine polymorphic type because input has type unknown");
    }
    // All unknown: fits anything but the restricted kinds.
    return !any_enum_;
  }
  if (any_nonarray_ && element != oids::kAnyelement && types().IsArrayDomain(element)) {
    if (strict_) Mismatch("type matched to anynonarray is an array type: " + Name(element));
    return false;
  }
  if (any_enum_ && element != oids::kAnyelement && !types().IsEnum(element)) {
    if (strict_) Mismatch("type matched to anyenum is not an enum type: " + Name(element));
    return false;
  }
  return true;
}

bool Unifier::CheckCompatibleRanges() {
  if (compatible_multirange != kInvalidOid) {
    Oid of = types().MultirangeRange(compatible_multirange);
    if (compatible_range != kInvalidOid) {
      return of == compatible_range || Inconsistent("anycompatiblemultirange", "anycompatiblerange",
                                                    compatible_multirange, compatible_range);
    }
    compatible_range = of;
    compatible_range_element_ = types().RangeSubtype(of);
    has_compatible_range_ = true;
    compatible_types_.push_back(compatible_range_element_);
  } else if (has_compatible_multirange_ && compatible_range != kInvalidOid) {
    compatible_multirange = types().RangeMultirange(compatible_range);
  }
  return true;
}

bool Unifier::UnifyFamily2() {
  if (!any_family2) return true;
  if (!CheckCompatibleRanges()) return false;
  if (compatible_types_.empty()) {
    compatible = oids::kText;
    compatible_array = oids::kTextArray;
    if (strict_ && has_compatible_range_) return Undetermined("anycompatiblerange");
    if (strict_ && has_compatible_multirange_) return Undetermined("anycompatiblemultirange");
    return true;
  }
  compatible = SelectCommonType(state_, compatible_types_, !strict_);
  if (compatible == kInvalidOid) return false;
  for (Oid type : compatible_types_) {
    if (CanCoerce(state_, type, compatible, Coercion::kImplicit)) continue;
    if (strict_) Mismatch("arguments of anycompatible family cannot be cast to a common type");
    return false;
  }
  compatible_array = types().ArrayType(compatible);
  if (strict_ && has_compatible_array_ && compatible_array == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "could not find array type for data type " + Name(compatible));
  }
  if (strict_ && has_compatible_range_ && compatible_range == kInvalidOid) {
    return Undetermined("anycompatiblerange");
  }
  if (strict_ && has_compatible_multirange_ && compatible_multirange == kInvalidOid) {
    return Undetermined("anycompatiblemultirange");
  }
  if (compatible_range_element_ != kInvalidOid && compatible_range_element_ != compatible) {
    if (strict_) {
      Mismatch("anycompatiblerange type " + Name(compatible_range) +
               " does not match anycompatible type " + Name(compatible));
    }
    return false;
  }
  if (compatible_nonarray_ && types().IsArrayDomain(compatible)) {
    if (strict_)
      Mismatch("type matched to anycompatiblenonarray is an array type: " + Name(compatible));
    return false;
  }
  return true;
}

bool Unifier::Unify(Oid result) {
  compatible_nonarray_ |= result == oids::kAnycompatiblenonarray;
  has_compatible_array_ |= result == oids::kAnycompatiblearray;
  has_compatible_range_ |= result == oids::kAnycompatiblerange;
  has_compatible_multirange_ |= result == oids::kAnycompatiblemultirange;
  return UnifyFamily1(result) && UnifyFamily2();
}

Oid ArrayOf(const BindState& state, Oid array, Oid element) {
  if (array != kInvalidOid) return array;
  array = state.types.ArrayType(element);
  if (array == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "could not find array type for data type " + state.types.Name(element));
  }
  return array;
}

Oid Determined(Oid type, std::string_view name) {
  if (type == kInvalidOid) {
    Mismatch("could not determine polymorphic type " + std::string(name) +
             " because input has type unknown");
  }
  return type;
}

// What `declared` stands for; itself if it is not polymorphic.
Oid Replacement(const BindState& state, const Unifier& unified, Oid declared) {
  if (IsElementLike(declared)) return unified.element;
  switch (declared) {
    case oids::kAnyarray: return ArrayOf(state, unified.array, unified.element);
    case oids::kAnyrange: return Determined(unified.range, "anyrange");
    case oids::kAnymultirange: return Determined(unified.multirange, "anymultirange");
    case oids::kAnycompatible:
    case oids::kAnycompatiblenonarray: return unified.compatible;
    case oids::kAnycompatiblearray: return unified.compatible_array;
    case oids::kAnycompatiblerange: return unified.compatible_range;
    case oids::kAnycompatiblemultirange: return unified.compatible_multirange;
    default: return declared;
  }
}

}  // namespace

bool CheckPolymorphic(const BindState& state, std::span<const Oid> actual,
                      std::span<const Oid> declared) {
  Unifier unifier(state, false);
  return unifier.Collect(actual, declared) && unifier.Unify(kInvalidOid);
}

Oid ResolvePolymorphic(const BindState& state, std::span<const Oid> actual,
                       std::vector<Oid>& declared, Oid result) {
  Unifier unifier(state, true);
  unifier.Collect(actual, declared);
  if (unifier.family1_count == 0 && !unifier.any_family2) return result;
  unifier.Unify(result);
  for (size_t i = 0; i < actual.size(); ++i) {
    bool replace = IsPolymorphicFamily2(declared[i]) ||
                   (IsPolymorphicFamily1(declared[i]) && actual[i] == oids::kUnknown);
    if (replace) declared[i] = Replacement(state, unifier, declared[i]);
  }
  return Replacement(state, unifier, result);
}

}  // namespace sundog::binder
