#include "parser/parse.h"

#include <cctype>
#include <csetjmp>

#include "base/check.h"
#include "base/sql_error.h"
#include "parser/extension_scanner.h"
#include "parser/pg_nodes.h"
#include "parser/refused_parameters.h"

// libpg_query's globals are thread-local where the server's headers declare them as plain; hence
// names of our own for the same symbols.
extern "C" {
extern __thread sigjmp_buf* sundog_pg_exception_stack asm("PG_exception_stack");
extern __thread ErrorContextCallback* sundog_pg_error_context asm("error_context_stack");
extern __thread MemoryContext sundog_pg_current_context asm("CurrentMemoryContext");
extern __thread MemoryContext sundog_pg_top_context asm("TopMemoryContext");
MemoryContext pg_query_enter_memory_context();
void MemoryContextSetParent(MemoryContext context, MemoryContext parent);
void MemoryContextDelete(MemoryContext context);
List* sundog_pg_raw_parser(const char* text, int mode) asm("raw_parser");
}

namespace sundog::parser {

struct Script::TreeMemory {
  MemoryContext context;
  ~TreeMemory() { MemoryContextDelete(context); }
};

Script::Script() = default;
Script::Script(Script&&) noexcept = default;
Script& Script::operator=(Script&&) noexcept = default;
Script::~Script() = default;

namespace {

// PostgreSQL packs a SQLSTATE into an int, six bits a character.
base::SqlState UnpackSqlState(int packed) {
  char code[5];
  for (char& c : code) {
    c = static_cast<char>((packed & 0x3F) + '0');
    packed >>= 6;
  }
  return base::SqlState(std::string_view(code, 5));
}

// A 1-based character position to a byte offset.
int ByteOffset(std::string_view text, int position) {
  if (position <= 0) return -1;
  size_t at = 0;
  for (int character = 1; character < position && at < text.size(); ++character) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return static_cast<int>(at);
}

// The library's lexer ends `100_0` at `100_`; PostgreSQL's, since, with the identifier after it.
std::string MessageOf(const ErrorData& error, std::string_view text) {
  constexpr std::string_view kJunk = "trailing junk after numeric literal at or near \"";
  std::string message = error.message;
  int begin = ByteOffset(text, error.cursorpos);
  if (!message.starts_with(kJunk) || begin < 0) return message;
  size_t end = static_cast<size_t>(begin) + message.size() - kJunk.size() - 1;
  auto continues = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80);
  };
  if (end > text.size() || !continues(text[end - 1])) return message;
  while (end < text.size() && continues(text[end])) ++end;
  return std::string(kJunk) + std::string(text.substr(begin, end - begin)) + "\"";
}

SqlError ToSqlError(const ErrorData& error, std::string_view text) {
  SqlError result(UnpackSqlState(error.sqlerrcode), MessageOf(error, text));
  result.At(ByteOffset(text, error.cursorpos));
  if (error.detail != nullptr) result.Detail(error.detail);
  if (error.hint != nullptr) result.Hint(error.hint);
  return result;
}

// What the grammar's error handling jumps over must have no destructors: this function and the
// parser's C code. Null on error, which is then left with PostgreSQL's error machinery.
List* RawParse(const char* text, bool& failed) {
  sigjmp_buf* const outer = sundog_pg_exception_stack;
  ErrorContextCallback* const outer_context = sundog_pg_error_context;
  sigjmp_buf here;
  List* volatile trees = nullptr;
  volatile bool error = false;
  if (sigsetjmp(here, 0) == 0) {
    sundog_pg_exception_stack = &here;
    trees = sundog_pg_raw_parser(text, 0);
  } else {
    error = true;
  }
  sundog_pg_exception_stack = outer;
  sundog_pg_error_context = outer_context;
  failed = error;
  return trees;
}

}  // namespace

Script Parse(std::string_view sql) {
  Script script;
  script.text_ = std::make_unique<const std::string>(sql);
  ExtensionScan extensions = ScanExtensions(*script.text_);
  const std::string& grammar_text = extensions.found ? extensions.text : *script.text_;

  MemoryContext context = pg_query_enter_memory_context();
  script.memory_.reset(new Script::TreeMemory{context});
  bool failed = false;
  List* trees = RawParse(grammar_text.c_str(), failed);
  if (failed) {
    sundog_pg_current_context = context;
    ErrorData* error = CopyErrorData();
    FlushErrorState();
    sundog_pg_current_context = sundog_pg_top_context;
    throw ToSqlError(*error, *script.text_);
  }
  sundog_pg_current_context = sundog_pg_top_context;
  // Without a parent, the trees can be freed on any thread.
  MemoryContextSetParent(context, nullptr);

  const std::string_view text = *script.text_;
  for (const RawStmt* raw : Each<RawStmt>(trees)) {
    RefuseParameters(raw->stmt);
    RawStatement statement;
    statement.tree = raw->stmt;
    statement.location = raw->stmt_location < 0 ? 0 : raw->stmt_location;
    size_t length = raw->stmt_len > 0 ? raw->stmt_len : text.size() - statement.location;
    statement.length = static_cast<int>(length);
    statement.text = text.substr(statement.location, length);
    statement.script_text = text;
    script.statements_.push_back(std::move(statement));
  }
  if (extensions.found) extensions.AddTo(text, script.statements_);
  return script;
}

}  // namespace sundog::parser
