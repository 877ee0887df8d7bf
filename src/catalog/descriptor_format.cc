#include "catalog/descriptor_format.h"

#include <array>
#include <type_traits>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "catalog/jobs.h"

namespace sundog::catalog {

namespace {

[[noreturn]] void ThrowCorrupted() {
  throw SqlError(sqlstate::kDataCorrupted, "catalog row is malformed");
}

void AppendVarint(std::string& to, uint64_t value) {
  while (value >= 0x80) {
    to += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  to += static_cast<char>(value);
}

uint64_t ReadVarint(std::string_view& from) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (from.empty()) ThrowCorrupted();
    auto byte = static_cast<uint8_t>(from[0]);
    from.remove_prefix(1);
    value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  ThrowCorrupted();
}

std::string_view ReadBlock(std::string_view& from) {
  uint64_t size = ReadVarint(from);
  if (size > from.size()) ThrowCorrupted();
  std::string_view block = from.substr(0, size);
  from.remove_prefix(size);
  return block;
}

template <typename T>
concept Scalar = std::is_integral_v<T> || std::is_enum_v<T>;
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

class Writer {
 public:
  explicit Writer(std::string& to) : to_(&to) {}

  template <typename T>
  void operator()(uint8_t tag, const T& value) {
    if constexpr (IsOptional<T>::value) {
      if (value.has_value()) Field(tag, *value);
    } else if (!IsDefault(value)) {
      Field(tag, value);
    }
  }

 private:
  template <typename T>
  static bool IsDefault(const T& value) {
    if constexpr (Scalar<T> || std::is_floating_point_v<T>) {
      return value == T{};
    } else if constexpr (IsVector<T>::value || std::is_same_v<T, std::string>) {
      return value.empty();
    } else {
      return false;
    }
  }
  template <typename T>
  void Field(uint8_t tag, const T& value) {
    to_->push_back(static_cast<char>(tag));
    Block(*to_, value);
  }
  template <typename T>
  static void Block(std::string& to, const T& value) {
    std::string payload;
    Payload(payload, value);
    AppendVarint(to, payload.size());
    to += payload;
  }
  template <typename T>
  static void Payload(std::string& to, const T& value);

  std::string* to_;
};

class Reader {
 public:
  explicit Reader(std::string_view record) {
    while (!record.empty()) {
      auto tag = static_cast<uint8_t>(record[0]);
      record.remove_prefix(1);
      fields_[tag] = ReadBlock(record);
      present_[tag] = true;
    }
  }

  template <typename T>
  void operator()(uint8_t tag, T& value) {
    if (present_[tag]) {
      Payload(fields_[tag], value);
    } else {
      value = T{};
    }
  }

 private:
  template <typename T>
  static void Payload(std::string_view from, T& value);

