// The table that joins pg_proc rows to code.
//
// A family (one file pair in this folder) has tables of entries and registers them from its
// Register…Functions function, listed in families.cc; layers above add their system functions the
// same way before the first statement. The key is
//   - the symbol (pg_proc.prosrc) for functions of language internal: "int4pl" — shared by all
//     pg_proc rows with that source;
//   - or the signature, which wins over the symbol: "lpad(text,int4)", "sum(int4)",
//     "row_number()".
#pragma once

#include <span>
#include <string_view>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace sundog::functions {

struct ProcInfo;

struct FunctionImplementation {
  ScalarKernel scalar = nullptr;
  SetFunction set = nullptr;
  const AggregateImplementation* aggregate = nullptr;
  // Named window functions (row_number, lag, …) are the executor's; it finds them by symbol.
};

struct ScalarEntry {
  std::string_view key;
  ScalarKernel kernel;
};

struct SetEntry {
  std::string_view key;
  SetFunction function;
};

struct AggregateEntry {
  std::string_view key;
  AggregateImplementation implementation;
};

class Implementations {
 public:
  // The one table of the process, with the families of this folder already in it.
  static Implementations& Get();

  // A key that is already there is our bug (CHECK). The entries live for ever.
  void Add(std::span<const ScalarEntry> entries);
  void Add(std::span<const SetEntry> entries);
  void Add(std::span<const AggregateEntry> entries);

  // Null if nothing implements it.
  const FunctionImplementation* Find(const ProcInfo& proc) const;

  struct Index;

 private:
  Implementations();
  FunctionImplementation& Slot(std::string_view key);
  Index* index_;
};

}  // namespace sundog::functions
