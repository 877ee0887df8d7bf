#include "types/array_text.h"

#include <fmt/format.h>

#include <vector>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "types/array.h"
#include "types/domain_type.h"

namespace sundog::types {

namespace {

[[noreturn]] void ThrowMalformed(std::string_view text, std::string detail) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("malformed array literal: \"{}\"", text))
      .Detail(std::move(detail));
}

[[noreturn]] void ThrowTooManyDimensions(int count) {
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                             count, kMaxArrayDimensions));
}

// Reads the braces part of an array literal, `{…}`, into elements and axis lengths. An automaton:
// the state says what was last seen, and which characters may follow.
class BraceParser {
 public:
  BraceParser(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  struct Element {
    std::string text;
    bool quoted = false;
    int depth = 0;
  };

  void Parse() {
    do {
      if (at_ >= text_.size()) Fail("Unexpected end of input.");
      Step(text_[at_++]);
    } while (depth_ > 0);
    for (; at_ < text_.size(); ++at_) {
      if (!IsLiteralSpace(text_[at_])) Fail("Junk after closing right brace.");
    }
    for (const Element& element : elements_) {
      // Sub-arrays of which only some hold deeper ones.
      if (element.depth != dimensions_) ThrowMismatch();
    }
  }

  std::vector<Element>& elements() { return elements_; }
  int dimensions() const { return elements_.empty() ? 0 : dimensions_; }
  int32_t length(int d) const { return lengths_[d]; }

 private:
  enum class State {
    kNoLevel,
    kLevelStarted,
    kElementStarted,
    kElementCompleted,  // after the closing quote
    kElementDelimited,
    kLevelCompleted,
    kLevelDelimited,
  };

  [[noreturn]] void Fail(std::string detail) const { ThrowMalformed(text_, std::move(detail)); }
  [[noreturn]] void FailAt(char c) const { Fail(fmt::format("Unexpected \"{}\" character.", c)); }
  [[noreturn]] void ThrowMismatch() const {
    Fail("Multidimensional arrays must have sub-arrays with matching dimensions.");
  }

  bool MayStartElement() const {
    return state_ == State::kLevelStarted || state_ == State::kElementDelimited;
  }

  void Step(char c) {
    if (c == '\\') {
      Escape();
    } else if (c == '"') {
      Quoted();
    } else if (c == '{') {
      OpenLevel();
    } else if (c == '}') {
      CloseLevel();
    } else if (c == delimiter_) {
      Delimit();
    } else if (!IsLiteralSpace(c)) {
      if (!MayStartElement() && state_ != State::kElementStarted) Fail("Unexpected array element.");
      Plain(c, false);
    } else if (state_ == State::kElementStarted) {
      current_.text.push_back(c);  // kept if more of the element follows
    }
  }

  void Plain(char c, bool quoted) {
    state_ = State::kElementStarted;
    current_.text.push_back(c);
    current_.quoted |= quoted;
    significant_ = current_.text.size();
  }

  void Escape() {
    if (!MayStartElement() && state_ != State::kElementStarted) FailAt('\\');
    if (at_ >= text_.size()) Fail("Unexpected end of input.");
    Plain(text_[at_++], true);
  }

  void Quoted() {
    if (!MayStartElement()) Fail("Unexpected array element.");
    current_.quoted = true;
    while (true) {
      if (at_ >= text_.size()) Fail("Unexpected end of input.");
      char c = text_[at_++];
      if (c == '"') break;
      if (c == '\\') {
        if (at_ >= text_.size()) Fail("Unexpected end of input.");
        c = text_[at_++];
      }
      current_.text.push_back(c);
    }
    significant_ = current_.text.size();
    state_ = State::kElementCompleted;
  }

  void OpenLevel() {
    if (state_ != State::kNoLevel && state_ != State::kLevelStarted &&
        state_ != State::kLevelDelimited) {
      FailAt('{');
    }
    if (depth_ >= kMaxArrayDimensions) ThrowTooManyDimensions(depth_ + 1);
    counts_[depth_++] = 1;
    if (depth_ > dimensions_) dimensions_ = depth_;
    state_ = State::kLevelStarted;
  }

  void CloseLevel() {
    bool empty = state_ == State::kLevelStarted;
    if (empty ? depth_ != 1 && !AllowsEmptyInner()
              : state_ == State::kElementDelimited || state_ == State::kLevelDelimited ||
                    state_ == State::kNoLevel) {
      FailAt('}');
    }
    EndElement();
    --depth_;
    if (lengths_[depth_] != 0 && lengths_[depth_] != counts_[depth_]) ThrowMismatch();
    lengths_[depth_] = counts_[depth_];
    state_ = State::kLevelCompleted;
  }

  // PostgreSQL 15 refuses `{{},{}}`.
  bool AllowsEmptyInner() const { return false; }

  void Delimit() {
    if (state_ == State::kLevelCompleted) {
      state_ = State::kLevelDelimited;
    } else if (state_ == State::kElementStarted || state_ == State::kElementCompleted) {
      EndElement();
      state_ = State::kElementDelimited;
    } else {
      FailAt(delimiter_);
    }
    ++counts_[depth_ - 1];
  }

  void EndElement() {
    if (state_ != State::kElementStarted && state_ != State::kElementCompleted) return;
    current_.text.resize(significant_);
    current_.depth = depth_;
    elements_.push_back(std::move(current_));
    current_ = Element();
    significant_ = 0;
  }

  std::string_view text_;
  char delimiter_;
  size_t at_ = 0;
  State state_ = State::kNoLevel;
  int depth_ = 0;
  int dimensions_ = 0;
  int32_t counts_[kMaxArrayDimensions] = {};   // in the open levels
  int32_t lengths_[kMaxArrayDimensions] = {};  // of the closed ones; 0: none yet
  std::vector<Element> elements_;
  Element current_;
  size_t significant_ = 0;  // bytes of current_.text without trailing space
};

// `[2:4][0:1]=` in front of the braces.
class DimensionPrefix {
 public:
  DimensionPrefix(std::string_view text) : text_(text) {}

