// Text and wire forms of ranges and multiranges.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/range.h"
#include "types/range_flags.h"
#include "types/wire_reader.h"

namespace sundog::types {

namespace {

constexpr std::string_view kEmptyWord = "empty";

bool StartsWithEmpty(std::string_view text) {
  return EqualsIgnoringCase(text.substr(0, kEmptyWord.size()), kEmptyWord);
}

// Reads "[lower,upper)" or "empty".
class RangeTextParser {
 public:
  explicit RangeTextParser(std::string_view text) : text_(text) {}

  struct Bound {
    bool infinite = false;
    bool inclusive = false;
    std::string text;
  };

  // False for the empty range.
  bool Parse(Bound* lower, Bound* upper) {
    SkipSpace();
    if (StartsWithEmpty(text_.substr(at_))) {
      at_ += kEmptyWord.size();
      SkipSpace();
      if (!AtEnd()) Fail("Junk after \"empty\" key word.");
      return false;
    }
    lower->inclusive = Accept('[');
    if (!lower->inclusive && !Accept('(')) Fail("Missing left parenthesis or bracket.");
    ParseBound(lower);
    if (!Accept(',')) Fail("Missing comma after lower bound.");
    ParseBound(upper);
    upper->inclusive = Accept(']');
    if (!upper->inclusive && !Accept(')')) Fail("Too many commas.");
    SkipSpace();
    if (!AtEnd()) Fail("Junk after right parenthesis or bracket.");
    return true;
  }

 private:
  [[noreturn]] void Fail(const char* detail) const {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("malformed range literal: \"{}\"", text_))
        .Detail(detail);
  }

  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool AtBoundary() const { return Peek() == ',' || Peek() == ')' || Peek() == ']'; }
  void SkipSpace() {
    while (IsSpace(Peek())) ++at_;
  }
  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  void ParseBound(Bound* bound) {
    bound->infinite = AtBoundary();
    bool quoted = false;
    while (quoted || !AtBoundary()) {
      if (AtEnd()) Fail("Unexpected end of input.");
      char c = text_[at_++];
      if (c == '\\') {
        if (AtEnd()) Fail("Unexpected end of input.");
        bound->text += text_[at_++];
      } else if (c == '"' && quoted && Peek() == '"') {
        bound->text += text_[at_++];
      } else if (c == '"') {
        quoted = !quoted;
      } else {
        bound->text += c;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

void AppendBoundText(const IoContext& io, const RangeAlgebra& algebra, const RangeBound& bound,
                     std::string& to) {
  if (bound.infinite) return;
  std::string text;
  OutputText(io, algebra.subtype(), bound.value, text);
  bool quote = text.empty();
  for (char c : text) {
    quote |= IsSpace(c) || std::string_view("\"\\()[],").find(c) != std::string_view::npos;
  }
  if (quote) to += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') to += c;
    to += c;
  }
  if (quote) to += '"';
}

void AppendRangeText(const IoContext& io, const RangeAlgebra& algebra, const Range& range,
                     std::string& to) {
  to += range.lower.inclusive ? '[' : '(';
  AppendBoundText(io, algebra, range.lower, to);
  to += ',';
  AppendBoundText(io, algebra, range.upper, to);
  to += range.upper.inclusive ? ']' : ')';
}

RangeAlgebra AlgebraOf(const TypeLookup& types, const TypeInfo& type) {
  const RangeInfo* info = FindRange(type.oid);
  CHECK(info != nullptr);
  return RangeAlgebra(types, *info);
}

RangeSet ParseRangeText(const IoContext& io, const RangeAlgebra& algebra, std::string_view text,
                        int32_t typmod, base::Arena& arena) {
  RangeTextParser::Bound lower, upper;
  if (!RangeTextParser(text).Parse(&lower, &upper)) return {};
  SqlType subtype{algebra.info().subtype, typmod};
  auto bound_of = [&](const RangeTextParser::Bound& parsed) {
    RangeBound bound{Datum(), parsed.infinite, parsed.inclusive, false};
    if (!parsed.infinite) bound.value = InputText(io, subtype, parsed.text, arena);
    return bound;
  };
  RangeBound lower_bound = bound_of(lower);
  return algebra.Make(lower_bound, bound_of(upper));
}

Datum InputRange(const IoContext& io, const TypeInfo& type, std::string_view text,
                 int32_t typmod, base::Arena& arena) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  RangeSet set = ParseRangeText(io, algebra, text, typmod, arena);
  return Datum::From<std::string_view>(algebra.Encode(set, arena));
}

void OutputRange(const IoContext& io, const TypeInfo& type, const Datum& value, std::string& to) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  RangeSet set = algebra.Decode(value.As<std::string_view>());
  if (set.empty()) {
    to += kEmptyWord;
  } else {
    AppendRangeText(io, algebra, set[0], to);
  }
}

// Splits "{[1,2),[5,6)}" into ranges and visits each as soon as it is read.
class MultirangeTextParser {
 public:
  explicit MultirangeTextParser(std::string_view text) : text_(text) {}

