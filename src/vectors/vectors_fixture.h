// For tests: an index's entries in a store, written and searched exactly.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "codec/key_space.h"
#include "codec/row_codec.h"
#include "kv/store_fixture.h"
#include "types/bit_string.h"
#include "types/half_float.h"
#include "vectors/graphs.h"

namespace sundog::vectors {

inline std::string RowKey(uint64_t row) {
  std::string key;
  base::AppendBigEndian(key, row);
  return key;
}

inline std::string EntryValue(std::string_view vector) {
  static const codec::RowFormat format({{.kind = types::PhysicalKind::kVarlen}});
  types::Datum datum = types::Datum::From(vector);
  std::string value;
  format.Encode({&datum, 1}, value);
  return value;
}

// A random vector of the options' type; around one of few centres, as vectors of texts are.
inline std::string RandomVector(const GraphOptions& options, base::Random& random) {
  auto dimensions = static_cast<size_t>(options.dimensions);
  base::Random centre(random.Below(20));
  std::vector<float> elements(dimensions);
  for (float& element : elements) {
    element = static_cast<float>(2 * centre.NextDouble() - 1 + 0.6 * random.NextDouble());
  }
  std::string value;
  switch (options.element) {
    case types::VectorElement::kFloat:
      for (float element : elements) base::AppendLittleEndian(value, element);
      break;
    case types::VectorElement::kHalf:
      for (float element : elements) {
        base::AppendLittleEndian(value, types::FloatToHalf(element));
      }
      break;
    case types::VectorElement::kSparse: {
      base::AppendLittleEndian(value, options.dimensions);
      std::vector<size_t> places;
      for (size_t i = 0; i < dimensions; ++i) {
        if (random.Below(3) > 0) places.push_back(i);
      }
      for (size_t i : places) base::AppendLittleEndian(value, static_cast<int32_t>(i));
      for (size_t i : places) base::AppendLittleEndian(value, elements[i]);
      break;
    }
    case types::VectorElement::kBit: {
      base::Arena arena;
      types::BitBuilder bits(options.dimensions, arena);
      for (size_t i = 0; i < dimensions; ++i) bits.Set(static_cast<int32_t>(i), elements[i] > 0);
      value = bits.value();
      break;
    }
  }
  return value;
}

// The rows `first` and on, each with a vector, in one commit.
inline void CommitRandomVectors(kv::Store& store, const GraphKey& key, const GraphOptions& options,
                                base::Random& random, uint64_t first, uint64_t count) {
  kv::WriteList writes;
  for (uint64_t row = first; row < first + count; ++row) {
    writes.Add(codec::KeyPrefix(key.tenant, key.storage, key.index) + RowKey(row),
               EntryValue(RandomVector(options, random)));
  }
  CHECK(store.Commit({.writes = writes.view()}).kind == kv::CommitOutcome::Kind::kCommitted);
}

using Distances = std::map<std::string, double>;

// The rows of all entries that have a distance, as a snapshot shows them.
inline Distances ExactDistances(const kv::Snapshot& snapshot, const GraphKey& key,
                                const GraphOptions& options, std::string_view probe) {
  types::VectorDistance distance = types::FindVectorDistance(options.element, options.metric);
  Distances result;
  std::string prefix = codec::KeyPrefix(key.tenant, key.storage, key.index);
  for (auto& [entry, value] :
       ReadAll(snapshot, kv::PrefixRange(prefix), kv::Direction::kForward, 1000)) {
    std::string_view vector = EntryVector(value);
    if (distance(vector, vector) != distance(vector, vector)) continue;
    result[entry.substr(prefix.size())] = distance(probe, vector);
  }
  return result;
}

// How many of the `k` nearest the candidates have.
inline size_t CountNearest(const Distances& exact, const std::vector<Candidate>& candidates,
                           size_t k) {
  std::vector<double> distances;
  for (auto& [row, distance] : exact) distances.push_back(distance);
  std::sort(distances.begin(), distances.end());
  if (distances.empty()) return 0;
  double farthest = distances[std::min(k, distances.size()) - 1];
  size_t found = 0;
  for (const Candidate& candidate : candidates) found += candidate.distance <= farthest;
  return std::min(found, k);
}

inline std::vector<Candidate> Collect(NearestSearch& search, size_t wanted, size_t most) {
  std::vector<Candidate> all;
  while (all.size() < most) {
    auto batch = search.Next(std::min(wanted, most - all.size()));
    if (batch.empty() && search.finished()) break;
    CHECK(std::is_sorted(batch.begin(), batch.end(), [](const Candidate& a, const Candidate& b) {
      return a.distance < b.distance;
    }));
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

}  // namespace sundog::vectors
