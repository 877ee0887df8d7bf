#include "catalog/functions/families.h"

#include "catalog/system_functions.h"

namespace sundog::catalog {

void RegisterSystemFunctions() {
  static const bool registered = [] {
    functions::Implementations& table = functions::Implementations::Get();
    RegisterDefinitionFunctions(table);
    RegisterNameFunctions(table);
    RegisterVisibilityFunctions(table);
    RegisterPrivilegeFunctions(table);
    RegisterSessionFunctions(table);
    RegisterSequenceFunctions(table);
    RegisterSizeFunctions(table);
    RegisterPropertyFunctions(table);
    RegisterSysFunctions(table);
    return true;
  }();
  static_cast<void>(registered);
}

}  // namespace sundog::catalog
