#include "catalog/name_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/names.h"
#include "types/identifier.h"

namespace sundog::catalog {

namespace oids = types::oids;

namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

[[noreturn]] void ThrowSyntax() {
  throw SqlError(sqlstate::kInvalidName, "invalid name syntax");
}

// Reads one identifier and moves past it. False if there is none.
bool ReadIdentifier(std::string_view& text, std::string_view stops, std::string& name) {
  text = Trimmed(text);
  name.clear();
  if (text.empty()) return false;
  if (text[0] == '"') {
    text.remove_prefix(1);
    while (true) {
      size_t quote = text.find('"');
      if (quote == std::string_view::npos) return false;
      name += text.substr(0, quote);
      text.remove_prefix(quote + 1);
      if (text.empty() || text[0] != '"') break;
      name += '"';
      text.remove_prefix(1);
    }
  } else {
    while (!text.empty() && !IsSpace(text[0]) && stops.find(text[0]) == std::string_view::npos) {
      char c = text[0];
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      text.remove_prefix(1);
    }
  }
  text = Trimmed(text);
  return !name.empty();
}

// Recorded names that have no index of their own: (table, column, oid) once a process.
Oid FindRecorded(const base::Tsv& rows, std::string_view column, std::string_view name) {
  for (size_t i = 0; i < rows.row_count(); ++i) {
    if (rows.Text(i, column) == name) return static_cast<Oid>(rows.Number(i, "oid"));
  }
  return kInvalidOid;
}

std::string RecordedName(const base::Tsv& rows, std::string_view column, Oid oid) {
  for (size_t i = 0; i < rows.row_count(); ++i) {
    if (rows.Number(i, "oid") == oid) return types::QuoteIdentifier(rows.Text(i, column));
  }
  return "";
}

// What is said of a name that is not there.
SqlError MissingError(Oid type, std::string_view text) {
  auto named = [&](base::SqlState state, std::string_view kind) {
    return SqlError(state, fmt::format("{} \"{}\" does not exist", kind, text));
  };
  switch (type) {
    case oids::kRegclass: return named(sqlstate::kUndefinedTable, "relation");
    case oids::kRegtype: return named(sqlstate::kUndefinedObject, "type");
    case oids::kRegproc:
    case oids::kRegprocedure: return named(sqlstate::kUndefinedFunction, "function");
    case oids::kRegnamespace: return named(sqlstate::kUndefinedSchema, "schema");
    case oids::kRegrole: return named(sqlstate::kUndefinedObject, "role");
    case oids::kRegconfig: return named(sqlstate::kUndefinedObject, "text search configuration");
    case oids::kRegdictionary: return named(sqlstate::kUndefinedObject, "text search dictionary");
    case oids::kRegcollation:
      return SqlError(sqlstate::kUndefinedObject,
                      fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist", text));
    default:
      return SqlError(sqlstate::kUndefinedFunction,
                      fmt::format("operator does not exist: {}", text));
  }
}

struct SqlTypeName {
  std::string_view words;
  Oid type;
};
constexpr SqlTypeName kSqlTypeNames[] = {
    {"bigint", oids::kInt8},
    {"bit varying", oids::kVarbit},
    {"boolean", oids::kBool},
    {"char", oids::kBpchar},
    {"char varying", oids::kVarchar},
    {"character", oids::kBpchar},
    {"character varying", oids::kVarchar},
    {"dec", oids::kNumeric},
    {"decimal", oids::kNumeric},
    {"double precision", oids::kFloat8},
    {"float", oids::kFloat8},
    {"int", oids::kInt4},
    {"integer", oids::kInt4},
    {"national character", oids::kBpchar},
    {"national character varying", oids::kVarchar},
    {"real", oids::kFloat4},
    {"smallint", oids::kInt2},
    {"time with time zone", oids::kTimetz},
    {"time without time zone", oids::kTime},
    {"timestamp with time zone", oids::kTimestamptz},
    {"timestamp without time zone", oids::kTimestamp},
};

}  // namespace

std::vector<std::string> SplitQualifiedName(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  while (true) {
    if (!ReadIdentifier(text, ".", part)) ThrowSyntax();
    parts.push_back(part);
    if (text.empty()) return parts;
    if (text[0] != '.') ThrowSyntax();
    text.remove_prefix(1);
  }
}

bool SplitIdentifierList(std::string_view text, std::vector<std::string>& names) {
  names.clear();
  text = Trimmed(text);
  if (text.empty()) return true;
  std::string name;
  while (true) {
    bool quoted = !text.empty() && text[0] == '"';
    if (!ReadIdentifier(text, ",", name) && !quoted) return false;
    names.push_back(name);
    if (text.empty()) return true;
    if (text[0] != ',') return false;
    text.remove_prefix(1);
    text = Trimmed(text);
  }
}

CatalogNames::Name CatalogNames::ParseName(std::string_view text) const {
  std::vector<std::string> parts = SplitQualifiedName(text);
  if (parts.size() > 3) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("improper qualified name (too many dotted names): {}", text));
  }
  Name name;
  name.name = parts.back();
  if (parts.size() > 1) name.schema = parts[parts.size() - 2];
  return name;
}

