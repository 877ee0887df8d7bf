#include "types/jsonb.h"

#include <cstring>

#include "base/bytes.h"
#include "types/json_lexer.h"
#include "types/numeric.h"

namespace sundog::types {

int Jsonb::count() const {
  return static_cast<int>(base::LoadLittleEndian<uint32_t>(payload_.data()));
}

// Entry `i` of `entries`.
Jsonb Jsonb::Entry(int i, int entries) const {
  constexpr uint32_t kEnd = 0x0fffffff;
  const char* directory = payload_.data() + 4;
  auto entry = base::LoadLittleEndian<uint32_t>(directory + 4 * static_cast<size_t>(i));
  uint32_t begin =
      i == 0 ? 0
             : base::LoadLittleEndian<uint32_t>(directory + 4 * static_cast<size_t>(i - 1)) & kEnd;
  const char* data = directory + 4 * static_cast<size_t>(entries);
  return {static_cast<JsonbTag>(entry >> 28),
          std::string_view(data + begin, (entry & kEnd) - begin)};
}

Jsonb Jsonb::Element(int i) const { return Entry(i, count()); }
std::string_view Jsonb::Key(int i) const { return Entry(i, 2 * count()).payload(); }
Jsonb Jsonb::Value(int i) const {
  int n = count();
  return Entry(n + i, 2 * n);
}

int Jsonb::FindKey(std::string_view key) const {
  int low = 0;
  int high = count();
  while (low < high) {
    int middle = low + (high - low) / 2;
    std::string_view at = Key(middle);
    bool less = at.size() != key.size() ? at.size() < key.size() : at < key;
    if (less) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count() && Key(low) == key ? low : -1;
}

std::optional<Jsonb> Jsonb::Find(std::string_view key) const {
  int at = FindKey(key);
  if (at < 0) return std::nullopt;
  return Value(at);
}

std::string_view Jsonb::Copy(base::Arena& arena) const {
  char* to = arena.AllocateBytes(payload_.size() + 1);
  to[0] = static_cast<char>(tag_);
  if (!payload_.empty()) std::memcpy(to + 1, payload_.data(), payload_.size());
  return {to, payload_.size() + 1};
}

namespace {

int Sign(int64_t x) { return x < 0 ? -1 : x > 0 ? 1 : 0; }

// null < string < number < boolean < array < object
int Rank(Jsonb value) {
  JsonbTag tag = value.tag() == JsonbTag::kTrue ? JsonbTag::kFalse : value.tag();
  return static_cast<int>(tag);
}

}  // namespace

int CompareJsonbValues(Jsonb a, Jsonb b) {
  if (Rank(a) != Rank(b)) return Sign(Rank(a) - Rank(b));
  switch (a.tag()) {
    case JsonbTag::kNull: return 0;
    case JsonbTag::kString: return Sign(a.string().compare(b.string()));
    case JsonbTag::kNumber: return CompareNumeric(a.number(), b.number());
    case JsonbTag::kFalse:
    case JsonbTag::kTrue: return Sign(int{a.boolean()} - int{b.boolean()});
    default: break;
  }
  int count = a.count();
  if (count != b.count()) return Sign(count - b.count());
  for (int i = 0; i < count; ++i) {
    int order;
    if (a.is_array()) {
      order = CompareJsonbValues(a.Element(i), b.Element(i));
    } else {
      order = Sign(a.Key(i).compare(b.Key(i)));
      if (order == 0) order = CompareJsonbValues(a.Value(i), b.Value(i));
    }
    if (order != 0) return order;
  }
  return 0;
}

int CompareJsonb(Jsonb a, Jsonb b) {
  // PostgreSQL keeps a scalar document as an array of one, so that at the root an empty array
  // comes before every scalar.
  if (a.is_scalar() && b.is_array()) return b.count() == 0 ? 1 : -1;
  if (a.is_array() && b.is_scalar()) return a.count() == 0 ? -1 : 1;
  return CompareJsonbValues(a, b);
}

uint64_t HashJsonb(Jsonb value) {
  constexpr uint64_t kMultiplier = 0xff51afd7ed558ccdu;
  auto mix = [](uint64_t hash, uint64_t item) {
    hash = (hash ^ item) * kMultiplier;
    return hash ^ (hash >> 32);
  };
  uint64_t hash = mix(0x9e3779b97f4a7c15u, static_cast<uint64_t>(Rank(value)));
  auto bytes = [&](std::string_view text) {
    return std::hash<std::string_view>()(text);
  };
  switch (value.tag()) {
    case JsonbTag::kNull: return hash;
    case JsonbTag::kString: return mix(hash, bytes(value.string()));
    case JsonbTag::kNumber: return mix(hash, HashNumeric(value.number()));
    case JsonbTag::kFalse:
    case JsonbTag::kTrue: return mix(hash, value.boolean() ? 2 : 1);
    case JsonbTag::kArray:
      for (int i = 0; i < value.count(); ++i) hash = mix(hash, HashJsonb(value.Element(i)));
      return hash;
    case JsonbTag::kObject:
      for (int i = 0; i < value.count(); ++i) {
        hash = mix(mix(hash, bytes(value.Key(i))), HashJsonb(value.Value(i)));
      }
      return hash;
  }
  return hash;
}

namespace {

bool ContainsValue(Jsonb a, Jsonb b);

// Every element of `b` is in `a`: a scalar as an equal one, a container inside one.
bool ArrayContains(Jsonb a, Jsonb b) {
  for (int i = 0; i < b.count(); ++i) {
    Jsonb wanted = b.Element(i);
    bool found = false;
    for (int k = 0; k < a.count() && !found; ++k) found = ContainsValue(a.Element(k), wanted);
    if (!found) return false;
  }
  return true;
}

bool ContainsValue(Jsonb a, Jsonb b) {
  if (b.is_scalar()) return a.is_scalar() && CompareJsonbValues(a, b) == 0;
  if (a.tag() != b.tag()) return false;
  if (b.is_array()) return ArrayContains(a, b);
  if (a.count() < b.count()) return false;
  for (int i = 0; i < b.count(); ++i) {
    std::optional<Jsonb> value = a.Find(b.Key(i));
    if (!value.has_value() || !ContainsValue(*value, b.Value(i))) return false;
  }
  return true;
}

}  // namespace

bool JsonbContains(Jsonb a, Jsonb b) {
  // At the root, and only there, an array contains a bare scalar.
  if (a.is_array() && b.is_scalar()) {
    for (int i = 0; i < a.count(); ++i) {
      if (ContainsValue(a.Element(i), b)) return true;
    }
    return false;
  }
  return ContainsValue(a, b);
}

}  // namespace sundog::types
