// Runs built-in functions and type conversions on values given as text, for tests that compare them
// with PostgreSQL without a server in between. Reads one call a line from standard input and
// answers each with one line:
//
//   call   SIGNATURE TYPES RESULT argument…   int4pl(…)'s row of pg_proc, actual types by typname
//   aggregate SIGNATURE TYPES RESULT ROWS argument…   the arguments of each row in turn
//   input  TYPE TYPMOD text                   input function, then output function
//   binary TYPE TYPMOD text                   input, send, receive, output; hex of the wire form
//   missing                                   the signatures of functions without implementation
//
// RESULT of a set may be several types joined by '+'; a last type that ends in "..." is VARIADIC.
// Fields are separated by tabs; in a field \t, \n, \r, \\ are escaped and \N is null. An answer is
// the value's text escaped likewise, or "!SQLSTATE message", with "|detail" and "|hint" if any.
#include <cstdio>
#include <cstring>
#include <iterator>

#include "base/random.h"
#include "base/sql_error.h"
#include "functions/function.h"
#include "functions/implementations.h"
#include "functions/proc.h"
#include "types/io_settings.h"

namespace sundog::functions {
namespace {

using Fields = std::vector<std::string>;
const std::string kNullField("\\N");

std::string Escape(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '\t') {
      escaped += "\\t";
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\r') {
      escaped += "\\r";
    } else if (c == '\\') {
      escaped += "\\\\";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    char c = text[++i];
    plain += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return plain;
}

Fields Split(const std::string& line, char separator) {
  Fields fields(1);
  for (char c : line) {
    if (c == separator) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

SqlType TypeNamed(const std::string& name) {
  const types::TypeInfo* type = types::BuiltinTypes::Get().FindByName(name);
  if (type == nullptr) throw std::string("no such type: " + name);
  return {type->oid};
}

class Calls {
 public:
  Calls() {
    environment_.io.types = &types::BuiltinTypes::Get();
    environment_.io.settings = &settings_;
    environment_.random = &random_;
  }

  std::string Answer(const Fields& fields) {
    try {
      base::Arena arena;
      if (fields.at(0) == "call") return Call(fields);
      if (fields[0] == "aggregate") return Aggregate(fields);
      if (fields[0] == "missing") return Missing();
      SqlType type = TypeNamed(fields.at(1));
      type.typmod = std::stoi(fields.at(2));
      Datum value = types::InputText(environment_.io, type, Unescape(fields.at(3)), arena);
      if (fields[0] == "input") return Print(type, value);
      return Binary(type, value, arena);
    } catch (const SqlError& error) {
      const base::ErrorFields& said = error.fields();
      std::string text = "!" + std::string(error.state().code()) + " " + said.message;
      if (!said.detail.empty()) text += "|" + said.detail;
      if (!said.hint.empty()) text += "|" + said.hint;
      return Escape(text);
    } catch (const std::string& problem) {
      return "?" + problem;
    }
  }

 private:
  std::string Print(SqlType type, const Datum& value) {
    if (value.is_null()) return kNullField;
    std::string text;
    types::OutputText(environment_.io, environment_.io.types->GetType(type.oid), value, text);
    return Escape(text);
  }

  std::string Binary(SqlType type, const Datum& value, base::Arena& arena) {
    const types::TypeInfo& info = environment_.io.types->GetType(type.oid);
    if (info.ops->send == nullptr) return "?no send function";
    std::string wire;
    info.ops->send(environment_.io, info, value, wire);
    std::string hex;
    for (char c : wire) {
      char buffer[3];
      std::snprintf(buffer, sizeof(buffer), "%02x", static_cast<unsigned char>(c));
      hex += buffer;
    }
    if (info.ops->receive == nullptr) return "?no receive function";
    Datum back = info.ops->receive(environment_.io, info, wire, type.typmod, arena);
    return hex + " " + Print(type, back);
  }

  static std::string Missing() {
    std::string text;
    for (const ProcInfo& proc : BuiltinProcs::Get().procs()) {
      if (proc.implementation == nullptr && proc.kind != 'w') text += ProcSignature(proc) + " ";
    }
    return text;
  }

  const ProcInfo* FindProc(const std::string& signature) {
    if (procs_.empty()) {
      for (const ProcInfo& proc : BuiltinProcs::Get().procs()) procs_[ProcSignature(proc)] = &proc;
    }
    auto at = procs_.find(signature);
    return at != procs_.end() ? at->second : nullptr;
  }

  std::string Call(const Fields& fields) {
    const ProcInfo* proc = FindProc(fields.at(1));
    if (proc == nullptr) return "?no such function";
    if (proc->implementation == nullptr) return "?not implemented";
    std::vector<SqlType> types;
    bool variadic = false;
    if (!fields.at(2).empty()) {
      for (const std::string& name : Split(fields[2], ',')) {
        variadic = name.ends_with("...");
        types.push_back(TypeNamed(variadic ? name.substr(0, name.size() - 3) : name));
      }
    }
    std::vector<SqlType> results;
    for (const std::string& name : Split(fields.at(3), '+')) results.push_back(TypeNamed(name));
    SqlType result = results[0];
    CallContext call(environment_, types, result);
    base::Arena arena;
    call.set_arena(&arena);
    call.set_variadic(variadic);
    std::vector<Datum> arguments;
    bool any_null = false;
    for (size_t i = 0; i < types.size(); ++i) {
      const std::string& text = fields.at(4 + i);
      bool is_null = text == kNullField;
      any_null |= is_null;
      arguments.push_back(
          is_null ? Datum() : types::InputText(environment_.io, types[i], Unescape(text), arena));
    }
    if (any_null && proc->strict) return proc->returns_set ? "(no rows)" : kNullField;
    if (proc->returns_set) return CallSet(*proc, call, arguments, results);
    return CallScalar(*proc, call, arguments, result);
  }

  std::string CallScalar(const ProcInfo& proc, CallContext& call,
                         const std::vector<Datum>& arguments, SqlType result) {
    if (proc.implementation->scalar == nullptr) return "?no scalar implementation";
    std::vector<std::unique_ptr<Vector>> vectors;
    std::vector<const Vector*> pointers;
    for (size_t i = 0; i < arguments.size(); ++i) {
      vectors.push_back(std::make_unique<Vector>(call.argument_type_info(i).physical, 2));
      vectors.back()->CopyDatum(0, arguments[i]);
      pointers.push_back(vectors.back().get());
    }
    Vector out(call.result_type_info().physical, 2);
    call.set_arena(&out.arena());
    proc.implementation->scalar(call, pointers, RowSet(1), out);
    return Print(result, out.DatumAt(0));
  }

  std::string CallSet(const ProcInfo& proc, CallContext& call, const std::vector<Datum>& arguments,
                      const std::vector<SqlType>& results) {
    if (proc.implementation->set == nullptr) return "?no set implementation";
    std::unique_ptr<SetCall> set = proc.implementation->set(call, arguments);
    std::vector<std::unique_ptr<Vector>> vectors;
    std::vector<Vector*> columns;
    for (SqlType type : results) {
      vectors.push_back(std::make_unique<Vector>(call.types().GetType(type.oid).physical, 4));
      columns.push_back(vectors.back().get());
    }
    std::string text;
    for (bool first = true;;) {
      for (Vector* column : columns) column->Reset();
      size_t count = set->Next(columns, 4);
      if (count == 0) return first ? "(no rows)" : text;
      for (size_t row = 0; row < count; ++row, first = false) {
        if (!first) text += " ; ";
        for (size_t c = 0; c < columns.size(); ++c) {
          if (c > 0) text += "|";
          text += Print(results[c], columns[c]->DatumAt(row));
        }
      }
    }
  }

  std::string Aggregate(const Fields& fields) {
    const ProcInfo* proc = FindProc(fields.at(1));
    if (proc == nullptr) return "?no such function";
    if (proc->implementation == nullptr || proc->implementation->aggregate == nullptr) {
      return "?not implemented";
    }
    const AggregateImplementation& aggregate = *proc->implementation->aggregate;
    std::vector<SqlType> types;
    if (!fields.at(2).empty()) {
      for (const std::string& name : Split(fields[2], ',')) types.push_back(TypeNamed(name));
    }
    SqlType result = TypeNamed(fields.at(3));
    size_t rows = std::stoul(fields.at(4));
    CallContext call(environment_, types, result);
    base::Arena arena;
    call.set_arena(&arena);
    std::vector<std::unique_ptr<Vector>> vectors;
    std::vector<const Vector*> pointers;
    for (size_t c = 0; c < types.size(); ++c) {
      vectors.push_back(std::make_unique<Vector>(call.argument_type_info(c).physical, rows + 1));
      for (size_t row = 0; row < rows; ++row) {
        const std::string& text = fields.at(5 + row * types.size() + c);
        vectors[c]->CopyDatum(row, text == kNullField
                                       ? Datum()
                                       : types::InputText(environment_.io, types[c],
                                                          Unescape(text), arena));
      }
      pointers.push_back(vectors.back().get());
    }
    void* state = arena.Allocate(aggregate.state_bytes, 16);
    aggregate.initialize(call, state);
    // An error leaves the state unfreed: the process is short-lived.
    if (rows > 0) aggregate.update_one(call, state, pointers, RowSet(rows));
    Vector out(call.result_type_info().physical, 2);
    aggregate.finalize(call, state, out, 0);
    std::string text = Print(result, out.DatumAt(0));
    if (aggregate.destroy != nullptr) aggregate.destroy(state);
    return text;
  }

  types::IoSettings settings_;
  base::Random random_{1};
  Environment environment_;
  std::unordered_map<std::string, const ProcInfo*> procs_;
};

}  // namespace
}  // namespace sundog::functions

int main() {
  sundog::functions::Calls calls;
  std::string line;
  for (int c; (c = std::getchar()) != EOF;) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    std::puts(calls.Answer(sundog::functions::Split(line, '\t')).c_str());
    std::fflush(stdout);
    line.clear();
  }
  return 0;
}
