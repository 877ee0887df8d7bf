// How descriptors are kept as bytes.
//
// A value is a version byte and a record:
//
//   value   = format version (1 byte, kDescriptorFormat) · record
//   record  = field*
//   field   = tag (1 byte, never reused) · length (varint) · payload
//
//   payload of an integer, enum, char     zigzag varint
//              a bool                     1 byte, 0 or 1
//              a float, double            4, 8 bytes, little-endian
//              a string                   its bytes
//              a struct                   record
//              an optional                absent field if empty, else as the value
//              a list                     (length (varint) · payload of the element)*
//
// varint: 7 bits a byte, lowest first, high bit set on all but the last.
// Example: schema {oid 16384, name "s", owner 10} with default privileges is
//   01 | 01 03 80 80 02 | 02 01 73 | 03 01 14
//
// Invariants:
//  1. A field that is zero, empty or false may be left out; reading gives that default.
//  2. A reader skips tags it does not know, so fields can be added without a new format.
//  3. Another format version, a truncated record or a malformed field is XX001.
#pragma once

#include <string>
#include <string_view>

#include "catalog/descriptors.h"

namespace sundog::catalog {

inline constexpr char kDescriptorFormat = 1;

// Instantiated for all descriptor structs of catalog/catalog.h's CatalogContents, and Job.
template <typename Descriptor>
std::string EncodeDescriptor(const Descriptor& descriptor);
template <typename Descriptor>
Descriptor DecodeDescriptor(std::string_view bytes);

}  // namespace sundog::catalog