  std::array<std::string_view, 256> fields_;
  std::array<bool, 256> present_ = {};
};

// --- the fields of each struct; tags are part of the format ---

template <typename V>
void Fields(V& v, ObjectAddress& a) {
  v(1, a.class_oid), v(2, a.object), v(3, a.sub_object);
}
template <typename V>
void Fields(V& v, SqlType& t) {
  int64_t typmod = t.typmod + 1;  // so that "none" is the default
  v(1, t.oid), v(2, typmod);
  t.typmod = static_cast<int32_t>(typmod - 1);
}
template <typename V>
void Fields(V& v, StoredExpression& e) {
  v(1, e.sql), v(2, e.references);
}
template <typename V>
void Fields(V& v, AclItem& i) {
  v(1, i.grantee), v(2, i.grantor), v(3, i.privileges), v(4, i.grantable);
}
template <typename V>
void Fields(V& v, Acl& a) {
  bool set = !a.is_default;
  v(1, set), v(2, a.items);
  a.is_default = !set;
}
template <typename V>
void Fields(V& v, SchemaDescriptor& s) {
  v(1, s.oid), v(2, s.name), v(3, s.owner), v(4, s.acl);
}
template <typename V>
void Fields(V& v, ColumnDescriptor& c) {
  v(1, c.attnum), v(2, c.name), v(3, c.type), v(4, c.dimensions), v(5, c.collation);
  v(6, c.not_null), v(7, c.dropped), v(8, c.identity), v(9, c.generated);
  v(10, c.default_value), v(11, c.default_oid), v(12, c.missing_value), v(13, c.acl);
}
template <typename V>
void Fields(V& v, Job& j) {
  v(1, j.id), v(2, j.kind), v(3, j.status), v(4, j.dsql), v(5, j.table), v(6, j.object);
  v(7, j.object_name), v(8, j.details), v(9, j.error_state), v(10, j.error_message);
  v(11, j.error_detail), v(12, j.start_us), v(13, j.update_us);
  v(14, j.maintenance_memory_kb), v(15, j.statement_memory_kb);
}
template <typename V>
void Fields(V& v, IndexKey& k) {
  v(1, k.attnum), v(2, k.expression), v(3, k.type), v(4, k.collation), v(5, k.opclass);
  v(6, k.descending), v(7, k.nulls_first);
}
template <typename V>
void Fields(V& v, IndexDescriptor& i) {
  v(1, i.oid), v(2, i.name), v(3, i.number), v(4, i.access_method), v(5, i.unique);
  v(6, i.primary), v(7, i.nulls_not_distinct), v(8, i.state), v(9, i.keys), v(10, i.included);
  v(11, i.predicate), v(12, i.constraint), v(13, i.options);
}
template <typename V>
void Fields(V& v, ConstraintDescriptor& c) {
  bool not_valid = !c.validated;
  v(1, c.oid), v(2, c.name), v(3, c.kind), v(4, c.columns), v(5, c.deferrable);
  v(6, c.initially_deferred), v(7, not_valid), v(8, c.no_inherit), v(9, c.check);
  v(10, c.index), v(11, c.referenced_table), v(12, c.referenced_columns), v(13, c.match);
  v(14, c.on_delete), v(15, c.on_update), v(16, c.delete_set_columns);
  c.validated = !not_valid;
}
template <typename V>
void Fields(V& v, PolicyDescriptor& p) {
  bool restrictive = !p.permissive;
  v(1, p.oid), v(2, p.name), v(3, p.command), v(4, restrictive), v(5, p.roles);
  v(6, p.visible), v(7, p.writable);
  p.permissive = !restrictive;
}
template <typename V>
void Fields(V& v, TableDescriptor& t) {
  v(1, t.oid), v(2, t.name), v(3, t.schema), v(4, t.owner), v(5, t.row_type);
  v(6, t.row_array_type), v(7, t.persistence), v(8, t.on_commit), v(9, t.columns);
  v(10, t.indexes), v(11, t.constraints), v(12, t.storage_id), v(13, t.row_key_index);
  v(14, t.next_index_number), v(15, t.row_security), v(16, t.force_row_security);
  v(17, t.options), v(18, t.acl), v(19, t.policies);
}
template <typename V>
void Fields(V& v, ViewDescriptor& w) {
  v(1, w.oid), v(2, w.name), v(3, w.schema), v(4, w.owner), v(5, w.row_type);
  v(6, w.row_array_type), v(7, w.rule), v(8, w.persistence), v(9, w.columns);
  v(10, w.definition), v(11, w.options), v(12, w.acl);
}
template <typename V>
void Fields(V& v, SequenceDescriptor& s) {
  v(1, s.oid), v(2, s.name), v(3, s.schema), v(4, s.owner), v(5, s.persistence), v(6, s.type);
  v(7, s.start), v(8, s.increment), v(9, s.min_value), v(10, s.max_value), v(11, s.cache);
  v(12, s.cycle), v(13, s.owner_table), v(14, s.owner_column), v(15, s.identity);
  v(16, s.storage_id), v(17, s.acl);
}
template <typename V>
void Fields(V& v, EnumLabelDescriptor& l) {
  v(1, l.oid), v(2, l.sort_order), v(3, l.label);
}
template <typename V>
void Fields(V& v, EnumDescriptor& e) {
  v(1, e.oid), v(2, e.array_type), v(3, e.name), v(4, e.array_name), v(5, e.schema);
  v(6, e.owner), v(7, e.labels), v(8, e.acl);
}
template <typename V>
void Fields(V& v, DomainConstraintDescriptor& c) {
  bool not_valid = !c.validated;
  v(1, c.oid), v(2, c.name), v(3, not_valid), v(4, c.check);
  c.validated = !not_valid;
}
template <typename V>
void Fields(V& v, DomainDescriptor& d) {
  v(1, d.oid), v(2, d.array_type), v(3, d.name), v(4, d.array_name), v(5, d.schema);
  v(6, d.owner), v(7, d.base), v(8, d.dimensions), v(9, d.collation), v(10, d.not_null);
  v(11, d.default_value), v(12, d.constraints), v(13, d.acl);
}
template <typename V>
void Fields(V& v, CompositeDescriptor& c) {
  v(1, c.oid), v(2, c.relation), v(3, c.array_type), v(4, c.name), v(5, c.array_name);
  v(6, c.schema), v(7, c.owner), v(8, c.columns), v(9, c.acl);
}
template <typename V>
void Fields(V& v, FunctionArgument& a) {
  v(1, a.name), v(2, a.type), v(3, a.mode), v(4, a.default_value);
}
template <typename V>
void Fields(V& v, FunctionDescriptor& f) {
  v(1, f.oid), v(2, f.name), v(3, f.schema), v(4, f.owner), v(5, f.kind), v(6, f.language);
  v(7, f.source), v(8, f.arguments), v(9, f.result_type), v(10, f.returns_set), v(11, f.strict);
  v(12, f.volatility), v(13, f.parallel), v(14, f.security_definer), v(15, f.leakproof);
  v(16, f.cost), v(17, f.rows), v(18, f.settings), v(20, f.acl);
  v(21, f.return_value), v(22, f.is_atomic), v(23, f.atomic_body);
}
template <typename V>
void Fields(V& v, RoleMembership& m) {
  v(1, m.role), v(2, m.grantor), v(3, m.admin_option);
}
template <typename V>
void Fields(V& v, IamTrust& t) {
  v(1, t.oid), v(2, t.arn), v(3, t.grantor);
}
template <typename V>
void Fields(V& v, RoleDescriptor& r) {
  v(1, r.oid), v(2, r.name), v(3, r.superuser), v(4, r.inherit), v(5, r.create_role);
  v(6, r.create_database), v(7, r.login), v(8, r.replication), v(9, r.bypass_row_security);
  v(10, r.connection_limit), v(11, r.password), v(12, r.valid_until), v(13, r.member_of);
  v(15, r.iam_trusts);
}
template <typename V>
void Fields(V& v, ExtensionDescriptor& e) {
  v(1, e.oid), v(2, e.name), v(3, e.schema), v(4, e.owner), v(5, e.version), v(6, e.relocatable);
}
template <typename V>
void Fields(V& v, DefaultAclDescriptor& d) {
  v(1, d.oid), v(2, d.role), v(3, d.schema), v(4, d.object), v(5, d.acl);
}
template <typename V>
void Fields(V& v, SettingsDescriptor& s) {
  v(1, s.values);
}

// --- payloads ---

template <typename T>
void Writer::Payload(std::string& to, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    to += value ? '\1' : '\0';
  } else if constexpr (Scalar<T>) {
    auto number = static_cast<int64_t>(value);
    AppendVarint(to, (static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63));
  } else if constexpr (std::is_floating_point_v<T>) {
    base::AppendLittleEndian(to, value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    to += value;
  } else if constexpr (IsVector<T>::value) {
    for (const auto& element : value) Block(to, element);
  } else {
    T copy = value;
    Writer writer(to);
    Fields(writer, copy);
  }
}

template <typename T>
void Reader::Payload(std::string_view from, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (from.size() != 1) ThrowCorrupted();
    value = from[0] != 0;
  } else if constexpr (Scalar<T>) {
    uint64_t zigzag = ReadVarint(from);
    value = static_cast<T>(static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1));
  } else if constexpr (std::is_floating_point_v<T>) {
    if (from.size() != sizeof(T)) ThrowCorrupted();
    value = base::LoadLittleEndian<T>(from.data());
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = std::string(from);
  } else if constexpr (IsVector<T>::value) {
    value.clear();
    while (!from.empty()) Payload(ReadBlock(from), value.emplace_back());
  } else if constexpr (IsOptional<T>::value) {
    Payload(from, value.emplace());
  } else {
    Reader reader(from);
    Fields(reader, value);
  }
}

}  // namespace