  template <typename Visit>
  void Parse(Visit visit) {
    SkipSpace();
    if (Peek() != '{') Fail("Missing left brace.");
    ++at_;
    SkipSpace();
    if (Peek() != '}') {
      do {
        SkipSpace();
        if (std::string_view range = TakeRange(); !range.empty()) visit(range);
        SkipSpace();
      } while (AcceptComma());
    }
    ++at_;
    SkipSpace();
    if (at_ < text_.size()) Fail("Junk after closing right brace.");
  }

 private:
  [[noreturn]] void Fail(const char* detail) const {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("malformed multirange literal: \"{}\"", text_))
        .Detail(detail);
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipSpace() {
    while (IsSpace(Peek())) ++at_;
  }
  char TakeOrFail() {
    if (at_ == text_.size()) Fail("Unexpected end of input.");
    return text_[at_++];
  }

  bool AcceptComma() {
    char c = TakeOrFail();
    if (c == ',') return true;
    if (c != '}') Fail("Expected comma or end of multirange.");
    --at_;
    return false;
  }

  // Nothing for the empty range.
  std::string_view TakeRange() {
    size_t begin = at_;
    char c = TakeOrFail();
    if (c != '[' && c != '(') {
      if (!StartsWithEmpty(text_.substr(begin))) Fail("Expected range start.");
      at_ = begin + kEmptyWord.size();
      return {};
    }
    bool quoted = false;
    while (true) {
      c = TakeOrFail();
      if (c == '\\') {
        TakeOrFail();
      } else if (c == '"' && quoted && Peek() == '"') {
        ++at_;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ']' || c == ')')) {
        break;
      }
    }
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  size_t at_ = 0;
};

Datum InputMultirange(const IoContext& io, const TypeInfo& type, std::string_view text,
                      int32_t typmod, base::Arena& arena) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  RangeSet set;
  MultirangeTextParser(text).Parse([&](std::string_view range_text) {
    RangeSet range = ParseRangeText(io, algebra, range_text, typmod, arena);
    set.insert(set.end(), range.begin(), range.end());
  });
  return Datum::From<std::string_view>(
      algebra.EncodeMulti(algebra.Normalize(std::move(set)), arena));
}

void OutputMultirange(const IoContext& io, const TypeInfo& type, const Datum& value,
                      std::string& to) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  to += '{';
  bool first = true;
  for (const Range& range : algebra.DecodeMulti(value.As<std::string_view>())) {
    if (!first) to += ',';
    first = false;
    AppendRangeText(io, algebra, range, to);
  }
  to += '}';
}

// Wire form of a range: the flags, then each bound with a length before it.
RangeSet ReceiveOne(const IoContext& io, const RangeAlgebra& algebra, std::string_view bytes,
                    int32_t typmod, base::Arena& arena) {
  WireReader reader(bytes);
  uint8_t flags = static_cast<uint8_t>(reader.Read<int8_t>());
  auto bound_of = [&](uint8_t infinite, uint8_t inclusive) {
    RangeBound bound;
    bound.infinite = (flags & infinite) != 0;
    bound.inclusive = (flags & inclusive) != 0;
    if (!bound.infinite && (flags & kRangeEmpty) == 0) {
      uint32_t length = reader.Read<uint32_t>();
      const TypeInfo& subtype = algebra.subtype();
      bound.value = subtype.ops->receive(io, subtype, reader.ReadBytes(length), typmod, arena);
    }
    return bound;
  };
  RangeBound lower = bound_of(kRangeLowerInfinite, kRangeLowerInclusive);
  RangeBound upper = bound_of(kRangeUpperInfinite, kRangeUpperInclusive);
  reader.Finish();
  if ((flags & kRangeEmpty) != 0) return {};
  return algebra.Make(lower, upper);
}

void SendOne(const IoContext& io, const RangeAlgebra& algebra, const RangeSet& set,
             std::string& to) {
  to += static_cast<char>(RangeFlagsOf(set));
  if (set.empty()) return;
  for (const RangeBound* bound : {&set[0].lower, &set[0].upper}) {
    if (bound->infinite) continue;
    std::string bytes;
    algebra.subtype().ops->send(io, algebra.subtype(), bound->value, bytes);
    base::AppendBigEndian<uint32_t>(to, static_cast<uint32_t>(bytes.size()));
    to += bytes;
  }
}

