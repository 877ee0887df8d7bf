// PostgreSQL's raw parse tree, tamed: its node headers, without the macros that would rewrite
// everybody else's code. Only `parser` and `binder` may include this, and last.
//
// Attention: the trees come from libpg_query, whose headers differ from the server's in the values
// of one enum. SelectStmt::limitOption is read through HasWithTies() alone.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
extern "C" {
#include <postgres.h>

#include <nodes/parsenodes.h>
#include <nodes/pg_list.h>
#include <nodes/value.h>
}
#pragma GCC diagnostic pop

#undef Abs
#undef Assert
#undef AssertArg
#undef AssertMacro
#undef AssertState
#undef DEBUG1
#undef DEBUG2
#undef DEBUG3
#undef DEBUG4
#undef DEBUG5
#undef ERROR
#undef FATAL
#undef INFO
#undef LOG
#undef Max
#undef Min
#undef NOTICE
#undef PANIC
#undef StaticAssertDecl
#undef StaticAssertExpr
#undef StaticAssertStmt
#undef Trap
#undef TrapMacro
#undef WARNING
#undef _
#undef dgettext
#undef dngettext
#undef errno_location
#undef foreach
#undef fprintf
#undef gettext
#undef gettext_noop
#undef likely
#undef makeNode
#undef newNode
#undef ngettext
#undef printf
#undef snprintf
#undef sprintf
#undef strerror
#undef strerror_r
#undef unlikely
#undef vfprintf
#undef vprintf
#undef vsnprintf
#undef vsprintf

#include "parser/node_tags.h"

namespace sundog::parser {

inline NodeTag TagOf(const void* node) { return static_cast<const Node*>(node)->type; }

// Throws XX000, as PostgreSQL does for a node of a kind that it did not expect: the statement that
// shows this bug fails, not the server.
[[noreturn]] void ThrowUnexpectedNode(const void* node);

// The node as what its reader takes it for; null stays null.
template <typename T, typename From>
From* Checked(From* node) {
  constexpr NodeTag kTag = TagFor<std::remove_const_t<T>>::kTag;
  if (kTag != T_Invalid && node != nullptr && TagOf(node) != kTag) ThrowUnexpectedNode(node);
  return node;
}

// The members of a List as pointers to T:  for (ResTarget* target : Each<ResTarget>(list)) …
template <typename T>
class Each {
 public:
  explicit Each(const List* list) : list_(list) {}

  class Iterator {
   public:
    explicit Iterator(const ListCell* cell) : cell_(cell) {}
    T* operator*() const { return static_cast<T*>(Checked<T>(cell_->ptr_value)); }
    Iterator& operator++() { return ++cell_, *this; }
    bool operator!=(const Iterator& other) const { return cell_ != other.cell_; }

   private:
    const ListCell* cell_;
  };

  Iterator begin() const { return Iterator(list_ == nullptr ? nullptr : list_->elements); }
  Iterator end() const {
    return Iterator(list_ == nullptr ? nullptr : list_->elements + list_->length);
  }

 private:
  const List* list_;
};

inline int Length(const List* list) { return list == nullptr ? 0 : list->length; }

template <typename T = Node>
T* At(const List* list, int index) {
  return static_cast<T*>(Checked<T>(list->elements[index].ptr_value));
}

template <typename T>
T* As(Node* node) {
  return reinterpret_cast<T*>(Checked<T>(node));
}
template <typename T>
const T* As(const Node* node) {
  return reinterpret_cast<const T*>(Checked<T>(node));
}

// The text of a String node.
inline const char* Text(const void* node) {
  if (node == nullptr || TagOf(node) != T_String) ThrowUnexpectedNode(node);
  return static_cast<const String*>(node)->sval;
}
// A C string that may be null.
inline std::string TextOrEmpty(const char* text) { return text == nullptr ? "" : text; }

// FETCH FIRST … WITH TIES. libpg_query's LimitOption is DEFAULT, COUNT, WITH_TIES.
inline bool HasWithTies(const SelectStmt* select) {
  return static_cast<int>(select->limitOption) == 2;
}

// Where the expression begins in the statement's text, as PostgreSQL's exprLocation(): for
// operators and calls the leftmost of their parts. -1 if unknown.
int NodeLocation(const Node* node);

}  // namespace sundog::parser
