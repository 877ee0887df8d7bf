// The index access methods of extension vector: hnsw, a graph of near neighbours, and ivfflat,
// lists of what is nearest to one of some centroids. Their indexes answer
//
//     ORDER BY key <operator> probe LIMIT k
//
// with the operator of the key's operator class. They have one key, a vector of a fixed number of
// dimensions, and are neither unique nor ordered.
#pragma once

#include "catalog/table_descriptor.h"
#include "types/vector_distance.h"

namespace sundog::catalog {

inline constexpr Oid kHnswAccessMethod = 15900;
inline constexpr Oid kIvfflatAccessMethod = 15901;

constexpr bool IsVectorMethod(Oid method) {
  return method == kHnswAccessMethod || method == kIvfflatAccessMethod;
}

// The operator that the index sorts by: `<->` of vector_l2_ops. `opclass` is one of the methods
// above.
Oid DistanceOperator(Oid opclass);
types::VectorMetric DistanceMetric(Oid opclass);
// Whether distances are angles: zeros have none to anything, and no index has them.
bool LeavesOutZeroVectors(Oid opclass);
// Of ivfflat: whether its lists are of directions, not of places.
bool HasSphericalLists(Oid opclass);

// What the methods ask of an index beyond what CREATE INDEX asks of every one. Throws pgvector's
// errors. The types' own limits hold; of bits an index takes 64,000.
void CheckVectorIndex(const IndexDescriptor& index);

}  // namespace sundog::catalog