template <typename Descriptor>
std::string EncodeDescriptor(const Descriptor& descriptor) {
  std::string bytes(1, kDescriptorFormat);
  Descriptor copy = descriptor;
  Writer writer(bytes);
  Fields(writer, copy);
  return bytes;
}

template <typename Descriptor>
Descriptor DecodeDescriptor(std::string_view bytes) {
  if (bytes.empty() || bytes[0] != kDescriptorFormat) ThrowCorrupted();
  Descriptor descriptor;
  Reader reader(bytes.substr(1));
  Fields(reader, descriptor);
  return descriptor;
}

#define SUNDOG_DESCRIPTOR_FORMAT(Descriptor)                  \
  template std::string EncodeDescriptor(const Descriptor&);   \
  template Descriptor DecodeDescriptor<Descriptor>(std::string_view);
SUNDOG_DESCRIPTOR_FORMAT(SchemaDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(TableDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(ViewDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(SequenceDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(EnumDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(DomainDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(CompositeDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(FunctionDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(RoleDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(ExtensionDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(DefaultAclDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(SettingsDescriptor)
SUNDOG_DESCRIPTOR_FORMAT(Acl)
SUNDOG_DESCRIPTOR_FORMAT(Job)
#undef SUNDOG_DESCRIPTOR_FORMAT

}  // namespace sundog::catalog
