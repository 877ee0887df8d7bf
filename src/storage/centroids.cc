#include "storage/centroids.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "catalog/index_options.h"
#include "catalog/vector_index.h"
#include "codec/key_space.h"
#include "runtime/interrupt.h"
#include "storage/k_means.h"
#include "storage/kept_centroids.h"
#include "storage/row_entries.h"
#include "storage/table_reader.h"
#include "types/bit_string.h"
#include "types/dense_vector.h"
#include "types/distance.h"
#include "types/extension_oids.h"

namespace sundog::storage {

namespace {

using types::Oid;

constexpr int32_t kHeaderList = -2;
constexpr int32_t kCentroidList = -1;
constexpr size_t kIdentityBytes = 16;

// How many rows are looked at to find the centroids.
constexpr size_t kSampleRowsPerList = 50;
constexpr size_t kLeastSampleRows = 10000;
// The same rows give the same centroids.
constexpr uint64_t kSeed = 42;

// Rounding errors of the kernels, relative to the lengths of what they compare, are far smaller.
constexpr double kRounding = 1e-4;

void AppendInteger(const IndexLayout& index, int32_t value, std::string& key) {
  codec::AppendKey(index.key_columns()[0], types::Datum::From(value), key);
}

std::string KeyOf(const IndexLayout& index, int32_t first) {
  std::string key = index.prefix();
  AppendInteger(index, first, key);
  return key;
}

// The elements of a vector; false for a type that no list is made of.
bool Elements(Oid type, std::string_view vector, std::vector<float>& to) {
  to.clear();
  switch (type) {
    case types::oids::kVector: {
      to.resize(vector.size() / sizeof(float));
      std::memcpy(to.data(), vector.data(), to.size() * sizeof(float));
      return true;
    }
    case types::oids::kHalfvec: {
      types::HalfvecView view(vector);
      for (int32_t i = 0; i < view.size(); ++i) to.push_back(view.At(i));
      return true;
    }
    case types::oids::kBit: {
      types::BitView view(vector);
      for (int32_t i = 0; i < view.size(); ++i) to.push_back(view.bit(i) ? 1.0f : 0.0f);
      return true;
    }
    default: return false;
  }
}

const char* Bytes(std::span<const float> values) {
  return reinterpret_cast<const char*>(values.data());
}

double SquaredNorm(std::span<const float> values) {
  double norm = 0;
  for (float value : values) norm += static_cast<double>(value) * value;
  return norm;
}

}  // namespace

// --- Centroids ---

Centroids::Centroids(Oid type, bool spherical, size_t dimensions, std::vector<float> values)
    : type_(type),
      spherical_(spherical),
      dimensions_(dimensions),
      count_(dimensions == 0 ? 0 : values.size() / dimensions),
      values_(std::move(values)) {
  for (size_t i = 0; i < count_; ++i) largest_norm_ = std::max(largest_norm_, SquaredNorm(Row(i)));
}

bool Centroids::ToFloats(std::string_view vector, std::vector<float>& to) const {
  return Elements(type_, vector, to) && to.size() == dimensions_;
}

float Centroids::Distance(size_t list, std::span<const float> vector) const {
  const types::VectorKernels& kernels = types::Distances().floats;
  return spherical_ ? -kernels.inner_product(Bytes(vector), Bytes(Row(list)), dimensions_)
                    : kernels.l2_squared(Bytes(vector), Bytes(Row(list)), dimensions_);
}

double Centroids::ExactDistance(size_t list, std::span<const float> vector) const {
  std::span<const float> centroid = Row(list);
  double sum = 0;
  for (size_t i = 0; i < dimensions_; ++i) {
    double a = vector[i];
    double b = centroid[i];
    sum += spherical_ ? -a * b : (a - b) * (a - b);
  }
  return sum;
}

double Centroids::Doubt(std::span<const float> vector) const {
  return kRounding * (SquaredNorm(vector) + largest_norm_);
}

int32_t Centroids::ListOf(std::string_view vector) const {
  std::vector<float> elements;
  if (count_ <= 1 || !ToFloats(vector, elements)) return 0;
  std::vector<float> distances(count_);
  for (size_t i = 0; i < count_; ++i) distances[i] = Distance(i, elements);
  double limit = *std::min_element(distances.begin(), distances.end()) + Doubt(elements);
  size_t best = count_;
  double best_distance = 0;
  for (size_t i = 0; i < count_; ++i) {
    // Also where the distance is no number, because it overflowed.
    if (distances[i] > limit) continue;
    double distance = ExactDistance(i, elements);
    if (best < count_ && !(distance < best_distance)) continue;
    best = i;
    best_distance = distance;
  }
  return static_cast<int32_t>(best);
}

std::vector<int32_t> Centroids::Ranked(std::string_view probe, size_t exactly) const {
  std::vector<int32_t> lists(list_count());
  std::iota(lists.begin(), lists.end(), 0);
  std::vector<float> elements;
  if (count_ <= 1 || !ToFloats(probe, elements)) return lists;
  std::vector<double> distances(count_);
  for (size_t i = 0; i < count_; ++i) {
    distances[i] = Distance(i, elements);
    // Overflowed.
    if (!std::isfinite(distances[i])) distances[i] = ExactDistance(i, elements);
  }
  std::vector<double> ordered = distances;
  auto last = ordered.begin() + static_cast<ptrdiff_t>(std::clamp<size_t>(exactly, 1, count_) - 1);
  std::nth_element(ordered.begin(), last, ordered.end());
  double limit = *last + Doubt(elements);
  for (size_t i = 0; i < count_; ++i) {
    if (distances[i] <= limit) distances[i] = ExactDistance(i, elements);
  }
  std::stable_sort(lists.begin(), lists.end(),
                   [&](int32_t a, int32_t b) { return distances[a] < distances[b]; });
  return lists;
}

// --- CentroidCache ---

CentroidCache::CentroidCache() : CentroidCache(KeptCentroids::OfAllIndexes()) {}

std::shared_ptr<const Centroids> CentroidCache::Find(const IndexLayout& index,
                                                     const txn::ReadView& view) {
  kv::ReadBuffer buffer;
  std::optional<std::string_view> header = view.Get(KeyOf(index, kHeaderList), buffer);
  std::string identity(header.value_or(std::string_view()));
  std::shared_ptr<const Centroids> found;
  {
    std::lock_guard lock(mutex_);
    if (identity_ == identity) found = centroids_.lock();
  }
  if (found != nullptr) {
    kept_.Use(found);
    return found;
  }
  std::vector<float> values;
  size_t dimensions = 0;
  if (!identity.empty()) {
    dimensions = base::LoadLittleEndian<uint32_t>(identity.data() + kIdentityBytes);
    auto cursor = view.Scan(ListRange(index, kCentroidList));
    while (true) {
      std::span<const kv::Entry> entries = cursor->Next(types::kVectorSize);
      if (entries.empty()) break;
      for (const kv::Entry& entry : entries) {
        size_t first = values.size();
        values.resize(first + dimensions);
        std::memcpy(values.data() + first, entry.value.data(), dimensions * sizeof(float));
      }
    }
  }
  values.shrink_to_fit();
  found = std::make_shared<const Centroids>(
      index.vector_type().oid,
      catalog::HasSphericalLists(index.descriptor().keys[0].opclass), dimensions,
      std::move(values));
  kept_.Use(found);
  std::lock_guard lock(mutex_);
  identity_ = std::move(identity);
  centroids_ = found;
  return found;
}

kv::KeyRange ListRange(const IndexLayout& index, int32_t list) {
  return kv::PrefixRange(KeyOf(index, list));
}

// --- making them ---

namespace {

// Takes each row with the same chance (algorithm R: Vitter, 1985).
class Sample {
 public:
  Sample(const IndexLayout& index, size_t lists, const CentroidMemory& memory)
      : memory_(memory),
        lists_(lists),
        type_(index.vector_type().oid),
        spherical_(catalog::HasSphericalLists(index.descriptor().keys[0].opclass)),
        wanted_(std::max(kLeastSampleRows, lists * kSampleRowsPerList)) {}

