// pg_lsn: distances between log positions, which are numerics because they may exceed a bigint.
#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/numeric.h"
#include "types/numeric_var.h"

namespace sundog::functions {

namespace {

using std::string_view;
using types::Int128;

Int128 Position(int64_t lsn) { return static_cast<uint64_t>(lsn); }

string_view Distance(CallContext& call, int64_t a, int64_t b) {
  return types::NumericFromScaled(Position(a) - Position(b), 0, call.arena());
}

// The position that `numeric`, rounded, is; 22023 if there is none.
int64_t ToLsn(string_view numeric) {
  types::NumericView view(numeric);
  if (view.is_special()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   view.is_nan() ? "cannot convert NaN to pg_lsn"
                                 : "cannot convert infinity to pg_lsn");
  }
  types::NumericVar var = types::NumericVar::FromView(view);
  var.Round(0);
  Int128 position = 0;
  if (!var.ToScaled(0, &position) || position != static_cast<uint64_t>(position)) {
    throw SqlError(sqlstate::kInvalidParameterValue, "pg_lsn out of range");
  }
  return static_cast<int64_t>(static_cast<uint64_t>(position));
}

string_view PositionAsNumeric(CallContext& call, int64_t lsn) {
  return types::NumericFromScaled(Position(lsn), 0, call.arena());
}

int64_t Advance(CallContext& call, int64_t lsn, string_view bytes) {
  if (types::NumericView(bytes).is_nan()) {
    throw SqlError(sqlstate::kFeatureNotSupported, "cannot add NaN to pg_lsn");
  }
  return ToLsn(types::NumericAdd(PositionAsNumeric(call, lsn), bytes, call.arena()));
}

int64_t AdvanceReversed(CallContext& call, string_view bytes, int64_t lsn) {
  return Advance(call, lsn, bytes);
}

int64_t GoBack(CallContext& call, int64_t lsn, string_view bytes) {
  if (types::NumericView(bytes).is_nan()) {
    throw SqlError(sqlstate::kFeatureNotSupported, "cannot subtract NaN from pg_lsn");
  }
  return ToLsn(types::NumericSubtract(PositionAsNumeric(call, lsn), bytes, call.arena()));
}

constexpr ScalarEntry kEntries[] = {
    {"pg_lsn_mi", Kernel<Distance>},
    {"pg_lsn_pli", Kernel<Advance>},
    {"pg_lsn_mii", Kernel<GoBack>},
    {"numeric_pl_pg_lsn(numeric,pg_lsn)", Kernel<AdvanceReversed>},
    {"numeric_pg_lsn", Kernel<ToLsn>},
};

}  // namespace

void RegisterLsnFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