  // Returns where the braces begin.
  size_t Parse(ArrayShape& shape) {
    SkipSpace();
    while (at_ < text_.size() && text_[at_] == '[') {
      ++at_;
      ParseDimension(shape);
      SkipSpace();
    }
    if (shape.dimensions == 0) {
      if (at_ >= text_.size() || text_[at_] != '{') {
        ThrowMalformed(text_, "Array value must start with \"{\" or dimension information.");
      }
      return at_;
    }
    if (at_ >= text_.size() || text_[at_] != '=') {
      ThrowMalformed(text_, "Missing \"=\" after array dimensions.");
    }
    ++at_;
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != '{') {
      ThrowMalformed(text_, "Array contents must start with \"{\".");
    }
    return at_;
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && IsLiteralSpace(text_[at_])) ++at_;
  }

  // As C's atoi does: an odd sign ends the number; what does not fit wraps.
  int32_t Number(const char* missing) {
    size_t begin = at_;
    auto is_part = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+'; };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    if (at_ == begin) ThrowMalformed(text_, missing);
    return static_cast<int32_t>(std::strtol(std::string(text_, begin, at_ - begin).c_str(),
                                            nullptr, 10));
  }

  void ParseDimension(ArrayShape& shape) {
    if (shape.dimensions >= kMaxArrayDimensions) ThrowTooManyDimensions(shape.dimensions + 1);
    int32_t lower = 1;
    int32_t upper = Number("\"[\" must introduce explicitly-specified array dimensions.");
    if (at_ < text_.size() && text_[at_] == ':') {
      ++at_;
      lower = upper;
      upper = Number("Missing array dimension value.");
    }
    if (at_ >= text_.size() || text_[at_] != ']') {
      ThrowMalformed(text_, "Missing \"]\" after array dimensions.");
    }
    ++at_;
    if (upper < lower) {
      throw SqlError(sqlstate::kArraySubscriptError,
                     "upper bound cannot be less than lower bound");
    }
    shape.lower_bounds[shape.dimensions] = lower;
    shape.lengths[shape.dimensions++] =
        static_cast<int32_t>(static_cast<uint32_t>(upper) - static_cast<uint32_t>(lower) + 1);
  }

  std::string_view text_;
  size_t at_ = 0;
};

Datum ArrayInput(const IoContext& io, const TypeInfo& type, std::string_view text, int32_t typmod,
                 base::Arena& arena) {
  if (type.element == kInvalidOid) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("cannot accept a value of type {}", type.name));
  }
  const TypeInfo& element = io.types->GetType(type.element);
  ArrayShape shape;
  size_t braces = DimensionPrefix(text).Parse(shape);
  BraceParser parser(text.substr(braces), element.delimiter);
  parser.Parse();
  if (shape.dimensions == 0) {
    shape.dimensions = parser.dimensions();
    for (int d = 0; d < shape.dimensions; ++d) {
      shape.lengths[d] = parser.length(d);
      shape.lower_bounds[d] = 1;
    }
  } else {
    bool same = shape.dimensions == parser.dimensions();
    for (int d = 0; same && d < shape.dimensions; ++d) {
      same = shape.lengths[d] == parser.length(d);
    }
    if (!same) {
      ThrowMalformed(text, "Specified array dimensions do not match array contents.");
    }
  }
  shape.CheckedCount();
  ArrayBuilder builder(element.oid, element.physical);
  for (const BraceParser::Element& item : parser.elements()) {
    if (!item.quoted && EqualsIgnoringCase(item.text, "NULL")) {
      builder.Append(NullOf(io, element));
    } else {
      builder.Append(InputText(io, {element.oid, typmod}, item.text, arena));
    }
  }
  return Datum::From(builder.Finish(arena, shape));
}

