#include "functions/any_arguments.h"

#include "types/text_type.h"

namespace sundog::functions {

AnyArguments::AnyArguments(CallContext& call, std::span<const Vector* const> vectors, size_t row,
                           size_t first)
    : call_(call), vectors_(vectors), row_(row), first_(first) {
  if (!call.variadic()) return;
  is_null_array_ = vectors.back()->IsNull(row);
  if (!is_null_array_) array_.emplace(vectors.back()->At<std::string_view>(row));
}

size_t AnyArguments::count() const {
  if (is_null_array_) return 0;
  return array_.has_value() ? static_cast<size_t>(array_->size()) : vectors_.size() - first_;
}

bool AnyArguments::IsNull(size_t i) const {
  if (array_.has_value()) return array_->IsNull(static_cast<int32_t>(i));
  return vectors_[first_ + i]->IsNull(row_);
}

Datum AnyArguments::At(size_t i) const {
  if (array_.has_value()) return array_->At(static_cast<int32_t>(i));
  return vectors_[first_ + i]->DatumAt(row_);
}

SqlType AnyArguments::type(size_t i) const {
  if (array_.has_value()) return {array_->element_type()};
  return call_.argument_types()[first_ + i];
}

void AnyArguments::AppendText(size_t i, std::string& to) const {
  types::OutputText(call_.io(), call_.types().GetType(type(i).oid), At(i), to);
}

void AnyArguments::AppendCastText(size_t i, std::string& to) const {
  if (type(i).oid == types::oids::kBool) {
    to += At(i).As<bool>() ? "true" : "false";
  } else if (type(i).oid == types::oids::kBpchar) {
    to += types::TrimBlanksRight(At(i).As<std::string_view>());
  } else {
    AppendText(i, to);
  }
}

}  // namespace sundog::functions
