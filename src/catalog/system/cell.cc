// Setting the cells of system tables.
#include "catalog/acl.h"
#include "catalog/system/rows.h"
#include "types/array.h"

namespace sundog::catalog::system {

namespace {

using types::ArrayBuilder;
using types::ArrayShape;
using types::Datum;
using types::PhysicalKind;

template <typename T>
std::string_view Build(base::Arena& arena, types::Oid element, std::span<const T> values,
                       int32_t lower_bound) {
  ArrayBuilder builder(element, types::PhysicalKindOf<T>::value);
  for (const T& value : values) builder.Append(Datum::From(value));
  if (lower_bound == 1) return builder.Finish(arena);
  return builder.Finish(
      arena, ArrayShape::OneDimension(static_cast<int32_t>(values.size()), lower_bound));
}

}  // namespace

void Cell::Int2Vector(std::span<const int16_t> values) {
  vector_->Data<std::string_view>()[row_] =
      Build(vector_->arena(), types::oids::kInt2, values, 0);
}

void Cell::OidVector(std::span<const types::Oid> values) {
  vector_->Data<std::string_view>()[row_] = Build(vector_->arena(), types::oids::kOid, values, 0);
}

void Cell::Int2Array(std::span<const int16_t> values) {
  vector_->Data<std::string_view>()[row_] =
      Build(vector_->arena(), types::oids::kInt2, values, 1);
}

void Cell::OidArrayOf(types::Oid element, std::span<const types::Oid> values) {
  vector_->Data<std::string_view>()[row_] = Build(vector_->arena(), element, values, 1);
}

void Cell::CharArray(std::span<const char> values) {
  vector_->Data<std::string_view>()[row_] =
      Build(vector_->arena(), types::oids::kCharInternal, values, 1);
}

void Cell::TextArrayOf(types::Oid element, std::span<const std::string> values) {
  ArrayBuilder builder(element, PhysicalKind::kVarlen);
  for (const std::string& value : values) builder.Append(Datum::From(std::string_view(value)));
  vector_->Data<std::string_view>()[row_] = builder.Finish(vector_->arena());
}

void Cell::AclOrNull(const Acl& acl) {
  if (acl.is_default) return Null();
  ArrayBuilder builder(types::oids::kAclitem, PhysicalKind::kVarlen);
  for (const AclItem& item : acl.items) {
    std::string text = AclItemText(catalog(), item);
    builder.Append(Datum::From(std::string_view(text)));
  }
  vector_->Data<std::string_view>()[row_] = builder.Finish(vector_->arena());
}

void Cell::Parsed(SqlType type, std::string_view text) {
  vector_->SetDatum(row_, types::InputText(context_->io, type, text, vector_->arena()));
}

void Cell::Zero() {
  types::VisitPhysicalKind(vector_->kind(), [&]<typename T>(T) {
    vector_->Data<T>()[row_] = T{};
  });
}

}  // namespace sundog::catalog::system