  void Add(std::string_view vector, base::Random& random) {
    if (!Elements(type_, vector, elements_)) return;
    if (dimensions_ == 0) {
      dimensions_ = elements_.size();
      FitWidened(vector.size());
    }
    if (elements_.size() != dimensions_ || (spherical_ && !ScaleToUnit(elements_))) return;
    ++seen_;
    if (row_count() < wanted_) {
      MakeRoom();
      values_.insert(values_.end(), elements_.begin(), elements_.end());
      return;
    }
    size_t place = static_cast<size_t>(random.Below(seen_));
    if (place >= wanted_) return;
    std::copy(elements_.begin(), elements_.end(),
              values_.begin() + static_cast<ptrdiff_t>(place * dimensions_));
  }

  size_t row_count() const { return dimensions_ == 0 ? 0 : values_.size() / dimensions_; }
  size_t dimensions() const { return dimensions_; }
  // Of at least one row.
  std::vector<float> FindCentroids(base::Random& random) const {
    KMeansInput input{values_, dimensions_, lists_, spherical_};
    return FindClusters(input, random, [] { runtime::CheckInterrupts(); });
  }

 private:
  size_t BytesOf(size_t rows) const { return KMeansBytes(rows, dimensions_, lists_); }

  // Halves and bits take more as floats. What would fit as it is stored is not refused for that:
  // there are fewer rows in the sample then.
  void FitWidened(size_t stored_bytes) {
    size_t a_row = dimensions_ * sizeof(float);
    size_t narrower = a_row - std::min(stored_bytes, a_row);
    if (BytesOf(wanted_) - wanted_ * narrower > memory_.most_bytes) return;
    size_t row_bytes = BytesOf(wanted_) - BytesOf(wanted_ - 1);
    size_t lists_bytes = BytesOf(wanted_) - wanted_ * row_bytes;
    size_t fitting = (memory_.most_bytes - lists_bytes) / row_bytes;
    wanted_ = std::clamp(fitting, size_t{1}, wanted_);
  }

