// The input, output and send functions of types as SQL can call them: float8send(1),
// int4in('5'), varcharin('abc', 0, 7). Each is the operation of the type that its signature names.
#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"

namespace sundog::functions {

namespace {

// Text in, the result's type out; a third argument is the modifier. A null input is null.
void Input(CallContext& call, std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  const types::TypeInfo& type = call.result_type_info();
  rows.ForEach([&](size_t row) {
    if (arguments[0]->IsNull(row)) return out.SetNull(row);
    int32_t typmod = arguments.size() > 2 ? arguments[2]->At<int32_t>(row) : -1;
    std::string_view text = arguments[0]->At<std::string_view>(row);
    out.SetDatum(row, types::InputText(call.io(), {type.oid, typmod}, text, call.arena()));
  });
}

void Output(CallContext& call, std::span<const Vector* const> arguments, RowSet rows,
            Vector& out) {
  const types::TypeInfo& type = call.argument_type_info(0);
  rows.ForEach([&](size_t row) {
    std::string text;
    types::OutputText(call.io(), type, arguments[0]->DatumAt(row), text);
    out.Set(row, call.arena().Copy(text));
  });
}

void Send(CallContext& call, std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  const types::TypeInfo& type = call.argument_type_info(0);
  types::RequireSend(call.types(), type);
  rows.ForEach([&](size_t row) {
    std::string wire;
    type.ops->send(call.io(), type, arguments[0]->DatumAt(row), wire);
    out.Set(row, call.arena().Copy(wire));
  });
}

// clang-format off
constexpr ScalarEntry kEntries[] = {
    {"bit_in", Input}, {"boolin", Input}, {"box_in", Input}, {"bpcharin", Input},
    {"byteain", Input}, {"cash_in", Input}, {"charin", Input}, {"cidin", Input}, {"cidr_in", Input},
    {"circle_in", Input}, {"date_in", Input}, {"float4in", Input}, {"float8in", Input},
    {"inet_in", Input}, {"int2in", Input}, {"int2vectorin", Input}, {"int4in", Input},
    {"int8in", Input}, {"interval_in", Input}, {"json_in", Input}, {"jsonb_in", Input},
    {"jsonpath_in", Input}, {"line_in", Input}, {"lseg_in", Input}, {"macaddr8_in", Input},
    {"macaddr_in", Input}, {"namein", Input}, {"numeric_in", Input}, {"oidin", Input},
    {"oidvectorin", Input}, {"path_in", Input}, {"pg_lsn_in", Input}, {"point_in", Input},
    {"poly_in", Input}, {"regclassin", Input}, {"regcollationin", Input}, {"regconfigin", Input},
    {"regdictionaryin", Input}, {"regnamespacein", Input}, {"regoperatorin", Input},
    {"regoperin", Input}, {"regprocedurein", Input}, {"regprocin", Input}, {"regrolein", Input},
    {"regtypein", Input}, {"textin", Input}, {"tidin", Input}, {"time_in", Input},
    {"timestamp_in", Input}, {"timestamptz_in", Input}, {"timetz_in", Input}, {"tsqueryin", Input},
    {"tsvectorin", Input}, {"uuid_in", Input}, {"varbit_in", Input}, {"varcharin", Input},
    {"xid8in", Input}, {"xidin", Input},
    {"bit_out", Output}, {"boolout", Output}, {"box_out", Output}, {"bpcharout", Output},
    {"byteaout", Output}, {"cash_out", Output}, {"charout", Output}, {"cidout", Output},
    {"cidr_out", Output}, {"circle_out", Output}, {"date_out", Output}, {"float4out", Output},
    {"float8out", Output}, {"inet_out", Output}, {"int2out", Output}, {"int2vectorout", Output},
    {"int4out", Output}, {"int8out", Output}, {"interval_out", Output}, {"json_out", Output},
    {"jsonb_out", Output}, {"jsonpath_out", Output}, {"line_out", Output}, {"lseg_out", Output},
    {"macaddr8_out", Output}, {"macaddr_out", Output}, {"nameout", Output}, {"numeric_out", Output},
    {"oidout", Output}, {"oidvectorout", Output}, {"path_out", Output}, {"pg_lsn_out", Output},
    {"point_out", Output}, {"poly_out", Output}, {"regclassout", Output},
    {"regcollationout", Output}, {"regconfigout", Output}, {"regdictionaryout", Output},
    {"regnamespaceout", Output}, {"regoperatorout", Output}, {"regoperout", Output},
    {"regprocedureout", Output}, {"regprocout", Output}, {"regroleout", Output},
    {"regtypeout", Output}, {"textout", Output}, {"tidout", Output}, {"time_out", Output},
    {"timestamp_out", Output}, {"timestamptz_out", Output}, {"timetz_out", Output},
    {"tsqueryout", Output}, {"tsvectorout", Output}, {"uuid_out", Output}, {"varbit_out", Output},
    {"varcharout", Output}, {"xid8out", Output}, {"xidout", Output},
    {"bit_send", Send}, {"boolsend", Send}, {"box_send", Send}, {"bpcharsend", Send},
    {"byteasend", Send}, {"cash_send", Send}, {"charsend", Send}, {"cidr_send", Send},
    {"cidsend", Send}, {"circle_send", Send}, {"date_send", Send}, {"float4send", Send},
    {"float8send", Send}, {"inet_send", Send}, {"int2send", Send}, {"int2vectorsend", Send},
    {"int4send", Send}, {"int8send", Send}, {"interval_send", Send}, {"json_send", Send},
    {"jsonb_send", Send}, {"jsonpath_send", Send}, {"line_send", Send}, {"lseg_send", Send},
    {"macaddr8_send", Send}, {"macaddr_send", Send}, {"namesend", Send}, {"numeric_send", Send},
    {"oidsend", Send}, {"oidvectorsend", Send}, {"path_send", Send}, {"pg_lsn_send", Send},
    {"point_send", Send}, {"poly_send", Send}, {"regclasssend", Send}, {"regcollationsend", Send},
    {"regconfigsend", Send}, {"regdictionarysend", Send}, {"regnamespacesend", Send},
    {"regoperatorsend", Send}, {"regopersend", Send}, {"regproceduresend", Send},
    {"regprocsend", Send}, {"regrolesend", Send}, {"regtypesend", Send}, {"textsend", Send},
    {"tidsend", Send}, {"time_send", Send}, {"timestamp_send", Send}, {"timestamptz_send", Send},
    {"timetz_send", Send}, {"tsquerysend", Send}, {"tsvectorsend", Send}, {"uuid_send", Send},
    {"varbit_send", Send}, {"varcharsend", Send}, {"xid8send", Send}, {"xidsend", Send},
};
// clang-format on

}  // namespace

void RegisterTypeIoFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
