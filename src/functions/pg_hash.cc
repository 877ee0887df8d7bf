// hashtext(), hashint4() and kin: PostgreSQL's hash values, for programs that compute with them
// (advisory lock keys, sharding). Inside, joins hash with types/hash.h.
//
// The function is Bob Jenkins' lookup3 (public domain, 2006) as PostgreSQL seeds it.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/numeric_var.h"
#include "types/text_type.h"

namespace sundog::functions {

namespace {

using std::string_view;

struct HashState {
  uint32_t a;
  uint32_t b;
  uint32_t c;

  explicit HashState(size_t length) {
    a = b = c = 0x9e3779b9u + static_cast<uint32_t>(length) + 3923095u;
  }

  void Seed(uint64_t seed) {
    if (seed == 0) return;
    a += static_cast<uint32_t>(seed >> 32);
    b += static_cast<uint32_t>(seed);
    Mix();
  }

  void Mix() {
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }

  uint64_t Finish() {
    c ^= b, c -= std::rotl(b, 14);
    a ^= c, a -= std::rotl(c, 11);
    b ^= a, b -= std::rotl(a, 25);
    c ^= b, c -= std::rotl(b, 16);
    a ^= c, a -= std::rotl(c, 4);
    b ^= a, b -= std::rotl(a, 14);
    c ^= b, c -= std::rotl(b, 24);
    return static_cast<uint64_t>(b) << 32 | c;
  }
};

uint32_t LoadWord(const char* from) {
  uint32_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

uint64_t HashOf(string_view bytes, uint64_t seed) {
  HashState state(bytes.size());
  state.Seed(seed);
  for (; bytes.size() >= 12; bytes.remove_prefix(12)) {
    state.a += LoadWord(bytes.data());
    state.b += LoadWord(bytes.data() + 4);
    state.c += LoadWord(bytes.data() + 8);
    state.Mix();
  }
  // The last word's lowest byte is reserved for the length.
  char tail[13] = {};
  size_t head = std::min<size_t>(bytes.size(), 8);
  bytes.copy(tail, head);
  if (bytes.size() > 8) bytes.substr(8).copy(tail + 9, 3);
  state.a += LoadWord(tail);
  state.b += LoadWord(tail + 4);
  state.c += LoadWord(tail + 8);
  return state.Finish();
}

uint64_t HashOf(uint32_t word, uint64_t seed) {
  HashState state(sizeof(word));
  state.Seed(seed);
  state.a += word;
  return state.Finish();
}

// Each type's value as what is hashed.
uint32_t Int2Word(int16_t value) { return static_cast<uint32_t>(int32_t{value}); }
uint32_t Int4Word(int32_t value) { return static_cast<uint32_t>(value); }
uint32_t OidWord(uint32_t value) { return value; }
uint32_t CharWord(char value) { return static_cast<uint32_t>(int32_t{static_cast<int8_t>(value)}); }

// Equal to the hash of the same value as int4.
uint32_t Int8Word(int64_t value) {
  auto low = static_cast<uint32_t>(value);
  auto high = static_cast<uint32_t>(value >> 32);
  return low ^ (value >= 0 ? high : ~high);
}

template <typename T, uint32_t (*Word)(T)>
int32_t HashWord(T value) {
  return static_cast<int32_t>(static_cast<uint32_t>(HashOf(Word(value), 0)));
}
template <typename T, uint32_t (*Word)(T)>
int64_t HashWordExtended(T value, int64_t seed) {
  return static_cast<int64_t>(HashOf(Word(value), static_cast<uint64_t>(seed)));
}

string_view Same(string_view bytes) { return bytes; }

template <string_view (*Prepare)(string_view)>
int32_t HashText(string_view text) {
  return static_cast<int32_t>(static_cast<uint32_t>(HashOf(Prepare(text), 0)));
}
template <string_view (*Prepare)(string_view)>
int64_t HashTextExtended(string_view text, int64_t seed) {
  return static_cast<int64_t>(HashOf(Prepare(text), static_cast<uint64_t>(seed)));
}

string_view WithoutBlanks(string_view text) { return types::TrimBlanksRight(text); }

// Zeros of both signs hash as 0 (extended: as the seed), NaNs as one.
template <typename T>
uint64_t HashFloat(T value, uint64_t seed) {
  auto wide = static_cast<double>(value);
  if (wide == 0) return seed;
  if (std::isnan(wide)) wide = std::numeric_limits<double>::quiet_NaN();
  char bytes[sizeof(double)];
  std::memcpy(bytes, &wide, sizeof(bytes));
  return HashOf(string_view(bytes, sizeof(bytes)), seed);
}

template <typename T>
int32_t HashFloatPlain(T value) {
  return static_cast<int32_t>(static_cast<uint32_t>(HashFloat(value, 0)));
}
template <typename T>
int64_t HashFloatExtended(T value, int64_t seed) {
  return static_cast<int64_t>(HashFloat(value, static_cast<uint64_t>(seed)));
}

string_view UuidBytes(const types::Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes), sizeof(uuid.bytes)};
}
int32_t HashUuid(types::Uuid uuid) { return HashText<Same>(UuidBytes(uuid)); }
int64_t HashUuidExtended(types::Uuid uuid, int64_t seed) {
  return HashTextExtended<Same>(UuidBytes(uuid), seed);
}

// The digits as 16-bit integers, mixed with the weight.
uint64_t HashDigits(const types::NumericVar& var, uint64_t seed) {
  std::string digits;
  for (int32_t digit : var.digits) {
    auto digit16 = static_cast<int16_t>(digit);
    digits.append(reinterpret_cast<const char*>(&digit16), sizeof(digit16));
  }
  return HashOf(digits, seed);
}

int32_t HashNumericPlain(string_view numeric) {
  types::NumericView view(numeric);
  if (view.is_special()) return 0;
  types::NumericVar var = types::NumericVar::FromView(view);
  if (var.is_zero()) return -1;
  return static_cast<int32_t>(static_cast<uint32_t>(HashDigits(var, 0))) ^ var.weight;
}

int64_t HashNumericExtended(string_view numeric, int64_t seed) {
  types::NumericView view(numeric);
  if (view.is_special()) return seed;
  types::NumericVar var = types::NumericVar::FromView(view);
  if (var.is_zero()) return seed - 1;
  return static_cast<int64_t>(HashDigits(var, static_cast<uint64_t>(seed))) ^ var.weight;
}

#define SUNDOG_WORD_HASH(name, T, Word)                    \
  {name, Kernel<HashWord<T, Word>>}, {                     \
    name "extended", Kernel<HashWordExtended<T, Word>>     \
  }

constexpr ScalarEntry kEntries[] = {
    SUNDOG_WORD_HASH("hashint2", int16_t, Int2Word),
    SUNDOG_WORD_HASH("hashint4", int32_t, Int4Word),
    SUNDOG_WORD_HASH("hashint8", int64_t, Int8Word),
    SUNDOG_WORD_HASH("hashoid", uint32_t, OidWord),
    SUNDOG_WORD_HASH("hashenum", uint32_t, OidWord),
    SUNDOG_WORD_HASH("hashchar", char, CharWord),
    {"hashtext", Kernel<HashText<Same>>},
    {"hashtextextended", Kernel<HashTextExtended<Same>>},
    {"hashname", Kernel<HashText<Same>>},
    {"hashnameextended", Kernel<HashTextExtended<Same>>},
    {"hashbpchar", Kernel<HashText<WithoutBlanks>>},
    {"hashbpcharextended", Kernel<HashTextExtended<WithoutBlanks>>},
    {"hashfloat4", Kernel<HashFloatPlain<float>>},
    {"hashfloat4extended", Kernel<HashFloatExtended<float>>},
    {"hashfloat8", Kernel<HashFloatPlain<double>>},
    {"hashfloat8extended", Kernel<HashFloatExtended<double>>},
    {"uuid_hash", Kernel<HashUuid>},
    {"uuid_hash_extended", Kernel<HashUuidExtended>},
    {"hash_numeric", Kernel<HashNumericPlain>},
    {"hash_numeric_extended", Kernel<HashNumericExtended>},
};

}  // namespace

void RegisterHashFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
