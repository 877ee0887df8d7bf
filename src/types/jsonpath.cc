#include "types/jsonpath.h"

#include <fmt/format.h>

#include <charconv>

#include "base/sql_error.h"
#include "types/json_lexer.h"
#include "types/jsonpath_lexer.h"
#include "types/numeric.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

using Kind = JsonPathKind;
using Item = JsonPathItem;

struct Named {
  Kind kind;
  std::string_view name;
};

constexpr Named kNames[] = {
    {Kind::kAnd, "&&"},         {Kind::kOr, "||"},
    {Kind::kEqual, "=="},       {Kind::kNotEqual, "!="},
    {Kind::kLess, "<"},         {Kind::kGreater, ">"},
    {Kind::kLessOrEqual, "<="}, {Kind::kGreaterOrEqual, ">="},
    {Kind::kAdd, "+"},          {Kind::kPlus, "+"},
    {Kind::kSubtract, "-"},     {Kind::kMinus, "-"},
    {Kind::kMultiply, "*"},     {Kind::kDivide, "/"},
    {Kind::kModulo, "%"},       {Kind::kStartsWith, "starts with"},
    {Kind::kType, "type"},      {Kind::kSize, "size"},
    {Kind::kAbs, "abs"},        {Kind::kFloor, "floor"},
    {Kind::kCeiling, "ceiling"}, {Kind::kDouble, "double"},
    {Kind::kDatetime, "datetime"}, {Kind::kKeyValue, "keyvalue"},
    {Kind::kLikeRegex, "like_regex"},
};

// Moves what the item owns to `to`.
void TakeParts(Item& item, std::vector<JsonPathItemPtr>& to) {
  for (JsonPathItemPtr* part : {&item.left, &item.right, &item.next}) {
    if (*part != nullptr) to.push_back(std::move(*part));
  }
  for (Item::Subscript& subscript : item.subscripts) {
    if (subscript.from != nullptr) to.push_back(std::move(subscript.from));
    if (subscript.to != nullptr) to.push_back(std::move(subscript.to));
  }
}

JsonPathItemPtr Make(Kind kind, JsonPathItemPtr left = nullptr, JsonPathItemPtr right = nullptr) {
  auto item = std::make_unique<Item>(kind);
  item->left = std::move(left);
  item->right = std::move(right);
  return item;
}

JsonPathItemPtr MakeText(Kind kind, std::string text) {
  JsonPathItemPtr item = Make(kind);
  item->text = std::move(text);
  return item;
}

