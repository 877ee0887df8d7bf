// Descriptors of one class in a catalog snapshot: a sorted list of shared pointers. Snapshots are
// made by copying the previous one, which a list of pointers makes cheap; iteration is by OID.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "types/oids.h"

namespace sundog::catalog {

template <typename T>
class DescriptorMap {
 public:
  using Pointer = std::shared_ptr<const T>;

  Pointer Find(types::Oid oid) const {
    auto at = LowerBound(oid);
    return at != sorted_.end() && (*at)->oid == oid ? *at : nullptr;
  }
  const T* Get(types::Oid oid) const {
    auto at = LowerBound(oid);
    return at != sorted_.end() && (*at)->oid == oid ? at->get() : nullptr;
  }
  // Replaces the one with the same OID, if any.
  void Put(Pointer descriptor) {
    auto at = LowerBound(descriptor->oid);
    if (at != sorted_.end() && (*at)->oid == descriptor->oid) {
      sorted_[at - sorted_.begin()] = std::move(descriptor);
    } else {
      sorted_.insert(at, std::move(descriptor));
    }
  }
  void Erase(types::Oid oid) {
    auto at = LowerBound(oid);
    if (at != sorted_.end() && (*at)->oid == oid) sorted_.erase(at);
  }

  // The very same descriptors.
  bool operator==(const DescriptorMap&) const = default;

  size_t size() const { return sorted_.size(); }
  auto begin() const { return sorted_.begin(); }
  auto end() const { return sorted_.end(); }

 private:
  auto LowerBound(types::Oid oid) const {
    return std::lower_bound(sorted_.begin(), sorted_.end(), oid,
                            [](const Pointer& p, types::Oid wanted) { return p->oid < wanted; });
  }

  std::vector<Pointer> sorted_;
};

}  // namespace sundog::catalog