bool NeedsQuotes(std::string_view text, char delimiter) {
  if (text.empty() || EqualsIgnoringCase(text, "NULL")) return true;
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '{' || c == '}' || c == delimiter || IsLiteralSpace(c)) {
      return true;
    }
  }
  return false;
}

void AppendElement(const IoContext& io, const TypeInfo& element, const Datum& value,
                   std::string& to) {
  if (value.is_null()) {
    to += "NULL";
    return;
  }
  size_t begin = to.size();
  OutputText(io, element, value, to);
  std::string_view written = std::string_view(to).substr(begin);
  if (!NeedsQuotes(written, element.delimiter)) return;
  std::string quoted = "\"";
  for (char c : written) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  to.replace(begin, std::string::npos, quoted);
}

void ArrayOutput(const IoContext& io, const TypeInfo& /*type*/, const Datum& value,
                 std::string& to) {
  ArrayReader array(value.As<std::string_view>());
  if (array.empty()) {
    to += "{}";
    return;
  }
  const ArrayShape& shape = array.shape();
  bool explicit_bounds = false;
  for (int d = 0; d < shape.dimensions; ++d) explicit_bounds |= shape.lower_bounds[d] != 1;
  if (explicit_bounds) {
    for (int d = 0; d < shape.dimensions; ++d) {
      fmt::format_to(std::back_inserter(to), "[{}:{}]", shape.lower_bounds[d],
                     shape.upper_bound(d));
    }
    to += '=';
  }
  const TypeInfo& element = io.types->GetType(array.element_type());
  int32_t index[kMaxArrayDimensions] = {};
  to.append(static_cast<size_t>(shape.dimensions), '{');
  for (int32_t i = 0; i < array.size(); ++i) {
    AppendElement(io, element, array.At(i), to);
    int d = shape.dimensions - 1;
    while (d >= 0 && ++index[d] == shape.lengths[d]) {
      index[d--] = 0;
      to += '}';
    }
    if (d < 0) break;
    to += element.delimiter;
    to.append(static_cast<size_t>(shape.dimensions - 1 - d), '{');
  }
}

class BinaryCursor {
 public:
  explicit BinaryCursor(std::string_view bytes) : bytes_(bytes) {}
  int32_t Int32() {
    std::string_view four = Take(4);
    return base::LoadBigEndian<int32_t>(four.data());
  }
  std::string_view Take(size_t size) {
    if (size > bytes_.size()) {
      throw SqlError(sqlstate::kProtocolViolation, "insufficient data left in message");
    }
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

void CheckElementType(const IoContext& io, Oid sent, Oid expected) {
  constexpr Oid kFirstUnpinned = 10000;
  if (sent == expected || sent >= kFirstUnpinned || expected >= kFirstUnpinned) return;
  throw SqlError(
      sqlstate::kDatatypeMismatch,
      fmt::format("binary data has array element type {} ({}) instead of expected {} ({})", sent,
                  io.types->FindType(sent) != nullptr ? FormatType(*io.types, {sent, -1}) : "???",
                  expected, FormatType(*io.types, {expected, -1})));
}

Datum ReceiveElement(const IoContext& io, const TypeInfo& element, std::string_view bytes,
                     int32_t typmod, base::Arena& arena) {
  RequireReceive(*io.types, element);
  return element.ops->receive(io, element, bytes, typmod, arena);
}

Datum ArrayReceive(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                   int32_t typmod, base::Arena& arena) {
  BinaryCursor cursor(bytes);
  ArrayShape shape;
  shape.dimensions = cursor.Int32();
  if (shape.dimensions < 0) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation,
                   fmt::format("invalid number of dimensions: {}", shape.dimensions));
  }
  if (shape.dimensions > kMaxArrayDimensions) ThrowTooManyDimensions(shape.dimensions);
  int32_t flags = cursor.Int32();
  if (flags != 0 && flags != 1) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation, "invalid array flags");
  }
  const TypeInfo& element = io.types->GetType(type.element);
  CheckElementType(io, static_cast<Oid>(cursor.Int32()), element.oid);
  for (int d = 0; d < shape.dimensions; ++d) {
    shape.lengths[d] = cursor.Int32();
    shape.lower_bounds[d] = cursor.Int32();
  }
  int32_t count = shape.CheckedCount();
  ArrayBuilder builder(element.oid, element.physical);
  if (count == 0) return Datum::From(builder.Finish(arena));
  for (int32_t i = 0; i < count; ++i) {
    int32_t length = cursor.Int32();
    if (length == -1) {
      builder.Append(NullOf(io, element));
      continue;
    }
    if (length < 0 || static_cast<size_t>(length) > cursor.left()) {
      throw SqlError(sqlstate::kInvalidBinaryRepresentation, "insufficient data left in message");
    }
    builder.Append(ReceiveElement(io, element, cursor.Take(length), typmod, arena));
  }
  return Datum::From(builder.Finish(arena, shape));
}