int CatalogNames::Place(const Name& name, Oid schema) const {
  if (name.schema) {
    const SchemaDescriptor* wanted = catalog_.FindSchema(path_, *name.schema);
    return wanted != nullptr && wanted->oid == schema ? 0 : -1;
  }
  auto at = std::find(path_.schemas.begin(), path_.schemas.end(), schema);
  return at != path_.schemas.end() ? static_cast<int>(at - path_.schemas.begin()) : -1;
}

const Relation* CatalogNames::FindRelationNamed(const Name& name) const {
  if (!name.schema) return catalog_.FindRelation(path_, name.name);
  const SchemaDescriptor* schema = catalog_.FindSchema(path_, *name.schema);
  return schema != nullptr ? catalog_.FindRelation(schema->oid, name.name) : nullptr;
}

std::vector<const functions::ProcInfo*> CatalogNames::FindProcs(const Name& name) const {
  std::vector<const functions::ProcInfo*> found;
  for (const functions::ProcInfo* proc : catalog_.ProcsNamed(name.name)) {
    if (Place(name, proc->schema) >= 0) found.push_back(proc);
  }
  return found;
}

std::vector<Oid> CatalogNames::ParseArguments(std::string_view text) {
  std::vector<Oid> types;
  text = Trimmed(text);
  if (text.empty()) return types;
  while (true) {
    size_t end = 0;
    int depth = 0;
    bool quoted = false;
    while (end < text.size() && (quoted || depth > 0 || text[end] != ',')) {
      if (text[end] == '"') quoted = !quoted;
      if (!quoted && text[end] == '(') ++depth;
      if (!quoted && text[end] == ')') --depth;
      ++end;
    }
    std::string_view one = Trimmed(text.substr(0, end));
    if (one == "NONE" || one == "none" || one == "-") {
      types.push_back(kInvalidOid);
    } else {
      std::optional<SqlType> type = FindTypeName(one);
      if (!type) throw MissingError(oids::kRegtype, one);
      types.push_back(type->oid);
    }
    if (end == text.size()) return types;
    text.remove_prefix(end + 1);
  }
}

Oid CatalogNames::FindProcedure(std::string_view text) {
  size_t open = text.find('(');
  if (open == std::string_view::npos) {
    throw SqlError(sqlstate::kInvalidTextRepresentation, "expected a left parenthesis");
  }
  std::string_view rest = Trimmed(text.substr(open + 1));
  if (rest.empty() || rest.back() != ')') {
    throw SqlError(sqlstate::kInvalidTextRepresentation, "expected a right parenthesis");
  }
  rest.remove_suffix(1);
  std::vector<Oid> arguments = ParseArguments(rest);
  Name name = ParseName(text.substr(0, open));
  const functions::ProcInfo* best = nullptr;
  for (const functions::ProcInfo* proc : FindProcs(name)) {
    if (proc->argument_types != arguments) continue;
    if (best == nullptr || Place(name, proc->schema) < Place(name, best->schema)) best = proc;
  }
  return best != nullptr ? best->oid : kInvalidOid;
}