Datum ReceiveRange(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                   int32_t typmod, base::Arena& arena) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  return Datum::From<std::string_view>(
      algebra.Encode(ReceiveOne(io, algebra, bytes, typmod, arena), arena));
}

void SendRange(const IoContext& io, const TypeInfo& type, const Datum& value, std::string& to) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  SendOne(io, algebra, algebra.Decode(value.As<std::string_view>()), to);
}

Datum ReceiveMultirange(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                        int32_t typmod, base::Arena& arena) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  WireReader reader(bytes);
  uint32_t count = reader.Read<uint32_t>();
  RangeSet set;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t length = reader.Read<uint32_t>();
    RangeSet range = ReceiveOne(io, algebra, reader.ReadBytes(length), typmod, arena);
    set.insert(set.end(), range.begin(), range.end());
  }
  reader.Finish();
  return Datum::From<std::string_view>(
      algebra.EncodeMulti(algebra.Normalize(std::move(set)), arena));
}

void SendMultirange(const IoContext& io, const TypeInfo& type, const Datum& value,
                    std::string& to) {
  RangeAlgebra algebra = AlgebraOf(*io.types, type);
  RangeSet set = algebra.DecodeMulti(value.As<std::string_view>());
  base::AppendBigEndian<uint32_t>(to, static_cast<uint32_t>(set.size()));
  for (const Range& range : set) {
    std::string bytes;
    SendOne(io, algebra, {range}, bytes);
    base::AppendBigEndian<uint32_t>(to, static_cast<uint32_t>(bytes.size()));
    to += bytes;
  }
}

template <bool kMulti>
RangeSet DecodeAny(const RangeAlgebra& algebra, const Datum& value) {
  std::string_view bytes = value.As<std::string_view>();
  return kMulti ? algebra.DecodeMulti(bytes) : algebra.Decode(bytes);
}

template <bool kMulti>
int CompareAny(const TypeLookup& types, const TypeInfo& type, const Datum& a, const Datum& b) {
  RangeAlgebra algebra = AlgebraOf(types, type);
  return algebra.Compare(DecodeAny<kMulti>(algebra, a), DecodeAny<kMulti>(algebra, b));
}

template <bool kMulti>
uint64_t HashAny(const TypeLookup& types, const TypeInfo& type, const Datum& value) {
  RangeAlgebra algebra = AlgebraOf(types, type);
  return algebra.Hash(DecodeAny<kMulti>(algebra, value));
}

constexpr TypeOps kRangeOps = {.input = InputRange,
                               .output = OutputRange,
                               .receive = ReceiveRange,
                               .send = SendRange,
                               .compare = CompareAny<false>,
                               .hash = HashAny<false>};

constexpr TypeOps kMultirangeOps = {.input = InputMultirange,
                                    .output = OutputMultirange,
                                    .receive = ReceiveMultirange,
                                    .send = SendMultirange,
                                    .compare = CompareAny<true>,
                                    .hash = HashAny<true>};

constexpr TypeOpsEntry kOps[] = {
    {oids::kInt4range, &kRangeOps},           {oids::kNumrange, &kRangeOps},
    {oids::kTsrange, &kRangeOps},             {oids::kTstzrange, &kRangeOps},
    {oids::kDaterange, &kRangeOps},           {oids::kInt8range, &kRangeOps},
    {oids::kInt4multirange, &kMultirangeOps}, {oids::kNummultirange, &kMultirangeOps},
    {oids::kTsmultirange, &kMultirangeOps},   {oids::kTstzmultirange, &kMultirangeOps},
    {oids::kDatemultirange, &kMultirangeOps}, {oids::kInt8multirange, &kMultirangeOps},
};

}  // namespace

void ParseBoundFlags(std::string_view flags, bool* lower_inclusive, bool* upper_inclusive) {
  bool valid = flags.size() == 2 && (flags[0] == '[' || flags[0] == '(') &&
               (flags[1] == ']' || flags[1] == ')');
  if (!valid) {
    throw SqlError(sqlstate::kSyntaxError, "invalid range bound flags")
        .Hint("Valid values are \"[]\", \"[)\", \"(]\", and \"()\".");
  }
  *lower_inclusive = flags[0] == '[';
  *upper_inclusive = flags[1] == ']';
}

std::span<const TypeOpsEntry> RangeTypeOps() { return kOps; }

}  // namespace sundog::types
