#include "types/wire_reader.h"

#include "base/sql_error.h"

namespace sundog::types {

void ThrowShortMessage() {
  throw SqlError(sqlstate::kProtocolViolation, "insufficient data left in message");
}

void ThrowBadBinaryFormat() {
  throw SqlError(sqlstate::kInvalidBinaryRepresentation, "incorrect binary data format");
}

}  // namespace sundog::types