Oid CatalogNames::FindOperatorNamed(std::string_view text, bool with_types) {
  std::vector<Oid> arguments;
  std::string_view name = Trimmed(text);
  if (with_types) {
    size_t open = text.find('(');
    if (open == std::string_view::npos) {
      throw SqlError(sqlstate::kInvalidTextRepresentation, "expected a left parenthesis");
    }
    std::string_view rest = Trimmed(text.substr(open + 1));
    if (rest.empty() || rest.back() != ')') {
      throw SqlError(sqlstate::kInvalidTextRepresentation, "expected a right parenthesis");
    }
    rest.remove_suffix(1);
    arguments = ParseArguments(rest);
    if (arguments.size() == 1) {
      throw SqlError(sqlstate::kUndefinedParameter, "missing argument")
          .Hint("Use NONE to denote the missing argument of a unary operator.");
    }
    if (arguments.size() != 2) {
      throw SqlError(sqlstate::kTooManyArguments, "too many arguments")
          .Hint("Provide two argument types for operator.");
    }
    name = Trimmed(text.substr(0, open));
  }
  size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) name = name.substr(dot + 1);
  const functions::OperatorInfo* found = nullptr;
  for (const functions::OperatorInfo* op : catalog_.OperatorsNamed(name)) {
    if (with_types && (op->left != arguments[0] || op->right != arguments[1])) continue;
    if (found != nullptr) {
      throw SqlError(sqlstate::kAmbiguousFunction,
                     fmt::format("more than one operator named {}", text));
    }
    found = op;
  }
  return found != nullptr ? found->oid : kInvalidOid;
}

std::optional<SqlType> CatalogNames::FindTypeName(std::string_view text) {
  text = Trimmed(text);
  bool array = false;
  while (text.ends_with("]")) {
    size_t open = text.rfind('[');
    if (open == std::string_view::npos) ThrowSyntax();
    array = true;
    text = Trimmed(text.substr(0, open));
  }
  // The modifier does not matter to an OID; it may stand before "with time zone".
  std::string bare(text);
  size_t open = bare.find('(');
  size_t close = bare.find(')', open == std::string::npos ? 0 : open);
  if (open != std::string::npos && close != std::string::npos && bare[0] != '"') {
    bare = bare.substr(0, open) + bare.substr(close + 1);
  }
  std::string words;
  for (char c : Trimmed(bare)) {
    if (IsSpace(c) && words.ends_with(' ')) continue;
    words += IsSpace(c) ? ' ' : (c >= 'A' && c <= 'Z') ? static_cast<char>(c + 32) : c;
  }
  const types::TypeInfo* type = nullptr;
  for (const SqlTypeName& row : kSqlTypeNames) {
    if (row.words == words) type = catalog_.FindType(row.type);
  }
  if (type == nullptr) {
    Name name = ParseName(bare);
    const SchemaDescriptor* schema =
        name.schema ? catalog_.FindSchema(path_, *name.schema) : nullptr;
    if (name.schema && schema == nullptr) return std::nullopt;
    type = schema != nullptr ? catalog_.FindType(schema->oid, name.name)
                             : catalog_.FindType(path_, name.name);
  }
  if (type == nullptr) return std::nullopt;
  if (array && !type->is_array()) type = catalog_.FindType(type->array);
  if (type == nullptr) return std::nullopt;
  return SqlType{type->oid, -1};
}

