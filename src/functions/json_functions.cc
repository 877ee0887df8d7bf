#include "functions/json_functions.h"

#include "functions/families.h"

namespace sundog::functions {

void RegisterJsonFunctions(Implementations& table) {
  RegisterJsonExtractFunctions(table);
  RegisterJsonMakeFunctions(table);
  RegisterJsonPopulateFunctions(table);
  RegisterJsonbCompareFunctions(table);
  RegisterJsonbModifyFunctions(table);
  RegisterJsonPathFunctions(table);
}

}  // namespace sundog::functions
