// The families of system functions: each registers its table of implementations.
#pragma once

#include <string>
#include <string_view>

#include "base/sql_error.h"
#include "catalog/statement_services.h"
#include "functions/implementations.h"
#include "functions/kernel.h"

namespace sundog::catalog {

using functions::CallContext;
using functions::Kernel;
using functions::Nullable;
using functions::ScalarEntry;

void RegisterDefinitionFunctions(functions::Implementations& table);
void RegisterNameFunctions(functions::Implementations& table);
void RegisterVisibilityFunctions(functions::Implementations& table);
void RegisterPrivilegeFunctions(functions::Implementations& table);
void RegisterSessionFunctions(functions::Implementations& table);
void RegisterSequenceFunctions(functions::Implementations& table);
void RegisterSizeFunctions(functions::Implementations& table);
void RegisterPropertyFunctions(functions::Implementations& table);
void RegisterSysFunctions(functions::Implementations& table);

inline functions::StatementServices& ServicesOf(CallContext& call) {
  CHECK(call.environment().services != nullptr);
  return *call.environment().services;
}
inline const Catalog& CatalogOf(CallContext& call) { return *ServicesOf(call).catalog(); }
inline std::string_view Keep(CallContext& call, std::string_view text) {
  return call.arena().Copy(text);
}

}  // namespace sundog::catalog