  // For one row more.
  void MakeRoom() {
    size_t bytes = BytesOf(row_count() + 1);
    if (bytes > memory_.most_bytes) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("memory required is {} MB, maintenance_work_mem is {} MB",
                                 (BytesOf(wanted_) >> 20) + 1, memory_.most_bytes >> 20));
    }
    memory_.count(bytes - BytesOf(row_count()));
    if (values_.size() < values_.capacity()) return;
    size_t rows = std::clamp(row_count() * 2, kFirstRoom, std::max(kFirstRoom, wanted_));
    values_.reserve(rows * dimensions_);
  }

  static constexpr size_t kFirstRoom = 64;  // rows

  const CentroidMemory& memory_;
  const size_t lists_;
  const Oid type_;
  const bool spherical_;
  size_t wanted_;
  size_t dimensions_ = 0;
  size_t seen_ = 0;
  std::vector<float> values_;
  std::vector<float> elements_;
};

void ReadSample(const TableLayoutPtr& layout, size_t index, txn::Transaction& txn,
                const TableWriter::Context& context, base::Random& random, Sample& sample) {
  std::span<const int16_t> live = layout->live_attnums();
  TableScan scan(layout, {.attnums = {live.begin(), live.end()}});
  types::ChunkBuffer buffer(scan.kinds());
  RowEntries entries(*layout, context.expressions, txn);
  scan.OpenAll(txn.LatestView());
  while (size_t count = scan.Next(buffer)) {
    runtime::CheckInterrupts();
    entries.PrepareOne(buffer.chunk(), index);
    for (size_t row = 0; row < count; ++row) {
      if (auto vector = entries.VectorOf(index, row)) sample.Add(*vector, random);
    }
  }
}

}  // namespace

CentroidSample MakeCentroids(const TableLayoutPtr& layout, size_t index, txn::Transaction& txn,
                             const TableWriter::Context& context, const CentroidMemory& memory) {
  const IndexLayout& built = layout->indexes()[index];
  auto lists = static_cast<size_t>(catalog::IndexOption(built.descriptor(), "lists"));
  kv::ReadBuffer buffer;
  if (txn.LatestView().Get(KeyOf(built, kHeaderList), buffer)) return {lists, lists};
  base::Random random(kSeed);
  Sample sample(built, lists, memory);
  ReadSample(layout, index, txn, context, random, sample);
  CentroidSample figures{sample.row_count(), lists};
  if (figures.rows == 0) return figures;
  std::vector<float> values = sample.FindCentroids(random);

  std::string header(kIdentityBytes, '\0');
  base::FillSecureRandom(header.data(), header.size());
  base::AppendLittleEndian(header, static_cast<uint32_t>(sample.dimensions()));
  txn.Put(KeyOf(built, kHeaderList), header);
  size_t row_bytes = sample.dimensions() * sizeof(float);
  for (size_t i = 0; i * sample.dimensions() < values.size(); ++i) {
    std::string key = KeyOf(built, kCentroidList);
    AppendInteger(built, static_cast<int32_t>(i), key);
    txn.Put(key, {reinterpret_cast<const char*>(values.data()) + i * row_bytes, row_bytes});
  }
  return figures;
}

}  // namespace sundog::storage
