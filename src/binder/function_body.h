// The body of a function in LANGUAGE SQL: its arguments as names, and what its last statement gives
// made to fit the function's result. Follows PostgreSQL's executor/functions.c.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "binder/bind.h"
#include "binder/type_facts.h"
#include "catalog/descriptors.h"
#include "functions/proc.h"

namespace sundog::parser {
struct RawStatement;
}

namespace sundog::binder {

// name, function.name, and fields of both. A column of the query has the name first.
class FunctionArguments final : public VariableResolver {
 public:
  // The function must outlive this; its arguments' types are those of the call.
  explicit FunctionArguments(const functions::ProcInfo& proc) : proc_(proc) {}

  std::optional<Variable> Resolve(std::span<const std::string> names) override;
  Conflict conflict() const override { return Conflict::kColumn; }

 private:
  const functions::ProcInfo& proc_;
};

// The body's text: its string, or what the catalog keeps of RETURN and BEGIN ATOMIC, where all
// names are qualified and errors have no place.
struct BodyText {
  std::string sql;
  bool is_stored = false;
};
BodyText BodyTextOf(const catalog::FunctionDescriptor& function, const catalog::Catalog& catalog);
// What pg_get_function_sqlbody answers; for one whose body is a string, nothing.
std::string DeparseFunctionBody(const catalog::FunctionDescriptor& function, BindContext& context);

// What the function's last statement has to give. Polymorphic types must be those of a call.
FunctionResult ResultOf(const functions::ProcInfo& proc, const TypeFacts& types);

// True of what PostgreSQL analyses, and not only runs.
bool IsAnalysed(const parser::RawStatement& statement);

// 42P13 for types that SQL functions do not take and give.
void CheckFunctionTypes(const functions::ProcInfo& proc, const TypeFacts& types);
bool HasPolymorphicArguments(const functions::ProcInfo& proc);
// What CREATE FUNCTION finds wrong with a body. Errors are located in its text.
void CheckFunctionBody(const functions::ProcInfo& proc, const BodyText& body, BindContext& context);
// What may not be a statement of one: 0A000.
void CheckBodyStatement(const BoundStatement& statement);
// For the statements of a stored body.
void SeeQualifiedNamesOnly(BindContext& context);
// Nothing returns rows: 42P13 unless the function returns void.
void CheckHasResult(const functions::ProcInfo& proc, const TypeFacts& types,
                    const parser::RawStatement* last);

// Where the byte `location` of a string is in the statement that has the string as a literal; -1 if
// it has no such literal, or several.
int LocationInLiteral(std::string_view string, int location, std::string_view statement);

}  // namespace sundog::binder
