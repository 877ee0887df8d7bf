#include "functions/array_functions.h"

#include "functions/families.h"

namespace sundog::functions {

void RegisterArrayFunctions(Implementations& table) {
  RegisterArrayBuildFunctions(table);
  RegisterArraySearchFunctions(table);
  RegisterVectorTypeFunctions(table);
}

}  // namespace sundog::functions
