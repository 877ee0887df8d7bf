// Printing a jsonpath in its canonical form.
#include <fmt/format.h>

#include "types/json_lexer.h"
#include "types/jsonpath.h"
#include "types/numeric.h"

namespace sundog::types {

namespace {

using Kind = JsonPathKind;
using Item = JsonPathItem;

int Priority(Kind kind) {
  switch (kind) {
    case Kind::kOr: return 0;
    case Kind::kAnd: return 1;
    case Kind::kEqual:
    case Kind::kNotEqual:
    case Kind::kLess:
    case Kind::kGreater:
    case Kind::kLessOrEqual:
    case Kind::kGreaterOrEqual:
    case Kind::kStartsWith: return 2;
    case Kind::kAdd:
    case Kind::kSubtract: return 3;
    case Kind::kMultiply:
    case Kind::kDivide:
    case Kind::kModulo: return 4;
    case Kind::kPlus:
    case Kind::kMinus: return 5;
    default: return 6;
  }
}

class Printer {
 public:
  explicit Printer(std::string& to) : to_(to) {}

  // `accessor`: stands behind another item; `brackets`: operators are put in parentheses.
  void Print(const Item& item, bool accessor, bool brackets) {
    if (item.kind >= Kind::kRoot) {
      Accessor(item, accessor);
    } else if (IsJsonPathPredicate(item.kind) || item.kind >= Kind::kAdd) {
      Operator(item, brackets);
    } else {
      Literal(item);
    }
    if (item.next != nullptr) Print(*item.next, true, true);
  }

 private:
  void Literal(const Item& item) {
    switch (item.kind) {
      case Kind::kNull: to_ += "null"; break;
      case Kind::kTrue: to_ += "true"; break;
      case Kind::kFalse: to_ += "false"; break;
      case Kind::kNumber:
        if (item.next != nullptr) to_ += '(';
        AppendNumericText(item.text, to_);
        if (item.next != nullptr) to_ += ')';
        break;
      default:
        if (item.kind == Kind::kVariable) to_ += '$';
        AppendJsonString(item.text, to_);
    }
  }

  void Operand(const Item& parent, const Item& operand) {
    Print(operand, false, Priority(operand.kind) <= Priority(parent.kind));
  }

  void Operator(const Item& item, bool brackets) {
    switch (item.kind) {
      case Kind::kNot:
        to_ += "!(";
        Print(*item.left, false, false);
        to_ += ')';
        return;
      case Kind::kIsUnknown:
        to_ += '(';
        Print(*item.left, false, false);
        to_ += ") is unknown";
        return;
      case Kind::kExists:
        to_ += "exists (";
        Print(*item.left, false, false);
        to_ += ')';
        return;
      default: break;
    }
    if (brackets) to_ += '(';
    if (item.kind == Kind::kPlus || item.kind == Kind::kMinus) {
      to_ += JsonPathOperationName(item.kind);
      Operand(item, *item.left);
    } else {
      Operand(item, *item.left);
      to_ += ' ';
      to_ += JsonPathOperationName(item.kind);
      to_ += ' ';
      if (item.kind == Kind::kLikeRegex) {
        AppendJsonString(item.text, to_);
        if (!item.flags.empty()) to_ += " flag \"" + item.flags + "\"";
      } else {
        Operand(item, *item.right);
      }
    }
    if (brackets) to_ += ')';
  }

  void Accessor(const Item& item, bool accessor) {
    switch (item.kind) {
      case Kind::kRoot: to_ += '$'; break;
      case Kind::kCurrent: to_ += '@'; break;
      case Kind::kLast: to_ += "last"; break;
      case Kind::kKey:
        if (accessor) to_ += '.';
        AppendJsonString(item.text, to_);
        break;
      case Kind::kAnyKey: to_ += accessor ? ".*" : "*"; break;
      case Kind::kAnyArray: to_ += "[*]"; break;
      case Kind::kIndexArray: Subscripts(item); break;
      case Kind::kAny:
        if (accessor) to_ += '.';
        Levels(item);
        break;
      case Kind::kFilter:
        to_ += "?(";
        Print(*item.left, false, false);
        to_ += ')';
        break;
      default:
        to_ += '.';
        to_ += JsonPathOperationName(item.kind);
        to_ += '(';
        if (item.left != nullptr) Print(*item.left, false, false);
        to_ += ')';
    }
  }

  void Subscripts(const Item& item) {
    to_ += '[';
    bool first = true;
    for (const Item::Subscript& subscript : item.subscripts) {
      if (!first) to_ += ',';
      first = false;
      Print(*subscript.from, false, false);
      if (subscript.to == nullptr) continue;
      to_ += " to ";
      Print(*subscript.to, false, false);
    }
    to_ += ']';
  }

  static std::string Level(uint32_t level) {
    return level == Item::kLastLevel ? "last" : std::to_string(level);
  }

  void Levels(const Item& item) {
    to_ += "**";
    if (item.first_level == 0 && item.last_level == Item::kLastLevel) return;
    to_ += '{' + Level(item.first_level);
    if (item.first_level != item.last_level) to_ += " to " + Level(item.last_level);
    to_ += '}';
  }

  std::string& to_;
};

}  // namespace

std::string JsonPathText(const JsonPath& path) {
  std::string text;
  if (!path.lax) text += "strict ";
  Printer(text).Print(*path.root, false, true);
  return text;
}

}  // namespace sundog::types