Oid CatalogNames::Find(Oid type, std::string_view text) {
  switch (type) {
    case oids::kRegclass: {
      const Relation* relation = FindRelationNamed(ParseName(text));
      return relation != nullptr ? relation->oid : kInvalidOid;
    }
    case oids::kRegtype: {
      std::optional<SqlType> found = FindTypeName(text);
      return found ? found->oid : kInvalidOid;
    }
    case oids::kRegproc: {
      auto found = FindProcs(ParseName(text));
      if (found.size() > 1) {
        throw SqlError(sqlstate::kAmbiguousFunction,
                       fmt::format("more than one function named \"{}\"", text));
      }
      return found.empty() ? kInvalidOid : found[0]->oid;
    }
    case oids::kRegprocedure: return FindProcedure(text);
    case oids::kRegoper: return FindOperatorNamed(text, false);
    case oids::kRegoperator: return FindOperatorNamed(text, true);
    case oids::kRegnamespace: {
      const SchemaDescriptor* schema = catalog_.FindSchema(ParseName(text).name);
      return schema != nullptr ? schema->oid : kInvalidOid;
    }
    case oids::kRegrole: {
      const RoleDescriptor* role = catalog_.FindRole(ParseName(text).name);
      return role != nullptr ? role->oid : kInvalidOid;
    }
    case oids::kRegcollation: {
      const CollationInfo* found = BuiltinObjects::Get().FindCollation(ParseName(text).name);
      return found != nullptr ? found->oid : kInvalidOid;
    }
    case oids::kRegconfig:
      return FindRecorded(embedded::TsConfig(), "cfgname", ParseName(text).name);
    case oids::kRegdictionary:
      return FindRecorded(embedded::TsDict(), "dictname", ParseName(text).name);
    default: return kInvalidOid;
  }
}

Oid CatalogNames::Resolve(Oid type, std::string_view text) {
  Oid found = Find(type, text);
  if (found == kInvalidOid) throw MissingError(type, text);
  return found;
}

std::string CatalogNames::NameOf(Oid type, Oid object) {
  switch (type) {
    case oids::kRegclass: {
      const Relation* relation = catalog_.FindRelation(object);
      return relation != nullptr ? RelationName(catalog_, &path_, *relation) : "";
    }
    case oids::kRegtype:
      return catalog_.FindType(object) != nullptr ? TypeName(catalog_, &path_, {object, -1}) : "";
    case oids::kRegproc:
    case oids::kRegprocedure: {
      const functions::ProcInfo* proc = catalog_.FindProc(object);
      if (proc == nullptr) return "";
      if (type == oids::kRegprocedure) return FunctionSignature(catalog_, &path_, *proc);
      // The bare name only if it means this one alone.
      bool alone = FindProcs({std::nullopt, proc->name}).size() == 1;
      return FunctionName(catalog_, alone ? &path_ : nullptr, *proc);
    }
    case oids::kRegoper:
    case oids::kRegoperator: {
      const functions::OperatorInfo* op = catalog_.FindOperator(object);
      if (op == nullptr) return "";
      if (type == oids::kRegoper) {
        bool alone = catalog_.OperatorsNamed(op->name).size() == 1;
        return alone ? op->name
                     : types::QuoteIdentifier(catalog_.FindSchema(op->schema)->name) + "." +
                           op->name;
      }
      auto operand = [&](Oid t) {
        return t == kInvalidOid ? std::string("NONE") : TypeName(catalog_, &path_, {t, -1});
      };
      return op->name + "(" + operand(op->left) + "," + operand(op->right) + ")";
    }
    case oids::kRegnamespace: {
      const SchemaDescriptor* schema = catalog_.FindSchema(object);
      return schema != nullptr ? types::QuoteIdentifier(schema->name) : "";
    }
    case oids::kRegrole: {
      const RoleDescriptor* role = catalog_.FindRole(object);
      return role != nullptr ? types::QuoteIdentifier(role->name) : "";
    }
    case oids::kRegcollation: {
      const CollationInfo* found = BuiltinObjects::Get().FindCollation(object);
      return found != nullptr ? types::QuoteIdentifier(found->name) : "";
    }
    case oids::kRegconfig: return RecordedName(embedded::TsConfig(), "cfgname", object);
    case oids::kRegdictionary: return RecordedName(embedded::TsDict(), "dictname", object);
    default: return "";
  }
}

}  // namespace sundog::catalog
