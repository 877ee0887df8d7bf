// Keys of records, ranges, multiranges and bit strings (see key_codec.h). Each is made as bytes
// that compare as the values do and then escaped as bytea is, so that it ends itself.
//
//   record      each field: 01 value, or 02 null; ended by 03; nulls at the end are left out
//   range       00 empty; 01, then the lower bound: 00 none, or 01, value, 00 inclusive or 01
//               exclusive; then the upper bound: 01, value, 00 exclusive or 01 inclusive, or 02
//               none
//   multirange  each range as above, but with 01 for its first byte; ended by 00
//   bit         the bits' bytes, escaped, then their number as u32
#pragma once

#include <string>
#include <string_view>

#include "types/type_info.h"

namespace sundog::codec {

// What lies within must be able to be a key: 0A000 otherwise.
void AppendRecordKey(const types::TypeLookup& types, std::string_view record, std::string& to);
// `type` is a range's or a multirange's.
void AppendRangeKey(const types::TypeLookup& types, types::Oid type, std::string_view bytes,
                    std::string& to);
void AppendBitsKey(std::string_view bits, std::string& to);

}  // namespace sundog::codec
