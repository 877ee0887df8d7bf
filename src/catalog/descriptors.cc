#include "catalog/descriptors.h"

namespace sundog::catalog {

const ColumnDescriptor* TableDescriptor::FindColumn(int16_t attnum) const {
  if (attnum < 1 || static_cast<size_t>(attnum) > columns.size()) return nullptr;
  return &columns[attnum - 1];
}

const ColumnDescriptor* TableDescriptor::FindColumn(std::string_view column) const {
  for (const ColumnDescriptor& candidate : columns) {
    if (!candidate.dropped && candidate.name == column) return &candidate;
  }
  return nullptr;
}

const IndexDescriptor* TableDescriptor::FindIndex(Oid index) const {
  for (const IndexDescriptor& candidate : indexes) {
    if (candidate.oid == index) return &candidate;
  }
  return nullptr;
}

const IndexDescriptor* TableDescriptor::PrimaryKey() const {
  for (const IndexDescriptor& candidate : indexes) {
    if (candidate.primary) return &candidate;
  }
  return nullptr;
}

const ConstraintDescriptor* TableDescriptor::FindConstraint(Oid constraint) const {
  for (const ConstraintDescriptor& candidate : constraints) {
    if (candidate.oid == constraint) return &candidate;
  }
  return nullptr;
}

const ConstraintDescriptor* TableDescriptor::FindConstraint(std::string_view constraint) const {
  for (const ConstraintDescriptor& candidate : constraints) {
    if (candidate.name == constraint) return &candidate;
  }
  return nullptr;
}

const PolicyDescriptor* TableDescriptor::FindPolicy(std::string_view policy) const {
  for (const PolicyDescriptor& candidate : policies) {
    if (candidate.name == policy) return &candidate;
  }
  return nullptr;
}

std::vector<int16_t> TableDescriptor::LiveAttnums() const {
  std::vector<int16_t> attnums;
  for (const ColumnDescriptor& column : columns) {
    if (!column.dropped) attnums.push_back(column.attnum);
  }
  return attnums;
}

}  // namespace sundog::catalog
