// The SQLSTATE codes of PostgreSQL 15, by name. Source: PostgreSQL's documented error codes
// (appendix A); the condition names are the ones PL/pgSQL's EXCEPTION WHEN knows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sundog::base {

// Five characters of [0-9A-Z]; compares by value, cheap to copy.
class SqlState {
 public:
  constexpr SqlState() = default;
  explicit constexpr SqlState(std::string_view code) {
    for (int i = 0; i < 5; ++i) code_[i] = code[i];
  }
  constexpr std::string_view code() const { return {code_, 5}; }
  constexpr std::string_view error_class() const { return {code_, 2}; }
  friend constexpr bool operator==(const SqlState& a, const SqlState& b) {
    return a.code() == b.code();
  }

 private:
  char code_[5] = {'0', '0', '0', '0', '0'};
};

struct SqlStateName {
  std::string_view name;
  std::string_view code;
};

// All condition names with their codes; a name may stand for a whole class (code ends in "000").
std::span<const SqlStateName> SqlStateNames();

namespace sqlstate {

// clang-format off
inline constexpr SqlState kSuccessfulCompletion("00000");
inline constexpr SqlState kWarning("01000");
inline constexpr SqlState kWarningDynamicResultSetsReturned("0100C");
inline constexpr SqlState kWarningImplicitZeroBitPadding("01008");
inline constexpr SqlState kWarningNullValueEliminatedInSetFunction("01003");
inline constexpr SqlState kWarningPrivilegeNotGranted("01007");
inline constexpr SqlState kWarningPrivilegeNotRevoked("01006");
inline constexpr SqlState kWarningStringDataRightTruncation("01004");
inline constexpr SqlState kWarningDeprecatedFeature("01P01");
inline constexpr SqlState kNoData("02000");
inline constexpr SqlState kNoAdditionalDynamicResultSetsReturned("02001");
inline constexpr SqlState kSqlStatementNotYetComplete("03000");
inline constexpr SqlState kConnectionException("08000");
inline constexpr SqlState kConnectionDoesNotExist("08003");
inline constexpr SqlState kConnectionFailure("08006");
inline constexpr SqlState kSqlclientUnableToEstablishSqlconnection("08001");
inline constexpr SqlState kSqlserverRejectedEstablishmentOfSqlconnection("08004");
inline constexpr SqlState kTransactionResolutionUnknown("08007");
inline constexpr SqlState kProtocolViolation("08P01");
inline constexpr SqlState kTriggeredActionException("09000");
inline constexpr SqlState kFeatureNotSupported("0A000");
inline constexpr SqlState kInvalidTransactionInitiation("0B000");
inline constexpr SqlState kLocatorException("0F000");
inline constexpr SqlState kLEInvalidSpecification("0F001");
inline constexpr SqlState kInvalidGrantor("0L000");
inline constexpr SqlState kInvalidGrantOperation("0LP01");
inline constexpr SqlState kInvalidRoleSpecification("0P000");
inline constexpr SqlState kDiagnosticsException("0Z000");
inline constexpr SqlState kStackedDiagnosticsAccessedWithoutActiveHandler("0Z002");
inline constexpr SqlState kCaseNotFound("20000");
inline constexpr SqlState kCardinalityViolation("21000");
inline constexpr SqlState kDataException("22000");
inline constexpr SqlState kArrayElementError("2202E");
inline constexpr SqlState kArraySubscriptError("2202E");
inline constexpr SqlState kCharacterNotInRepertoire("22021");
inline constexpr SqlState kDatetimeFieldOverflow("22008");
inline constexpr SqlState kDatetimeValueOutOfRange("22008");
inline constexpr SqlState kDivisionByZero("22012");
inline constexpr SqlState kErrorInAssignment("22005");
inline constexpr SqlState kEscapeCharacterConflict("2200B");
inline constexpr SqlState kIndicatorOverflow("22022");
inline constexpr SqlState kIntervalFieldOverflow("22015");
inline constexpr SqlState kInvalidArgumentForLog("2201E");
inline constexpr SqlState kInvalidArgumentForNtile("22014");
inline constexpr SqlState kInvalidArgumentForNthValue("22016");
inline constexpr SqlState kInvalidArgumentForPowerFunction("2201F");
inline constexpr SqlState kInvalidArgumentForWidthBucketFunction("2201G");
inline constexpr SqlState kInvalidCharacterValueForCast("22018");
inline constexpr SqlState kInvalidDatetimeFormat("22007");
inline constexpr SqlState kInvalidEscapeCharacter("22019");
inline constexpr SqlState kInvalidEscapeOctet("2200D");
inline constexpr SqlState kInvalidEscapeSequence("22025");
inline constexpr SqlState kNonstandardUseOfEscapeCharacter("22P06");
inline constexpr SqlState kInvalidIndicatorParameterValue("22010");
inline constexpr SqlState kInvalidParameterValue("22023");
inline constexpr SqlState kInvalidPrecedingOrFollowingSize("22013");
inline constexpr SqlState kInvalidRegularExpression("2201B");
inline constexpr SqlState kInvalidRowCountInLimitClause("2201W");
inline constexpr SqlState kInvalidRowCountInResultOffsetClause("2201X");
inline constexpr SqlState kInvalidTablesampleArgument("2202H");
inline constexpr SqlState kInvalidTablesampleRepeat("2202G");
inline constexpr SqlState kInvalidTimeZoneDisplacementValue("22009");
inline constexpr SqlState kInvalidUseOfEscapeCharacter("2200C");
inline constexpr SqlState kMostSpecificTypeMismatch("2200G");
inline constexpr SqlState kNullValueNotAllowed("22004");
inline constexpr SqlState kNullValueNoIndicatorParameter("22002");
inline constexpr SqlState kNumericValueOutOfRange("22003");
inline constexpr SqlState kSequenceGeneratorLimitExceeded("2200H");
inline constexpr SqlState kStringDataLengthMismatch("22026");
inline constexpr SqlState kStringDataRightTruncation("22001");
inline constexpr SqlState kSubstringError("22011");
inline constexpr SqlState kTrimError("22027");
inline constexpr SqlState kUnterminatedCString("22024");
inline constexpr SqlState kZeroLengthCharacterString("2200F");
inline constexpr SqlState kFloatingPointException("22P01");
inline constexpr SqlState kInvalidTextRepresentation("22P02");
inline constexpr SqlState kInvalidBinaryRepresentation("22P03");
inline constexpr SqlState kBadCopyFileFormat("22P04");
inline constexpr SqlState kUntranslatableCharacter("22P05");
inline constexpr SqlState kDatumVersionMismatch("22P07");
inline constexpr SqlState kNotAnXmlDocument("2200L");
inline constexpr SqlState kInvalidXmlDocument("2200M");
inline constexpr SqlState kInvalidXmlContent("2200N");
inline constexpr SqlState kInvalidXmlComment("2200S");
inline constexpr SqlState kInvalidXmlProcessingInstruction("2200T");
inline constexpr SqlState kDuplicateJsonObjectKeyValue("22030");
inline constexpr SqlState kInvalidArgumentForSqlJsonDatetimeFunction("22031");
inline constexpr SqlState kInvalidJsonText("22032");
inline constexpr SqlState kInvalidSqlJsonSubscript("22033");
inline constexpr SqlState kMoreThanOneSqlJsonItem("22034");
inline constexpr SqlState kNoSqlJsonItem("22035");
inline constexpr SqlState kNonNumericSqlJsonItem("22036");
inline constexpr SqlState kNonUniqueKeysInAJsonObject("22037");
inline constexpr SqlState kSingletonSqlJsonItemRequired("22038");
inline constexpr SqlState kSqlJsonArrayNotFound("22039");
inline constexpr SqlState kSqlJsonMemberNotFound("2203A");
inline constexpr SqlState kSqlJsonNumberNotFound("2203B");
inline constexpr SqlState kSqlJsonObjectNotFound("2203C");
inline constexpr SqlState kTooManyJsonArrayElements("2203D");
inline constexpr SqlState kTooManyJsonObjectMembers("2203E");
inline constexpr SqlState kSqlJsonScalarRequired("2203F");
inline constexpr SqlState kSqlJsonItemCannotBeCastToTargetType("2203G");
inline constexpr SqlState kIntegrityConstraintViolation("23000");
inline constexpr SqlState kRestrictViolation("23001");
inline constexpr SqlState kNotNullViolation("23502");
inline constexpr SqlState kForeignKeyViolation("23503");
inline constexpr SqlState kUniqueViolation("23505");
inline constexpr SqlState kCheckViolation("23514");
inline constexpr SqlState kExclusionViolation("23P01");
inline constexpr SqlState kInvalidCursorState("24000");
inline constexpr SqlState kInvalidTransactionState("25000");
inline constexpr SqlState kActiveSqlTransaction("25001");
inline constexpr SqlState kBranchTransactionAlreadyActive("25002");
inline constexpr SqlState kHeldCursorRequiresSameIsolationLevel("25008");
inline constexpr SqlState kInappropriateAccessModeForBranchTransaction("25003");
inline constexpr SqlState kInappropriateIsolationLevelForBranchTransaction("25004");
inline constexpr SqlState kNoActiveSqlTransactionForBranchTransaction("25005");
inline constexpr SqlState kReadOnlySqlTransaction("25006");
inline constexpr SqlState kSchemaAndDataStatementMixingNotSupported("25007");
inline constexpr SqlState kNoActiveSqlTransaction("25P01");
inline constexpr SqlState kInFailedSqlTransaction("25P02");
inline constexpr SqlState kIdleInTransactionSessionTimeout("25P03");
inline constexpr SqlState kInvalidSqlStatementName("26000");
inline constexpr SqlState kTriggeredDataChangeViolation("27000");
inline constexpr SqlState kInvalidAuthorizationSpecification("28000");
inline constexpr SqlState kInvalidPassword("28P01");
inline constexpr SqlState kDependentPrivilegeDescriptorsStillExist("2B000");
inline constexpr SqlState kDependentObjectsStillExist("2BP01");
inline constexpr SqlState kInvalidTransactionTermination("2D000");
inline constexpr SqlState kSqlRoutineException("2F000");
inline constexpr SqlState kSREFunctionExecutedNoReturnStatement("2F005");
inline constexpr SqlState kSREModifyingSqlDataNotPermitted("2F002");
inline constexpr SqlState kSREProhibitedSqlStatementAttempted("2F003");
inline constexpr SqlState kSREReadingSqlDataNotPermitted("2F004");
inline constexpr SqlState kInvalidCursorName("34000");
inline constexpr SqlState kExternalRoutineException("38000");
inline constexpr SqlState kEREContainingSqlNotPermitted("38001");
inline constexpr SqlState kEREModifyingSqlDataNotPermitted("38002");
inline constexpr SqlState kEREProhibitedSqlStatementAttempted("38003");
inline constexpr SqlState kEREReadingSqlDataNotPermitted("38004");
inline constexpr SqlState kExternalRoutineInvocationException("39000");
inline constexpr SqlState kERIEInvalidSqlstateReturned("39001");
inline constexpr SqlState kERIENullValueNotAllowed("39004");
inline constexpr SqlState kERIETriggerProtocolViolated("39P01");
inline constexpr SqlState kERIESrfProtocolViolated("39P02");
inline constexpr SqlState kERIEEventTriggerProtocolViolated("39P03");
inline constexpr SqlState kSavepointException("3B000");
inline constexpr SqlState kSEInvalidSpecification("3B001");
inline constexpr SqlState kInvalidCatalogName("3D000");
inline constexpr SqlState kInvalidSchemaName("3F000");
inline constexpr SqlState kTransactionRollback("40000");
inline constexpr SqlState kTRIntegrityConstraintViolation("40002");
inline constexpr SqlState kTRSerializationFailure("40001");
inline constexpr SqlState kTRStatementCompletionUnknown("40003");
inline constexpr SqlState kTRDeadlockDetected("40P01");
inline constexpr SqlState kSyntaxErrorOrAccessRuleViolation("42000");
inline constexpr SqlState kSyntaxError("42601");
inline constexpr SqlState kInsufficientPrivilege("42501");
inline constexpr SqlState kCannotCoerce("42846");
inline constexpr SqlState kGroupingError("42803");
inline constexpr SqlState kWindowingError("42P20");
inline constexpr SqlState kInvalidRecursion("42P19");
inline constexpr SqlState kInvalidForeignKey("42830");
inline constexpr SqlState kInvalidName("42602");
inline constexpr SqlState kNameTooLong("42622");
inline constexpr SqlState kReservedName("42939");
inline constexpr SqlState kDatatypeMismatch("42804");
inline constexpr SqlState kIndeterminateDatatype("42P18");
inline constexpr SqlState kCollationMismatch("42P21");
inline constexpr SqlState kIndeterminateCollation("42P22");
inline constexpr SqlState kWrongObjectType("42809");
inline constexpr SqlState kGeneratedAlways("428C9");
inline constexpr SqlState kUndefinedColumn("42703");
inline constexpr SqlState kUndefinedCursor("34000");
inline constexpr SqlState kUndefinedDatabase("3D000");
inline constexpr SqlState kUndefinedFunction("42883");
inline constexpr SqlState kUndefinedPstatement("26000");
inline constexpr SqlState kUndefinedSchema("3F000");
inline constexpr SqlState kUndefinedTable("42P01");
inline constexpr SqlState kUndefinedParameter("42P02");
inline constexpr SqlState kUndefinedObject("42704");
inline constexpr SqlState kDuplicateColumn("42701");
inline constexpr SqlState kDuplicateCursor("42P03");
inline constexpr SqlState kDuplicateDatabase("42P04");
inline constexpr SqlState kDuplicateFunction("42723");
inline constexpr SqlState kDuplicatePstatement("42P05");
inline constexpr SqlState kDuplicateSchema("42P06");
inline constexpr SqlState kDuplicateTable("42P07");
inline constexpr SqlState kDuplicateAlias("42712");
inline constexpr SqlState kDuplicateObject("42710");
inline constexpr SqlState kAmbiguousColumn("42702");
inline constexpr SqlState kAmbiguousFunction("42725");
inline constexpr SqlState kAmbiguousParameter("42P08");
inline constexpr SqlState kAmbiguousAlias("42P09");
inline constexpr SqlState kInvalidColumnReference("42P10");
inline constexpr SqlState kInvalidColumnDefinition("42611");
inline constexpr SqlState kInvalidCursorDefinition("42P11");
inline constexpr SqlState kInvalidDatabaseDefinition("42P12");
inline constexpr SqlState kInvalidFunctionDefinition("42P13");
inline constexpr SqlState kInvalidPstatementDefinition("42P14");
inline constexpr SqlState kInvalidSchemaDefinition("42P15");
inline constexpr SqlState kInvalidTableDefinition("42P16");
inline constexpr SqlState kInvalidObjectDefinition("42P17");
inline constexpr SqlState kWithCheckOptionViolation("44000");
inline constexpr SqlState kInsufficientResources("53000");
inline constexpr SqlState kDiskFull("53100");
inline constexpr SqlState kOutOfMemory("53200");
inline constexpr SqlState kTooManyConnections("53300");
inline constexpr SqlState kConfigurationLimitExceeded("53400");
inline constexpr SqlState kProgramLimitExceeded("54000");
inline constexpr SqlState kStatementTooComplex("54001");
inline constexpr SqlState kTooManyColumns("54011");
inline constexpr SqlState kTooManyArguments("54023");
inline constexpr SqlState kObjectNotInPrerequisiteState("55000");
inline constexpr SqlState kObjectInUse("55006");
inline constexpr SqlState kCantChangeRuntimeParam("55P02");
inline constexpr SqlState kLockNotAvailable("55P03");
inline constexpr SqlState kUnsafeNewEnumValueUsage("55P04");
inline constexpr SqlState kOperatorIntervention("57000");
inline constexpr SqlState kQueryCanceled("57014");
inline constexpr SqlState kAdminShutdown("57P01");
inline constexpr SqlState kCrashShutdown("57P02");
inline constexpr SqlState kCannotConnectNow("57P03");
inline constexpr SqlState kDatabaseDropped("57P04");
inline constexpr SqlState kIdleSessionTimeout("57P05");
inline constexpr SqlState kSystemError("58000");
inline constexpr SqlState kIoError("58030");
inline constexpr SqlState kUndefinedFile("58P01");
inline constexpr SqlState kDuplicateFile("58P02");
inline constexpr SqlState kSnapshotTooOld("72000");
inline constexpr SqlState kConfigFileError("F0000");
inline constexpr SqlState kLockFileExists("F0001");
inline constexpr SqlState kFdwError("HV000");
inline constexpr SqlState kFdwColumnNameNotFound("HV005");
inline constexpr SqlState kFdwDynamicParameterValueNeeded("HV002");
inline constexpr SqlState kFdwFunctionSequenceError("HV010");
inline constexpr SqlState kFdwInconsistentDescriptorInformation("HV021");
inline constexpr SqlState kFdwInvalidAttributeValue("HV024");
inline constexpr SqlState kFdwInvalidColumnName("HV007");
inline constexpr SqlState kFdwInvalidColumnNumber("HV008");
inline constexpr SqlState kFdwInvalidDataType("HV004");
inline constexpr SqlState kFdwInvalidDataTypeDescriptors("HV006");
inline constexpr SqlState kFdwInvalidDescriptorFieldIdentifier("HV091");
inline constexpr SqlState kFdwInvalidHandle("HV00B");
inline constexpr SqlState kFdwInvalidOptionIndex("HV00C");
inline constexpr SqlState kFdwInvalidOptionName("HV00D");
inline constexpr SqlState kFdwInvalidStringLengthOrBufferLength("HV090");
inline constexpr SqlState kFdwInvalidStringFormat("HV00A");
inline constexpr SqlState kFdwInvalidUseOfNullPointer("HV009");
inline constexpr SqlState kFdwTooManyHandles("HV014");
inline constexpr SqlState kFdwOutOfMemory("HV001");
inline constexpr SqlState kFdwNoSchemas("HV00P");
inline constexpr SqlState kFdwOptionNameNotFound("HV00J");
inline constexpr SqlState kFdwReplyHandle("HV00K");
inline constexpr SqlState kFdwSchemaNotFound("HV00Q");
inline constexpr SqlState kFdwTableNotFound("HV00R");
inline constexpr SqlState kFdwUnableToCreateExecution("HV00L");
inline constexpr SqlState kFdwUnableToCreateReply("HV00M");
inline constexpr SqlState kFdwUnableToEstablishConnection("HV00N");
inline constexpr SqlState kPlpgsqlError("P0000");
inline constexpr SqlState kRaiseException("P0001");
inline constexpr SqlState kNoDataFound("P0002");
inline constexpr SqlState kTooManyRows("P0003");
inline constexpr SqlState kAssertFailure("P0004");
inline constexpr SqlState kInternalError("XX000");
inline constexpr SqlState kDataCorrupted("XX001");
inline constexpr SqlState kIndexCorrupted("XX002");
// clang-format on

}  // namespace sqlstate
}  // namespace sundog::base
