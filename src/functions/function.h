// How a SQL function is implemented: kernels over vectors, and what they are called with.
//
// A built-in function is a row of builtin_procs.tsv (its pg_proc facts) joined to an
// implementation by symbol (functions/implementations.h). Most implementations are plain C++
// functions of scalars lifted to kernels by functions/kernel.h.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "types/type_info.h"
#include "types/vector.h"

namespace sundog::base {
class Clock;
class Random;
struct ErrorFields;
}  // namespace sundog::base

namespace sundog::functions {

using types::Datum;
using types::Oid;
using types::RowSet;
using types::SqlType;
using types::Vector;

// What system functions need from the layers above (settings, catalog, sequences). The functions
// that use it live in those layers and know the class; here it is only passed through.
class StatementServices;

// What a running statement offers to every function in it. One a statement; outlives its calls.
struct Environment {
  types::IoContext io;
  int64_t statement_start_us = 0;  // µs since 2000-01-01 UTC; the transaction's is in io.settings
  base::Clock* clock = nullptr;
  base::Random* random = nullptr;
  StatementServices* services = nullptr;
  // Sends a NOTICE, WARNING, … to the client.
  void (*notice)(Environment&, const base::ErrorFields&) = nullptr;
};

struct SortDirection {
  bool descending = false;
  bool nulls_first = false;
};

// One call site in one running statement: types as resolved, and memory between calls.
class CallContext {
 public:
  CallContext(Environment& environment, std::vector<SqlType> argument_types, SqlType result_type,
              Oid collation = types::kInvalidOid)
      : environment_(&environment),
        argument_types_(std::move(argument_types)),
        result_type_(result_type),
        collation_(collation) {}

  Environment& environment() const { return *environment_; }
  const types::IoContext& io() const { return environment_->io; }
  const types::TypeLookup& types() const { return *environment_->io.types; }
  std::span<const SqlType> argument_types() const { return argument_types_; }
  SqlType result_type() const { return result_type_; }
  const types::TypeInfo& argument_type_info(size_t i) const {
    return types().GetType(argument_types_[i].oid);
  }
  const types::TypeInfo& result_type_info() const { return types().GetType(result_type_.oid); }
  Oid collation() const { return collation_; }
  // The last argument was written VARIADIC: of a function that takes VARIADIC "any" it is an array
  // whose elements are the arguments.
  bool variadic() const { return variadic_; }
  void set_variadic(bool variadic) { variadic_ = variadic; }
  // Of a function that returns record or SETOF record: the columns that its caller expects, from
  // `AS t(a int, b text)`, from OUT arguments or from the composite result type.
  std::span<const types::CompositeField> result_columns() const { return result_columns_; }
  void set_result_columns(std::vector<types::CompositeField> columns) {
    result_columns_ = std::move(columns);
  }
  // Of an ordered-set aggregate: how WITHIN GROUP (ORDER BY …) sorts, key by key.
  std::span<const SortDirection> within_group() const { return within_group_; }
  void set_within_group(std::vector<SortDirection> keys) { within_group_ = std::move(keys); }

  // Where varlen results go; the evaluator points it at the result vector's arena.
  base::Arena& arena() const { return *arena_; }
  void set_arena(base::Arena* arena) { arena_ = arena; }

  // Memory of the call site: a compiled pattern, a parsed format. Made on first use.
  template <typename T, typename... Arguments>
  T& State(Arguments&&... arguments) {
    if (state_ == nullptr) state_ = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    return *static_cast<T*>(state_.get());
  }

 private:
  Environment* environment_;
  std::vector<SqlType> argument_types_;
  SqlType result_type_;
  Oid collation_;
  bool variadic_ = false;
  std::vector<types::CompositeField> result_columns_;
  std::vector<SortDirection> within_group_;
  base::Arena* arena_ = nullptr;
  std::shared_ptr<void> state_;
};

// Computes `out` for `rows`. Of a strict function, `rows` holds only rows without null arguments
// and the evaluator has set the others null. `out` is flat and freshly Reset; the kernel may
// SetNull rows. It touches no row outside `rows`.
using ScalarKernel = void (*)(CallContext& call, std::span<const Vector* const> arguments,
                              RowSet rows, Vector& out);

// A running call of a set-returning function.
class SetCall {
 public:
  virtual ~SetCall() = default;
  // Fills up to `capacity` rows of the (freshly Reset) columns, one a result column; returns how
  // many. 0: done. Of a function that returns SETOF a row type the columns are the row's fields.
  virtual size_t Next(std::span<Vector* const> columns, size_t capacity) = 0;
  // True of a call whose rows are values already (unnest): where no result_columns() are asked
  // for, its one column takes them as they are.
  virtual bool GivesWholeRows() const { return false; }
};

// Starts a call with one row of arguments, which live until the call is destroyed. Of a strict
// function no argument is null.
using SetFunction = std::unique_ptr<SetCall> (*)(CallContext& call,
                                                 std::span<const Datum> arguments);

}  // namespace sundog::functions
