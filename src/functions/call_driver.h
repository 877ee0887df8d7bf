// Runs built-in functions on values given as text, for tests: finds the implementation by the
// signature of its pg_proc row, converts arguments with their types' input functions and prints
// results with the result type's output function.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sql_error.h"
#include "functions/implementations.h"
#include "functions/proc.h"
#include "types/io_settings.h"

namespace sundog::functions {

using TextValue = std::optional<std::string>;  // nullopt: SQL null
using TextRow = std::vector<TextValue>;

class CallDriver {
 public:
  // "array_append(anycompatiblearray,anycompatible)", the actual types by typname, the result's.
  CallDriver(std::string_view signature, const std::vector<std::string>& argument_types,
             const std::string& result_type)
      : signature_(signature) {
    environment_.io.types = &types::BuiltinTypes::Get();
    environment_.io.settings = &settings_;
    std::vector<SqlType> arguments;
    for (const std::string& name : argument_types) arguments.push_back(TypeNamed(name));
    argument_types_ = arguments;
    result_type_ = TypeNamed(result_type);
    call_ = std::make_unique<CallContext>(environment_, arguments, result_type_);
    for (const ProcInfo& proc : BuiltinProcs::Get().procs()) {
      if (ProcSignature(proc) == signature) proc_ = &proc;
    }
    CHECK(proc_ != nullptr);
    if (proc_->implementation == nullptr) {
      base::CheckFailed(__FILE__, __LINE__, "function is implemented", std::string(signature));
    }
  }

  // "NULL" stands for null; an error is printed as "ERROR 22P02: message".
  std::string Scalar(const TextRow& row) {
    return Guarded([&] {
      Fill({row});
      types::Vector out(call_->result_type_info().physical);
      call_->set_arena(&out.arena());
      for (const TextValue& value : row) {
        if (proc_->strict && !value.has_value()) return std::string("NULL");
      }
      proc_->implementation->scalar(*call_, pointers_, RowSet(1), out);
      return Print(result_type_, out.DatumAt(0));
    });
  }

  // One group of all rows; `retracted` first rows are taken back before the result is made.
  std::string Aggregate(const std::vector<TextRow>& rows, size_t retracted = 0) {
    return Guarded([&] {
      const AggregateImplementation& aggregate = *proc_->implementation->aggregate;
      base::Arena arena;
      call_->set_arena(&arena);
      void* state = arena.Allocate(aggregate.state_bytes, 16);
      aggregate.initialize(*call_, state);
      // Also when the aggregate refuses its input.
      std::unique_ptr<void, std::function<void(void*)>> destroyer(state, [&](void* at) {
        if (aggregate.destroy != nullptr) aggregate.destroy(at);
      });
      Fill(rows);
      if (!rows.empty()) {
        aggregate.update_one(*call_, state, pointers_, RowSet(rows.size()));
        if (retracted > 0) aggregate.retract_one(*call_, state, pointers_, RowSet(retracted));
      }
      types::Vector out(call_->result_type_info().physical);
      aggregate.finalize(*call_, state, out, 0);
      return Print(result_type_, out.DatumAt(0));
    });
  }

  // The rows of a set, columns joined by '|', rows by ';'. `columns`: types of the result columns.
  std::string Set(const TextRow& row, const std::vector<std::string>& columns) {
    return Guarded([&] {
      base::Arena arena;
      call_->set_arena(&arena);
      std::vector<Datum> arguments;
      for (size_t i = 0; i < row.size(); ++i) {
        arguments.push_back(Parse(argument_types_[i], row[i], arena));
      }
      std::unique_ptr<SetCall> set = proc_->implementation->set(*call_, arguments);
      std::vector<std::unique_ptr<types::Vector>> vectors;
      std::vector<types::Vector*> pointers;
      for (const std::string& name : columns) {
        const types::TypeInfo& type = *types::BuiltinTypes::Get().FindByName(name);
        vectors.push_back(std::make_unique<types::Vector>(type.physical, 4));
        pointers.push_back(vectors.back().get());
      }
      std::string text;
      while (true) {
        for (auto& vector : vectors) vector->Reset();
        size_t count = set->Next(pointers, 4);
        if (count == 0) return text;
        for (size_t r = 0; r < count; ++r) {
          if (!text.empty()) text += ';';
          for (size_t c = 0; c < columns.size(); ++c) {
            if (c > 0) text += '|';
            text += Print(TypeNamed(columns[c]), vectors[c]->DatumAt(r));
          }
        }
      }
    });
  }

  types::IoSettings& settings() { return settings_; }
  CallContext& call() { return *call_; }

 private:
  static SqlType TypeNamed(const std::string& name) {
    const types::TypeInfo* type = types::BuiltinTypes::Get().FindByName(name);
    CHECK(type != nullptr);
    return {type->oid};
  }

  template <typename Body>
  static std::string Guarded(Body&& body) {
    try {
      return body();
    } catch (const SqlError& error) {
      return "ERROR " + std::string(error.state().code()) + ": " + error.what();
    }
  }

  Datum Parse(SqlType type, const TextValue& text, base::Arena& arena) {
    if (!text.has_value()) return Datum();
    return types::InputText(environment_.io, type, *text, arena);
  }

  std::string Print(SqlType type, const Datum& value) {
    if (value.is_null()) return "NULL";
    std::string text;
    types::OutputText(environment_.io, environment_.io.types->GetType(type.oid), value, text);
    return text;
  }

  void Fill(const std::vector<TextRow>& rows) {
    vectors_.clear();
    pointers_.clear();
    for (size_t c = 0; c < argument_types_.size(); ++c) {
      const types::TypeInfo& type = environment_.io.types->GetType(argument_types_[c].oid);
      vectors_.push_back(std::make_unique<types::Vector>(type.physical, rows.size() + 1));
      for (size_t r = 0; r < rows.size(); ++r) {
        base::Arena scratch;
        vectors_[c]->CopyDatum(r, Parse(argument_types_[c], rows[r][c], scratch));
      }
      pointers_.push_back(vectors_.back().get());
    }
  }

  std::string signature_;
  types::IoSettings settings_;
  Environment environment_;
  std::vector<SqlType> argument_types_;
  SqlType result_type_;
  std::unique_ptr<CallContext> call_;
  const ProcInfo* proc_ = nullptr;
  std::vector<std::unique_ptr<types::Vector>> vectors_;
  std::vector<const Vector*> pointers_;
};

}  // namespace sundog::functions
