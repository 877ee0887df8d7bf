// The families of array functions.
#pragma once

namespace sundog::functions {

class Implementations;

void RegisterArrayBuildFunctions(Implementations& table);
void RegisterArraySearchFunctions(Implementations& table);
void RegisterVectorTypeFunctions(Implementations& table);

}  // namespace sundog::functions
