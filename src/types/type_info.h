// What the server knows of a SQL type: its pg_type row and its operations.
//
// Built-in types come from the embedded builtin_types.tsv (recorded from PostgreSQL 15), with
// operations that the families register (types/families.h). Enum, domain and composite types are
// TypeInfos that the catalog makes. Whoever needs a type by OID asks a TypeLookup.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "types/datum.h"
#include "types/oids.h"
#include "types/sql_type.h"

namespace sundog::types {

struct TypeInfo;
struct IoSettings;

class TypeLookup {
 public:
  virtual ~TypeLookup() = default;
  // Null if there is no such type.
  virtual const TypeInfo* FindType(Oid oid) const = 0;
  // As FindType, but its absence is our bug or a dropped type: throws XX000 `cache lookup failed…`.
  const TypeInfo& GetType(Oid oid) const;
  // What a domain is of in the end, over other domains too; any other type is its own. Throws as
  // GetType.
  const TypeInfo& GetBaseType(Oid oid) const;
};

// Names for the reg* types; implemented over the catalog. The empty string for unknown OIDs.
class NameResolver {
 public:
  virtual ~NameResolver() = default;
  // `type` is one of oids::kRegclass, kRegproc, kRegprocedure, kRegoper, kRegoperator, kRegtype,
  // kRegnamespace, kRegrole, kRegcollation, kRegconfig, kRegdictionary. Input is not yet folded or
  // split at dots. Throws PostgreSQL's errors (42P01 `relation "x" does not exist`, …).
  virtual Oid Resolve(Oid type, std::string_view text) = 0;
  virtual std::string NameOf(Oid type, Oid object) = 0;
};

// The constraints of a domain, for values that come in as text or bytes; implemented over
// expressions.
class DomainChecker {
 public:
  virtual ~DomainChecker() = default;
  // Throws what violates one. `value`: of the domain's base type.
  virtual void Check(const TypeInfo& domain, const Datum& value) = 0;
};

// Everything a type's text and binary conversion may depend on.
struct IoContext {
  const TypeLookup* types = nullptr;
  const IoSettings* settings = nullptr;  // types/io_settings.h
  NameResolver* names = nullptr;         // null where no catalog is at hand
  DomainChecker* domains = nullptr;      // null where values have been checked before
};

// The operations of a type. Any may be null: such a type has no such operation.
// `type` is the type itself (element type, enum labels, fields are found through it).
struct TypeOps {
  // Text to value, applying `typmod` as an assignment cast would where PostgreSQL's input function
  // does (varchar(n) too long: 22001). Throws 22P02 `invalid input syntax for type …` and kin.
  // Varlen results lie in `arena`.
  Datum (*input)(const IoContext& io, const TypeInfo& type, std::string_view text, int32_t typmod,
                 base::Arena& arena) = nullptr;
  // Appends the text form.
  void (*output)(const IoContext& io, const TypeInfo& type, const Datum& value,
                 std::string& to) = nullptr;
  // Binary wire format; throws 08P01/22P03 on malformed bytes.
  Datum (*receive)(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                   int32_t typmod, base::Arena& arena) = nullptr;
  void (*send)(const IoContext& io, const TypeInfo& type, const Datum& value,
               std::string& to) = nullptr;
  // The default btree order: <0, 0, >0. Neither value is null.
  int (*compare)(const TypeLookup& types, const TypeInfo& type, const Datum& a,
                 const Datum& b) = nullptr;
  // Equal values (compare() == 0) hash alike.
  uint64_t (*hash)(const TypeLookup& types, const TypeInfo& type, const Datum& value) = nullptr;
  // `(10, 2)` as the strings "10", "2" to a typmod; throws 22023.
  int32_t (*typmod_in)(std::span<const std::string_view> arguments) = nullptr;
  // "(10,2)" for a typmod ≥ 0.
  std::string (*typmod_out)(int32_t typmod) = nullptr;
};

struct EnumLabel {
  Oid oid;
  float sort_order;
  std::string label;
};

struct CompositeField {
  std::string name;
  SqlType type;
};

struct TypeInfo {
  Oid oid = kInvalidOid;
  std::string name;  // pg_type.typname: "int4", "_int4"
  Oid schema = 11;   // OID of the schema; 11 is pg_catalog
  int16_t length = -1;
  bool by_value = false;
  char kind_code =
      'b';  // pg_type.typtype: b base, c composite, d domain, e enum, p pseudo, r range
  char category = 'U';
  bool preferred = false;
  char delimiter = ',';
  char align = 'i';
  char storage = 'p';
  Oid relation = kInvalidOid;   // of a composite type
  Oid element = kInvalidOid;    // pg_type.typelem
  Oid array = kInvalidOid;      // pg_type.typarray
  Oid base_type = kInvalidOid;  // of a domain
  int32_t base_typmod = -1;
  bool not_null = false;  // of a domain
  Oid collation = kInvalidOid;
  PhysicalKind physical = PhysicalKind::kVarlen;
  const TypeOps* ops = nullptr;  // never null once registered; members may be

  // Sorted by OID of the label.
  std::vector<EnumLabel> enum_labels;
  std::vector<CompositeField> fields;

  // A true array type (not a fixed-length or vector type that merely has an element type).
  // record[] is one, though a pseudo-type.
  bool is_array() const {
    return element != kInvalidOid && length == -1 && (category == 'A' || oid == oids::kRecordArray);
  }
};

// The built-in types. Lives for ever; safe from all threads.
class BuiltinTypes : public TypeLookup {
 public:
  static const BuiltinTypes& Get();
  const TypeInfo* FindType(Oid oid) const override;
  const TypeInfo* FindByName(std::string_view typname) const;
  std::span<const TypeInfo* const> all() const { return all_; }

  BuiltinTypes();

 private:
  std::vector<std::unique_ptr<TypeInfo>> owned_;
  std::vector<const TypeInfo*> by_oid_;  // sorted
  std::vector<const TypeInfo*> all_;
};

// How values of a built-in type lie in memory; `typtype` as in pg_type.
PhysicalKind PhysicalKindForType(Oid oid, char typtype, int16_t typlen);

// The SQL name as PostgreSQL's format_type() gives it: "character varying(10)", "integer[]".
// Without typmod if it is -1. Types outside pg_catalog by bare name: the caller qualifies.
std::string FormatType(const TypeLookup& types, SqlType type);

// Shortcuts that find the type's operation; throw 42883 naming the type where it has none.
Datum InputText(const IoContext& io, SqlType type, std::string_view text, base::Arena& arena);
void OutputText(const IoContext& io, const TypeInfo& type, const Datum& value, std::string& to);
// 42883 naming the type if it has no binary input, output.
void RequireReceive(const TypeLookup& types, const TypeInfo& type);
void RequireSend(const TypeLookup& types, const TypeInfo& type);

}  // namespace sundog::types
