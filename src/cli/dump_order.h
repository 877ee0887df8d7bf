// In which order a dump makes what is defined, so that each thing finds what it needs.
//
// 1. What depends on something stands by it as a node, or is part of one: the row type and the
//    inline default of a table are the table, a rule is its view.
// 2. Keys and views come after the rows, and so do functions that need them; except where types,
//    sequences, tables, or defaults and checks need those.
// 3. Of what needs nothing any more that is not there, the first by kind, then by oid, is next. So
//    the order is the same for a database that was made in this order.
// 4. What needs one another has no such order: its first is taken, and named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sundog::cli {

enum class DefinitionKind {
  kType,
  kFunction,
  kSequence,
  kTable,
  kRule,  // a default or check that is not part of its table
  kKey,
  kView,
};

// The oids of its catalog and of itself.
using DefinedObject = std::pair<uint32_t, uint32_t>;

struct Definition {
  DefinitionKind kind;
  DefinedObject object;
  std::string statement;
};

struct DefinitionNeed {
  DefinedObject dependent;
  DefinedObject referenced;
  bool is_part = false;  // of what it depends on
};

// Indexes of the definitions.
struct DefinitionOrder {
  std::vector<size_t> before_data;
  std::vector<size_t> after_data;
  std::vector<size_t> too_early;  // of those that need one another
};

DefinitionOrder OrderDefinitions(const std::vector<Definition>& definitions,
                                 const std::vector<DefinitionNeed>& needs);

}  // namespace sundog::cli
