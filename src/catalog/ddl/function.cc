// CREATE [OR REPLACE] FUNCTION and PROCEDURE.
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/sql_error.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/default_acl.h"
#include "catalog/extensions.h"
#include "catalog/names.h"
#include "catalog/type_infos.h"

namespace sundog::catalog::ddl {

namespace {

std::vector<Oid> InputTypes(const FunctionDescriptor& function) {
  std::vector<Oid> types;
  for (const FunctionArgument& argument : function.arguments) {
    if (functions::IsInputMode(argument.mode)) types.push_back(argument.type);
  }
  return types;
}

const FunctionDescriptor* FindSame(const Catalog& catalog, const FunctionDescriptor& function) {
  std::vector<Oid> inputs = InputTypes(function);
  for (const auto& candidate : catalog.contents().functions) {
    if (candidate->schema == function.schema && candidate->name == function.name &&
        InputTypes(*candidate) == inputs) {
      return candidate.get();
    }
  }
  return nullptr;
}

SqlError Duplicate(const FunctionDescriptor& function) {
  return SqlError(sqlstate::kDuplicateFunction,
                  fmt::format("function \"{}\" already exists with same argument types",
                              function.name));
}

// An extension's functions are none of the descriptors.
void CheckIsNoMember(const Catalog& catalog, const FunctionSpec& spec) {
  const FunctionDescriptor& function = spec.descriptor;
  std::vector<Oid> inputs = InputTypes(function);
  for (const functions::ProcInfo* proc : catalog.ProcsNamed(function.name)) {
    if (proc->schema != function.schema || proc->argument_types != inputs) continue;
    const ExtensionDescriptor* extension = ExtensionOf(catalog, proc->oid);
    if (extension == nullptr) continue;
    if (!spec.replace) throw Duplicate(function);
    base::ThrowNotSupported(fmt::format("replacing function \"{}\" of extension \"{}\"",
                                        function.name, extension->name));
  }
}

std::string DropHint(const CatalogWriter& writer, const FunctionDescriptor& old) {
  const functions::ProcInfo* proc = writer.catalog().FindProc(old.oid);
  return fmt::format("Use DROP {} {} first.", old.kind == 'p' ? "PROCEDURE" : "FUNCTION",
                     FunctionSignature(writer.catalog(), &writer.search_path(), *proc));
}

// Names and types of what OUT and TABLE parameters make the result of.
std::vector<std::pair<std::string, Oid>> ResultColumns(const FunctionDescriptor& function) {
  std::vector<std::pair<std::string, Oid>> columns;
  for (const FunctionArgument& argument : function.arguments) {
    if (argument.mode == 'i' || argument.mode == 'v') continue;
    columns.emplace_back(argument.name, argument.type);
  }
  return columns;
}

void CheckReplacement(const CatalogWriter& writer, const FunctionDescriptor& old,
                      const FunctionDescriptor& next) {
  auto fail = [&](base::SqlState state, std::string message) {
    throw SqlError(state, std::move(message)).Hint(DropHint(writer, old));
  };
  if (old.kind != next.kind) {
    throw SqlError(sqlstate::kWrongObjectType, "cannot change routine kind")
        .Detail(fmt::format("\"{}\" is a {}.", old.name,
                            old.kind == 'p' ? "procedure" : "function"));
  }
  if (old.result_type != next.result_type || old.returns_set != next.returns_set) {
    fail(sqlstate::kInvalidFunctionDefinition,
         old.kind == 'p' ? "cannot change whether a procedure has output parameters"
                         : "cannot change return type of existing function");
  }
  if (old.result_type == types::oids::kRecord && ResultColumns(old) != ResultColumns(next)) {
    throw SqlError(sqlstate::kInvalidFunctionDefinition,
                   "cannot change return type of existing function")
        .Detail("Row type defined by OUT parameters is different.")
        .Hint(DropHint(writer, old));
  }
  size_t old_defaults = 0;
  size_t new_defaults = 0;
  for (size_t i = 0; i < old.arguments.size() && i < next.arguments.size(); ++i) {
    const FunctionArgument& before = old.arguments[i];
    const FunctionArgument& after = next.arguments[i];
    if (!before.name.empty() && before.name != after.name && before.mode == after.mode) {
      fail(sqlstate::kInvalidFunctionDefinition,
           fmt::format("cannot change name of input parameter \"{}\"", before.name));
    }
    old_defaults += before.default_value ? 1 : 0;
    new_defaults += after.default_value ? 1 : 0;
  }
  if (new_defaults < old_defaults) {
    fail(sqlstate::kInvalidFunctionDefinition,
         "cannot remove parameter defaults from existing function");
  }
}

}  // namespace

Oid CreateFunction(CatalogWriter& writer, const FunctionSpec& spec) {
  FunctionDescriptor function = spec.descriptor;
  CheckMayCreateIn(writer, function.schema);
  CheckIsNoMember(writer.catalog(), spec);
  if (const FunctionDescriptor* old = FindSame(writer.catalog(), function)) {
    if (!spec.replace) throw Duplicate(function);
    CheckOwns(writer, old->owner, old->kind == 'p' ? "procedure" : "function", old->name);
    CheckReplacement(writer, *old, function);
    function.oid = old->oid;
    function.owner = old->owner;
    function.acl = old->acl;
  } else {
    function.oid = writer.NewOid(function.schema);
    function.owner = writer.role();
    function.acl = AclOfNewObject(writer.catalog(), AclObject::kFunction, function.owner,
                                  function.schema);
  }
  Oid oid = function.oid;
  writer.Put(std::move(function));
  return oid;
}

}  // namespace sundog::catalog::ddl
