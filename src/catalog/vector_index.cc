#include "catalog/vector_index.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/check.h"
#include "base/sql_error.h"
#include "base/tsv.h"
#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/index_options.h"
#include "functions/proc.h"

namespace sundog::catalog {

namespace {

constexpr int32_t kMaxIndexedBits = 64000;
// Support functions of both methods: the norm by which vectors get length 1; of ivfflat: that by
// which k-means puts its centroids on a sphere.
constexpr int kNorm = 2;
constexpr int kSphereNorm = 4;

// What is asked of an operator class for each search and each plan.
struct VectorOpclass {
  Oid distance = kInvalidOid;
  types::VectorMetric metric = types::VectorMetric::kL2;
  bool has_norm = false;
  bool has_sphere_norm = false;
};

types::VectorMetric MetricOf(Oid distance) {
  struct Metric {
    std::string_view distance;
    types::VectorMetric metric;
  };
  static constexpr Metric kMetrics[] = {
      {"<->", types::VectorMetric::kL2},      {"<#>", types::VectorMetric::kInnerProduct},
      {"<=>", types::VectorMetric::kCosine},  {"<+>", types::VectorMetric::kL1},
      {"<~>", types::VectorMetric::kHamming}, {"<%>", types::VectorMetric::kJaccard},
  };
  const functions::OperatorInfo* op = functions::BuiltinProcs::Get().FindOperator(distance);
  CHECK(op != nullptr);
  for (const Metric& metric : kMetrics) {
    if (metric.distance == op->name) return metric.metric;
  }
  base::CheckFailed(__FILE__, __LINE__, "every distance has a metric", op->name);
}

std::unordered_map<Oid, VectorOpclass> LoadOpclasses() {
  std::unordered_map<Oid, VectorOpclass> by_family;
  base::Tsv operators = embedded::Amop();
  for (size_t i = 0; i < operators.row_count(); ++i) {
    if (!IsVectorMethod(static_cast<Oid>(operators.Number(i, "amopmethod")))) continue;
    auto distance = static_cast<Oid>(operators.Number(i, "amopopr"));
    VectorOpclass& family = by_family[static_cast<Oid>(operators.Number(i, "amopfamily"))];
    family.distance = distance;
    family.metric = MetricOf(distance);
  }
  base::Tsv supports = embedded::Amproc();
  for (size_t i = 0; i < supports.row_count(); ++i) {
    auto family = by_family.find(static_cast<Oid>(supports.Number(i, "amprocfamily")));
    if (family == by_family.end()) continue;
    int64_t number = supports.Number(i, "amprocnum");
    family->second.has_norm |= number == kNorm;
    family->second.has_sphere_norm |= number == kSphereNorm;
  }
  std::unordered_map<Oid, VectorOpclass> by_opclass;
  for (const OpclassInfo& opclass : BuiltinObjects::Get().opclasses()) {
    if (IsVectorMethod(opclass.method)) by_opclass[opclass.oid] = by_family.at(opclass.family);
  }
  return by_opclass;
}

const VectorOpclass& OpclassOf(Oid opclass) {
  static const auto* const all = new std::unordered_map<Oid, VectorOpclass>(LoadOpclasses());
  auto found = all->find(opclass);
  CHECK(found != all->end());
  return found->second;
}

}  // namespace

Oid DistanceOperator(Oid opclass) { return OpclassOf(opclass).distance; }

types::VectorMetric DistanceMetric(Oid opclass) { return OpclassOf(opclass).metric; }

bool LeavesOutZeroVectors(Oid opclass) { return OpclassOf(opclass).has_norm; }

bool HasSphericalLists(Oid opclass) { return OpclassOf(opclass).has_sphere_norm; }

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
