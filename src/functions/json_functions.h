// The families of json, jsonb and jsonpath functions.
#pragma once

namespace sundog::functions {

class Implementations;

void RegisterJsonExtractFunctions(Implementations& table);
void RegisterJsonMakeFunctions(Implementations& table);
void RegisterJsonPopulateFunctions(Implementations& table);
void RegisterJsonbCompareFunctions(Implementations& table);
void RegisterJsonbModifyFunctions(Implementations& table);
void RegisterJsonPathFunctions(Implementations& table);

}  // namespace sundog::functions
