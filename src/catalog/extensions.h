// The extensions that CREATE EXTENSION knows. Their objects ("members") are rows of the embedded
// tables like PostgreSQL's own, with OIDs of the extension's range: they cost a tenant nothing but
// the extension's own row. A catalog finds them by name and by OID, and shows them, while it has
// that row; they are in the schema that it names.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "catalog/object_address.h"

namespace sundog::catalog {

class Catalog;
struct ExtensionDescriptor;

struct ExtensionInfo {
  std::string_view name;
  std::string_view version;
  std::string_view comment;
  bool relocatable = false;
  // Whoever may create objects in the database may create it.
  bool trusted = false;
  // OIDs of its members, the last one excluded.
  Oid first_member = kInvalidOid;
  Oid end_member = kInvalidOid;

  bool has_members() const { return first_member != end_member; }
  bool Has(Oid oid) const { return oid >= first_member && oid < end_member; }
};

std::span<const ExtensionInfo> KnownExtensions();
// Null if there is none of that name.
const ExtensionInfo* FindExtension(std::string_view name);

// Of an object with the OID of an extension's member: the extension in this catalog; null if it is
// not there. Others: null.
const ExtensionDescriptor* ExtensionOf(const Catalog& catalog, Oid member);
// False of a member whose extension is not in this catalog: no name and no OID finds it.
bool IsThere(const Catalog& catalog, Oid builtin);

// Types and their array types, functions, operators, casts, access methods, operator classes and
// families.
std::vector<ObjectAddress> MembersOf(const ExtensionInfo& extension);

}  // namespace sundog::catalog