void ArraySend(const IoContext& io, const TypeInfo& /*type*/, const Datum& value,
               std::string& to) {
  ArrayReader array(value.As<std::string_view>());
  const TypeInfo& element = io.types->GetType(array.element_type());
  RequireSend(*io.types, element);
  base::AppendBigEndian<int32_t>(to, array.dimensions());
  base::AppendBigEndian<int32_t>(to, array.has_nulls() ? 1 : 0);
  base::AppendBigEndian<uint32_t>(to, array.element_type());
  for (int d = 0; d < array.dimensions(); ++d) {
    base::AppendBigEndian<int32_t>(to, array.shape().lengths[d]);
    base::AppendBigEndian<int32_t>(to, array.shape().lower_bounds[d]);
  }
  for (int32_t i = 0; i < array.size(); ++i) {
    if (array.IsNull(i)) {
      base::AppendBigEndian<int32_t>(to, -1);
      continue;
    }
    size_t length_at = to.size();
    to.append(4, '\0');
    element.ops->send(io, element, array.At(i), to);
    base::StoreBigEndian(to.data() + length_at,
                         static_cast<int32_t>(to.size() - length_at - 4));
  }
}

int ArrayCompare(const TypeLookup& types, const TypeInfo& /*type*/, const Datum& a,
                 const Datum& b) {
  return CompareArrays(types, ArrayReader(a.As<std::string_view>()),
                       ArrayReader(b.As<std::string_view>()));
}

uint64_t ArrayHash(const TypeLookup& types, const TypeInfo& /*type*/, const Datum& value) {
  return HashArray(types, ArrayReader(value.As<std::string_view>()));
}


// --- int2vector, oidvector: numbers with spaces between ---

Datum VectorInput(const IoContext& io, const TypeInfo& type, std::string_view text,
                  int32_t /*typmod*/, base::Arena& arena) {
  const TypeInfo& element = io.types->GetType(type.element);
  ArrayBuilder builder(element.oid, element.physical);
  size_t at = 0;
  while (true) {
    while (at < text.size() && IsLiteralSpace(text[at])) ++at;
    if (at >= text.size()) break;
    size_t begin = at;
    while (at < text.size() && !IsLiteralSpace(text[at])) ++at;
    builder.Append(InputText(io, {element.oid, -1}, text.substr(begin, at - begin), arena));
  }
  return Datum::From(builder.Finish(arena, 0));
}

void VectorOutput(const IoContext& io, const TypeInfo& /*type*/, const Datum& value,
                  std::string& to) {
  ArrayReader array(value.As<std::string_view>());
  const TypeInfo& element = io.types->GetType(array.element_type());
  for (int32_t i = 0; i < array.size(); ++i) {
    if (i > 0) to += ' ';
    OutputText(io, element, array.At(i), to);
  }
}

int VectorCompare(const TypeLookup& types, const TypeInfo& type, const Datum& a, const Datum& b) {
  ArrayReader x(a.As<std::string_view>());
  ArrayReader y(b.As<std::string_view>());
  if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
  return ArrayCompare(types, type, a, b);
}

constexpr TypeOps kVectorOps = {.input = VectorInput,
                                .output = VectorOutput,
                                .receive = ArrayReceive,
                                .send = ArraySend,
                                .compare = VectorCompare,
                                .hash = ArrayHash};

constexpr TypeOpsEntry kVectorTypes[] = {
    {oids::kInt2vector, &kVectorOps},
    {oids::kOidvector, &kVectorOps},
};

}  // namespace

const TypeOps kArrayOps = {.input = ArrayInput,
                           .output = ArrayOutput,
                           .receive = ArrayReceive,
                           .send = ArraySend,
                           .compare = ArrayCompare,
                           .hash = ArrayHash};

std::span<const TypeOpsEntry> VectorTypes() { return kVectorTypes; }

}  // namespace sundog::types
