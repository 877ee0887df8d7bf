// Changing one place of a jsonb document, as jsonb_set, jsonb_insert, #- and subscript assignment
// do.
#pragma once

#include <optional>
#include <span>

#include "functions/function.h"
#include "types/jsonb.h"

namespace sundog::functions {

enum class JsonbChange : uint8_t {
  kReplace,       // only where the path exists
  kCreate,        // or add the last key or element
  kInsertBefore,  // into arrays; into objects only new keys
  kInsertAfter,
  kDelete,
  kAssign,  // subscript assignment: creates the whole path and fills gaps of arrays with null
};

// Path steps are texts; null ones are refused (22004). `value` is ignored when deleting.
std::string_view ChangeJsonb(types::Jsonb document, std::span<const Datum> path,
                             types::Jsonb value, JsonbChange change, base::Arena& arena);

// document['a'][0] with steps as text; nullopt where there is nothing or a step is null.
std::optional<types::Jsonb> FollowJsonb(types::Jsonb document, std::span<const Datum> path);

// document['a'][0] = value. A null document begins as an empty array if the first subscript is an
// integer, else as an empty object; a null value is JSON's null. Null steps are refused (22004).
std::string_view AssignJsonb(const Datum& document, std::span<const Datum> path,
                             bool first_is_integer, const Datum& value, base::Arena& arena);

}  // namespace sundog::functions
