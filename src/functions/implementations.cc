#include "functions/implementations.h"

#include <string>
#include <unordered_map>

#include "base/check.h"
#include "functions/families.h"
#include "functions/proc.h"

namespace sundog::functions {

struct Implementations::Index {
  std::unordered_map<std::string, FunctionImplementation> by_key;
};

Implementations::Implementations() : index_(new Index) {}

Implementations& Implementations::Get() {
  static Implementations* const table = [] {
    auto* made = new Implementations;
    RegisterFamilies(*made);
    return made;
  }();
  return *table;
}

FunctionImplementation& Implementations::Slot(std::string_view key) {
  return index_->by_key[std::string(key)];
}

void Implementations::Add(std::span<const ScalarEntry> entries) {
  for (const ScalarEntry& entry : entries) {
    FunctionImplementation& slot = Slot(entry.key);
    if (slot.scalar != nullptr) {
      base::CheckFailed(__FILE__, __LINE__, "one implementation a key", std::string(entry.key));
    }
    slot.scalar = entry.kernel;
  }
}

void Implementations::Add(std::span<const SetEntry> entries) {
  for (const SetEntry& entry : entries) {
    FunctionImplementation& slot = Slot(entry.key);
    if (slot.set != nullptr) {
      base::CheckFailed(__FILE__, __LINE__, "one implementation a key", std::string(entry.key));
    }
    slot.set = entry.function;
  }
}

void Implementations::Add(std::span<const AggregateEntry> entries) {
  for (const AggregateEntry& entry : entries) {
    FunctionImplementation& slot = Slot(entry.key);
    if (slot.aggregate != nullptr) {
      base::CheckFailed(__FILE__, __LINE__, "one implementation a key", std::string(entry.key));
    }
    slot.aggregate = &entry.implementation;
  }
}

const FunctionImplementation* Implementations::Find(const ProcInfo& proc) const {
  auto by_signature = index_->by_key.find(ProcSignature(proc));
  if (by_signature != index_->by_key.end()) return &by_signature->second;
  if (proc.language != 12 || (proc.kind != 'f' && proc.kind != 'p')) return nullptr;
  auto by_symbol = index_->by_key.find(proc.source);
  return by_symbol != index_->by_key.end() ? &by_symbol->second : nullptr;
}

}  // namespace sundog::functions
