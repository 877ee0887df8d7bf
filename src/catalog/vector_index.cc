#include "catalog/vector_index.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/sql_error.h"
#include "base/tsv.h"
#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/index_options.h"

namespace sundog::catalog {

namespace {

constexpr int32_t kMaxIndexedBits = 64000;
// Support functions of both methods: the norm by which vectors get length 1; of ivfflat: that by
// which k-means puts its centroids on a sphere.
constexpr int kNorm = 2;
constexpr int kSphereNorm = 4;

bool HasSupportFunction(Oid opclass, int number) {
  Oid family = BuiltinObjects::Get().FindOpclass(opclass)->family;
  static const base::Tsv* const supports = new base::Tsv(embedded::Amproc());
  for (size_t i = 0; i < supports->row_count(); ++i) {
    if (supports->Number(i, "amprocfamily") == family &&
        supports->Number(i, "amprocnum") == number) {
      return true;
    }
  }
  return false;
}

}  // namespace

Oid DistanceOperator(Oid opclass) {
  static const base::Tsv* const operators = new base::Tsv(embedded::Amop());
  const OpclassInfo* found = BuiltinObjects::Get().FindOpclass(opclass);
  CHECK(found != nullptr);
  for (size_t i = 0; i < operators->row_count(); ++i) {
    if (operators->Number(i, "amopfamily") != found->family) continue;
    return static_cast<Oid>(operators->Number(i, "amopopr"));
  }
  CHECK(false);
  return kInvalidOid;
}

bool LeavesOutZeroVectors(Oid opclass) { return HasSupportFunction(opclass, kNorm); }

bool HasSphericalLists(Oid opclass) { return HasSupportFunction(opclass, kSphereNorm); }

void CheckVectorIndex(const IndexDescriptor& index) {
  const BuiltinObjects& builtin = BuiltinObjects::Get();
  const std::string& method = builtin.FindAccessMethod(index.access_method)->name;
  const IndexKey& key = index.keys.front();
  if (key.type.oid == types::oids::kVarbit) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("type not supported for {} index", method));
  }
  int32_t dimensions = key.type.typmod;
  if (dimensions < 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "column does not have dimensions");
  }
  if (key.type.oid == types::oids::kBit && dimensions > kMaxIndexedBits) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("column cannot have more than {} dimensions for {} index",
                               kMaxIndexedBits, method));
  }
  if (index.access_method == kHnswAccessMethod) {
    if (IndexOption(index, "ef_construction") >= 2 * IndexOption(index, "m")) return;
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "ef_construction must be greater than or equal to 2 * m");
  }
  if (dimensions == 1 && HasSphericalLists(key.opclass)) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "dimensions must be greater than one for this opclass");
  }
}

}  // namespace sundog::catalog
