#include "binder/scope.h"

#include "binder/bind_function_call.h"

namespace sundog::binder {

namespace {

types::IoContext IoOf(const BindContext& context) {
  types::IoContext io = context.io;
  if (io.types == nullptr) io.types = context.catalog.get();
  return io;
}

}  // namespace

BindState::BindState(BindContext& context, std::string_view text)
    : context(context),
      catalog(*context.catalog),
      types(*context.catalog, context.search_path),
      io(IoOf(context)),
      text(text) {
  for (Oid type : context.parameter_types) parameters.push_back({type, -1});
}

BindState::~BindState() = default;

void BindState::Notice(base::ErrorFields fields) const {
  if (context.notice) context.notice(fields);
}

int BindState::AddPending(PendingGrouping pending) {
  for (size_t k = 0; k < pending_.size(); ++k) {
    const PendingGrouping& other = *pending_[k];
    bool same = other.depth == pending.depth && other.arguments.size() == pending.arguments.size();
    for (size_t i = 0; same && i < pending.arguments.size(); ++i) {
      same = Equal(*other.arguments[i], *pending.arguments[i]);
    }
    if (same) return -1 - static_cast<int>(k);
  }
  pending_.push_back(std::make_unique<PendingGrouping>(std::move(pending)));
  return -static_cast<int>(pending_.size());
}

PendingGrouping* BindState::FindPending(const BoundGrouping& grouping) {
  if (grouping.group_indexes.size() != 1 || grouping.group_indexes[0] >= 0) return nullptr;
  size_t k = static_cast<size_t>(-1 - grouping.group_indexes[0]);
  return k < pending_.size() ? pending_[k].get() : nullptr;
}

}  // namespace sundog::binder
