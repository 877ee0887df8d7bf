// nextval, currval, setval, lastval.
#include <fmt/format.h>

#include <utility>

#include "catalog/acl.h"
#include "catalog/functions/families.h"

namespace sundog::catalog {

namespace {

const SequenceDescriptor& SequenceOf(CallContext& call, Oid oid, uint32_t privileges) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr) {
    throw SqlError(sqlstate::kUndefinedTable,
                   fmt::format("could not open relation with OID {}", oid));
  }
  if (relation->sequence == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("\"{}\" is not a sequence", relation->name));
  }
  const SequenceDescriptor& sequence = *relation->sequence;
  if (!HasAnyPrivilege(CatalogOf(call), sequence.acl, AclObject::kSequence, sequence.owner,
                       ServicesOf(call).current_role(), privileges)) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied for sequence {}", sequence.name));
  }
  return sequence;
}

int64_t NextValue(CallContext& call, Oid oid) {
  SequenceOf(call, oid, kUsage | kUpdate);
  return ServicesOf(call).NextValue(oid);
}

int64_t NextIdentity(CallContext& call, Oid oid) { return ServicesOf(call).NextValue(oid); }

int64_t CurrentValue(CallContext& call, Oid oid) {
  SequenceOf(call, oid, kUsage | kSelect);
  return ServicesOf(call).CurrentValue(oid);
}

int64_t LastValue(CallContext& call) { return ServicesOf(call).LastValue(); }

int64_t SetValueCalled(CallContext& call, Oid oid, int64_t value, bool is_called) {
  const SequenceDescriptor& sequence = SequenceOf(call, oid, kUpdate);
  if (value < sequence.min_value || value > sequence.max_value) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                               value, sequence.name, sequence.min_value, sequence.max_value));
  }
  ServicesOf(call).SetValue(oid, value, is_called);
  return value;
}

int64_t SetValue(CallContext& call, Oid oid, int64_t value) {
  return SetValueCalled(call, oid, value, true);
}

std::optional<int64_t> SequenceLastValue(CallContext& call, Oid oid) {
  SequenceOf(call, oid, kSelect | kUsage);
  auto [value, is_called] = ServicesOf(call).SequenceState(oid);
  if (!is_called) return std::nullopt;
  return value;
}

// What SELECT * FROM the sequence shows, as a function: one row.
class SequenceTuple final : public functions::SetCall {
 public:
  SequenceTuple(int64_t last_value, bool is_called)
      : last_value_(last_value), is_called_(is_called) {}

  size_t Next(std::span<types::Vector* const> columns, size_t) override {
    if (std::exchange(done_, true)) return 0;
    columns[0]->Set<int64_t>(0, last_value_);
    columns[1]->Set<int64_t>(0, 0);  // log_cnt
    columns[2]->Set<bool>(0, is_called_);
    return 1;
  }

 private:
  const int64_t last_value_;
  const bool is_called_;
  bool done_ = false;
};

std::unique_ptr<functions::SetCall> FetchSequenceTuple(CallContext& call,
                                                       std::span<const types::Datum> arguments) {
  Oid oid = arguments[0].As<uint32_t>();
  SequenceOf(call, oid, kSelect);
  auto [value, is_called] = ServicesOf(call).SequenceState(oid);
  return std::make_unique<SequenceTuple>(value, is_called);
}

constexpr ScalarEntry kEntries[] = {
    {"nextval_oid", Kernel<NextValue>},
    {"nextval_identity", Kernel<NextIdentity>},
    {"currval_oid", Kernel<CurrentValue>},
    {"lastval", Kernel<LastValue>},
    {"setval_oid", Kernel<SetValue>},
    {"setval3_oid", Kernel<SetValueCalled>},
    {"pg_sequence_last_value", Kernel<SequenceLastValue>},
};

constexpr functions::SetEntry kSetEntries[] = {
    {"sys_fetch_seq_data_tuple", FetchSequenceTuple},
};

}  // namespace

void RegisterSequenceFunctions(functions::Implementations& table) {
  table.Add(kEntries);
  table.Add(kSetEntries);
}

}  // namespace sundog::catalog