// Recursive descent, by falling precedence: || && ! comparison + * unary accessors. Predicates and
// expressions share it; what may stand where is checked on the way.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  JsonPath Run() {
    JsonPath path;
    if (lexer_.IsKeyword("strict") || lexer_.IsKeyword("lax")) {
      path.lax = lexer_.IsKeyword("lax");
      lexer_.Next();
    }
    path.root = Or();
    if (lexer_.token() != JsonPathToken::kEnd) lexer_.Fail();
    Check(*path.root, 0, false);
    return path;
  }

 private:
  void Expect(std::string_view op) {
    if (!lexer_.IsOperator(op)) lexer_.Fail();
    lexer_.Next();
  }
  bool Accept(std::string_view op) {
    if (!lexer_.IsOperator(op)) return false;
    lexer_.Next();
    return true;
  }
  bool AcceptKeyword(std::string_view keyword) {
    if (!lexer_.IsKeyword(keyword)) return false;
    lexer_.Next();
    return true;
  }

  // A predicate that nothing was applied to.
  static bool IsPredicate(const Item& item) {
    return IsJsonPathPredicate(item.kind) && item.next == nullptr;
  }
  void RequirePredicate(const Item& item) {
    if (!IsPredicate(item)) lexer_.Fail();
  }
  void RequireExpression(const Item& item) {
    if (IsPredicate(item)) lexer_.Fail();
  }

  void Enter() {
    if (++depth_ > kMaxDepth) ThrowStackDepth();
  }

  JsonPathItemPtr Or() {
    Enter();
    JsonPathItemPtr left = And();
    while (lexer_.IsOperator("||")) {
      RequirePredicate(*left);
      lexer_.Next();
      JsonPathItemPtr right = And();
      RequirePredicate(*right);
      left = Make(Kind::kOr, std::move(left), std::move(right));
    }
    --depth_;
    return left;
  }

  JsonPathItemPtr And() {
    JsonPathItemPtr left = Comparison();
    while (lexer_.IsOperator("&&")) {
      RequirePredicate(*left);
      lexer_.Next();
      JsonPathItemPtr right = Comparison();
      RequirePredicate(*right);
      left = Make(Kind::kAnd, std::move(left), std::move(right));
    }
    return left;
  }

  JsonPathItemPtr Comparison() {
    if (Accept("!")) {
      if (!lexer_.IsOperator("(") && !lexer_.IsKeyword("exists")) lexer_.Fail();
      JsonPathItemPtr operand = lexer_.IsOperator("(") ? Parenthesised() : Exists();
      RequirePredicate(*operand);
      return Make(Kind::kNot, std::move(operand));
    }
    if (lexer_.IsKeyword("exists")) return Exists();
    JsonPathItemPtr left = Additive();
    static constexpr Named kComparisons[] = {
        {Kind::kEqual, "=="},       {Kind::kNotEqual, "!="},       {Kind::kNotEqual, "<>"},
        {Kind::kLess, "<"},         {Kind::kGreater, ">"},         {Kind::kLessOrEqual, "<="},
        {Kind::kGreaterOrEqual, ">="},
    };
    for (const Named& comparison : kComparisons) {
      if (!lexer_.IsOperator(comparison.name)) continue;
      RequireExpression(*left);
      lexer_.Next();
      JsonPathItemPtr right = Additive();
      RequireExpression(*right);
      return Make(comparison.kind, std::move(left), std::move(right));
    }
    if (lexer_.IsKeyword("starts")) return StartsWith(std::move(left));
    if (lexer_.IsKeyword("like_regex")) return LikeRegex(std::move(left));
    return left;
  }

  JsonPathItemPtr Exists() {
    lexer_.Next();
    Expect("(");
    JsonPathItemPtr operand = Additive();
    RequireExpression(*operand);
    Expect(")");
    return Make(Kind::kExists, std::move(operand));
  }

  JsonPathItemPtr StartsWith(JsonPathItemPtr left) {
    RequireExpression(*left);
    lexer_.Next();
    if (!AcceptKeyword("with")) lexer_.Fail();
    bool variable = lexer_.token() == JsonPathToken::kVariable;
    if (!variable && lexer_.token() != JsonPathToken::kString) lexer_.Fail();
    JsonPathItemPtr initial =
        MakeText(variable ? Kind::kVariable : Kind::kString, lexer_.text());
    lexer_.Next();
    return Make(Kind::kStartsWith, std::move(left), std::move(initial));
  }

  JsonPathItemPtr LikeRegex(JsonPathItemPtr left) {
    RequireExpression(*left);
    lexer_.Next();
    if (lexer_.token() != JsonPathToken::kString) lexer_.Fail();
    JsonPathItemPtr item = Make(Kind::kLikeRegex, std::move(left));
    item->text = lexer_.text();
    lexer_.Next();
    if (AcceptKeyword("flag")) {
      if (lexer_.token() != JsonPathToken::kString) lexer_.Fail();
      item->flags = CanonicalFlags(lexer_.text());
      lexer_.Next();
    }
    return item;
  }

  static std::string CanonicalFlags(std::string_view given) {
    std::string canonical;
    for (char flag : std::string_view("ismxq")) {
      if (given.find(flag) != std::string_view::npos) canonical += flag;
    }
    for (size_t i = 0; i < given.size(); ++i) {
      if (std::string_view("ismxq").find(given[i]) != std::string_view::npos) continue;
      throw SqlError(sqlstate::kSyntaxError, "invalid input syntax for type jsonpath")
          .Detail(fmt::format(
              "Unrecognized flag character \"{}\" in LIKE_REGEX predicate.",
              given.substr(i, 1)));
    }
    if (canonical.find('x') != std::string::npos && canonical.find('q') == std::string::npos) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "XQuery \"x\" flag (expanded regular expressions) is not implemented");
    }
    return canonical;
  }

  JsonPathItemPtr Additive() {
    JsonPathItemPtr left = Multiplicative();
    while (lexer_.IsOperator("+") || lexer_.IsOperator("-")) {
      RequireExpression(*left);
      Kind kind = lexer_.IsOperator("+") ? Kind::kAdd : Kind::kSubtract;
      lexer_.Next();
      JsonPathItemPtr right = Multiplicative();
      RequireExpression(*right);
      left = Make(kind, std::move(left), std::move(right));
    }
    return left;
  }

  JsonPathItemPtr Multiplicative() {
    JsonPathItemPtr left = Unary();
    while (lexer_.IsOperator("*") || lexer_.IsOperator("/") || lexer_.IsOperator("%")) {
      RequireExpression(*left);
      Kind kind = lexer_.IsOperator("*")   ? Kind::kMultiply
                  : lexer_.IsOperator("/") ? Kind::kDivide
                                           : Kind::kModulo;
      lexer_.Next();
      JsonPathItemPtr right = Unary();
      RequireExpression(*right);
      left = Make(kind, std::move(left), std::move(right));
    }
    return left;
  }

  JsonPathItemPtr Unary() {
    bool plus = lexer_.IsOperator("+");
    if (!plus && !lexer_.IsOperator("-")) return Accessors();
    Enter();
    lexer_.Next();
    JsonPathItemPtr operand = Unary();
    RequireExpression(*operand);
    --depth_;
    if (operand->kind == Kind::kNumber && operand->next == nullptr) {
      if (plus) return operand;
      base::Arena arena;
      return MakeText(Kind::kNumber, std::string(NumericNegate(operand->text, arena)));
    }
    return Make(plus ? Kind::kPlus : Kind::kMinus, std::move(operand));
  }

  // ( … ), perhaps followed by `is unknown`.
  JsonPathItemPtr Parenthesised() {
    Expect("(");
    JsonPathItemPtr inner = Or();
    Expect(")");
    if (IsPredicate(*inner) && lexer_.IsKeyword("is")) {
      lexer_.Next();
      if (!AcceptKeyword("unknown")) lexer_.Fail();
      return Make(Kind::kIsUnknown, std::move(inner));
    }
    return inner;
  }

  JsonPathItemPtr Accessors() {
    JsonPathItemPtr head = lexer_.IsOperator("(") ? Parenthesised() : Primary();
    Item* end = head.get();
    while (end->next != nullptr) end = end->next.get();
    while (true) {
      JsonPathItemPtr accessor;
      if (lexer_.IsOperator("[")) {
        accessor = ArrayAccessor();
      } else if (Accept(".")) {
        accessor = AfterDot();
      } else if (Accept("?")) {
        Expect("(");
        JsonPathItemPtr condition = Or();
        RequirePredicate(*condition);
        Expect(")");
        accessor = Make(Kind::kFilter, std::move(condition));
      } else {
        return head;
      }
      end->next = std::move(accessor);
      end = end->next.get();
    }
  }

  JsonPathItemPtr Primary() {
    JsonPathItemPtr item;
    switch (lexer_.token()) {
      case JsonPathToken::kString: item = MakeText(Kind::kString, lexer_.text()); break;
      case JsonPathToken::kVariable: item = MakeText(Kind::kVariable, lexer_.text()); break;
      case JsonPathToken::kInteger:
      case JsonPathToken::kNumber: {
        base::Arena arena;
        item = MakeText(Kind::kNumber, std::string(ParseNumeric(lexer_.text(), -1, arena)));
        break;
      }
      default: {
        Kind kind;
        if (lexer_.IsOperator("$")) {
          kind = Kind::kRoot;
        } else if (lexer_.IsOperator("@")) {
          kind = Kind::kCurrent;
        } else if (lexer_.IsKeyword("last")) {
          kind = Kind::kLast;
        } else if (lexer_.IsKeyword("null")) {
          kind = Kind::kNull;
        } else if (lexer_.IsKeyword("true")) {
          kind = Kind::kTrue;
        } else if (lexer_.IsKeyword("false")) {
          kind = Kind::kFalse;
        } else {
          lexer_.Fail();
        }
        item = Make(kind);
      }
    }
    lexer_.Next();
    return item;
  }

  JsonPathItemPtr ArrayAccessor() {
    Expect("[");
    if (Accept("*")) {
      Expect("]");
      return Make(Kind::kAnyArray);
    }
    JsonPathItemPtr item = Make(Kind::kIndexArray);
    do {
      Item::Subscript subscript;
      subscript.from = Additive();
      RequireExpression(*subscript.from);
      if (AcceptKeyword("to")) {
        subscript.to = Additive();
        RequireExpression(*subscript.to);
      }
      item->subscripts.push_back(std::move(subscript));
    } while (Accept(","));
    Expect("]");
    return item;
  }

  uint32_t Level() {
    if (AcceptKeyword("last")) return Item::kLastLevel;
    if (lexer_.token() != JsonPathToken::kInteger) lexer_.Fail();
    int32_t level;
    const std::string& text = lexer_.text();
    if (std::from_chars(text.data(), text.data() + text.size(), level).ec != std::errc()) {
      throw SqlError(sqlstate::kNumericValueOutOfRange,
                     fmt::format("value \"{}\" is out of range for type integer", text));
    }
    lexer_.Next();
    return static_cast<uint32_t>(level);
  }

  JsonPathItemPtr AfterDot() {
    if (Accept("*")) return Make(Kind::kAnyKey);
    if (Accept("**")) {
      JsonPathItemPtr item = Make(Kind::kAny);
      item->last_level = Item::kLastLevel;
      if (!Accept("{")) return item;
      item->first_level = item->last_level = Level();
      if (AcceptKeyword("to")) item->last_level = Level();
      Expect("}");
      return item;
    }
    if (lexer_.token() != JsonPathToken::kWord && lexer_.token() != JsonPathToken::kString) {
      lexer_.Fail();
    }
    Kind method = Kind::kKey;
    for (const Named& named : kNames) {
      if (named.kind >= Kind::kType && lexer_.IsKeyword(named.name)) method = named.kind;
    }
    JsonPathItemPtr key = MakeText(Kind::kKey, lexer_.text());
    lexer_.Next();
    if (method == Kind::kKey || !Accept("(")) return key;
    JsonPathItemPtr item = Make(method);
    if (method == Kind::kDatetime && lexer_.token() == JsonPathToken::kString) {
      item->left = MakeText(Kind::kString, lexer_.text());
      lexer_.Next();
    }
    Expect(")");
    return item;
  }

  // @ stands only in filters, last only in subscripts.
  void Check(const Item& item, int filters, bool in_subscript) {
    if (item.kind == Kind::kCurrent && filters == 0) {
      throw SqlError(sqlstate::kSyntaxError, "@ is not allowed in root expressions");
    }
    if (item.kind == Kind::kLast && !in_subscript) {
      throw SqlError(sqlstate::kSyntaxError, "LAST is allowed only in array subscripts");
    }
    // A chain of operators or accessors is as deep as it is long, here and for who reads it.
    if (++items_ > kMaxItems) ThrowStackDepth();
    int inner = filters + (item.kind == Kind::kFilter ? 1 : 0);
    if (item.left != nullptr) Check(*item.left, inner, in_subscript);
    if (item.right != nullptr) Check(*item.right, inner, in_subscript);
    for (const Item::Subscript& subscript : item.subscripts) {
      Check(*subscript.from, filters, true);
      if (subscript.to != nullptr) Check(*subscript.to, filters, true);
    }
    if (item.next != nullptr) Check(*item.next, filters, in_subscript);
  }

  static constexpr int kMaxDepth = 1000;
  static constexpr int kMaxItems = 1000;
  JsonPathLexer lexer_;
  int depth_ = 0;
  int items_ = 0;
};

Datum JsonPathInput(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
                    base::Arena& arena) {
  return Datum::From(arena.Copy(JsonPathText(ParseJsonPath(text))));
}

void JsonPathOutput(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<std::string_view>();
}

// On the wire: a version byte, 1, and the text.
Datum JsonPathReceive(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                      int32_t typmod, base::Arena& arena) {
  if (bytes.empty()) throw SqlError(sqlstate::kProtocolViolation, "no data left in message");
  if (bytes[0] != 1) {
    throw SqlError(sqlstate::kInternalError,
                   fmt::format("unsupported jsonpath version number: {}",
                               static_cast<int>(static_cast<unsigned char>(bytes[0]))));
  }
  ValidateUtf8(bytes.substr(1));
  return JsonPathInput(io, type, bytes.substr(1), typmod, arena);
}

void JsonPathSend(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += '\1';
  to += value.As<std::string_view>();
}

constexpr TypeOps kJsonPathOps = {.input = JsonPathInput,
                                  .output = JsonPathOutput,
                                  .receive = JsonPathReceive,
                                  .send = JsonPathSend};
constexpr TypeOpsEntry kJsonPathTypes[] = {{oids::kJsonpath, &kJsonPathOps}};

}  // namespace

JsonPathItem::~JsonPathItem() {
  std::vector<JsonPathItemPtr> parts;
  TakeParts(*this, parts);
  while (!parts.empty()) {
    JsonPathItemPtr part = std::move(parts.back());
    parts.pop_back();
    TakeParts(*part, parts);
  }
}

JsonPath ParseJsonPath(std::string_view text) {
  JsonPathLexer first(text);
  if (first.token() == JsonPathToken::kEnd) {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("invalid input syntax for type jsonpath: \"{}\"", text));
  }
  return Parser(text).Run();
}

std::string_view JsonPathOperationName(JsonPathKind kind) {
  for (const Named& named : kNames) {
    if (named.kind == kind) return named.name;
  }
  return "";
}

std::span<const TypeOpsEntry> JsonPathTypes() { return kJsonPathTypes; }

}  // namespace sundog::types
