#include "functions/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/sql_error.h"

namespace sundog::functions {

namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

constexpr int kDfaWorkspace = 4096;
// Compiling to machine code pays only for an expression that is used often.
constexpr int kMatchesBeforeJit = 20;

[[noreturn]] void ThrowMatchError(int code) {
  if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT ||
      code == PCRE2_ERROR_HEAPLIMIT || code == PCRE2_ERROR_JIT_STACKLIMIT) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "regular expression is too complex");
  }
  char text[256];
  pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof(text));
  throw SqlError(sqlstate::kInternalError, std::string("regular expression failed: ") + text);
}

PCRE2_SPTR Bytes(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data() != nullptr ? text.data() : "");
}

}  // namespace

struct Regex::Program {
  std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>> code;
  std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>> match;
  std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>> context;
  // Not the thread's own stack: that is a fiber's, and small.
  std::unique_ptr<pcre2_jit_stack, Deleter<pcre2_jit_stack_free>> stack;
  std::vector<int> workspace;
  int matches = 0;
  bool extent_first = false;  // find the extent of the match with the DFA, then the groups
  bool shortest = false;
};

Regex::Regex(std::string_view pattern, RegexFlags flags) : program_(std::make_unique<Program>()) {
  TranslatedRegex translated = TranslateRegex(pattern, flags);
  groups_ = translated.groups;
  // A line also begins after the text's last newline.
  uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C |
                     PCRE2_ALT_CIRCUMFLEX;
  if (translated.flags.ignore_case) options |= PCRE2_CASELESS;
  // A possessive repetition would hide the shorter matches from the DFA.
  if (translated.choice_may_differ) options |= PCRE2_NO_AUTO_POSSESS;
  std::unique_ptr<pcre2_compile_context, Deleter<pcre2_compile_context_free>> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  size_t offset = 0;
  program_->code.reset(pcre2_compile(Bytes(translated.pattern), translated.pattern.size(), options,
                                     &error, &offset, context.get()));
  if (program_->code == nullptr) {
    char text[256];
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof(text));
    base::ThrowNotSupported(std::string("regular expression (") + text + ")");
  }
  program_->match.reset(pcre2_match_data_create_from_pattern(program_->code.get(), nullptr));
  program_->context.reset(pcre2_match_context_create(nullptr));
  program_->extent_first = !translated.has_backreference && translated.choice_may_differ;
  program_->shortest = translated.shortest;
}

Regex::~Regex() = default;

bool Regex::SearchFirst(std::string_view subject, size_t start, uint32_t options) {
  Program& program = *program_;
  if (++program.matches == kMatchesBeforeJit &&
      pcre2_jit_compile(program.code.get(), PCRE2_JIT_COMPLETE) == 0) {
    program.stack.reset(pcre2_jit_stack_create(32 * 1024, 1024 * 1024, nullptr));
    pcre2_jit_stack_assign(program.context.get(), nullptr, program.stack.get());
  }
  int result = pcre2_match(program.code.get(), Bytes(subject), subject.size(), start,
                           options | PCRE2_NO_UTF_CHECK, program.match.get(),
                           program.context.get());
  if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
    result = pcre2_match(program.code.get(), Bytes(subject), subject.size(), start,
                         options | PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, program.match.get(),
                         program.context.get());
  }
  if (result == PCRE2_ERROR_NOMATCH) return false;
  if (result < 0) ThrowMatchError(result);
  return true;
}

void Regex::CopySpans(std::vector<RegexSpan>* spans) const {
  const size_t* offsets = pcre2_get_ovector_pointer(program_->match.get());
  spans->assign(static_cast<size_t>(groups_) + 1, RegexSpan());
  for (size_t i = 0; i < spans->size(); ++i) {
    if (offsets[2 * i] == PCRE2_UNSET) continue;
    (*spans)[i] = {static_cast<ptrdiff_t>(offsets[2 * i]),
                   static_cast<ptrdiff_t>(offsets[2 * i + 1])};
  }
}

bool Regex::Matches(std::string_view subject) { return SearchFirst(subject, 0, 0); }

// The DFA gives the longest (or shortest) match that starts leftmost, without groups; a second run
// that must cover exactly this extent finds them.
bool Regex::Search(std::string_view subject, size_t start, std::vector<RegexSpan>* spans) {
  Program& program = *program_;
  if (!program.extent_first) {
    if (!SearchFirst(subject, start, 0)) return false;
    CopySpans(spans);
    return true;
  }
  if (program.workspace.empty()) program.workspace.resize(kDfaWorkspace);
  uint32_t options = PCRE2_NO_UTF_CHECK | (program.shortest ? PCRE2_DFA_SHORTEST : 0);
  int result = pcre2_dfa_match(program.code.get(), Bytes(subject), subject.size(), start, options,
                               program.match.get(), program.context.get(),
                               program.workspace.data(), program.workspace.size());
  if (result == PCRE2_ERROR_NOMATCH) return false;
  const size_t* offsets = pcre2_get_ovector_pointer(program.match.get());
  // 0: more lengths matched than there is room for, which keeps the longest.
  bool found = result >= 0;
  RegexSpan extent;
  if (found) {
    extent = {static_cast<ptrdiff_t>(offsets[0]), static_cast<ptrdiff_t>(offsets[1])};
    if (groups_ == 0) {
      spans->assign(1, extent);
      return true;
    }
    size_t end = static_cast<size_t>(extent.end);
    if (SearchFirst(subject.substr(0, end), static_cast<size_t>(extent.begin),
                    PCRE2_ANCHORED | PCRE2_ENDANCHORED)) {
      CopySpans(spans);
      return true;
    }
  }
  if (!SearchFirst(subject, start, 0)) return false;
  CopySpans(spans);
  return true;
}

Regex& RegexCache::For(CallContext& call, std::string_view pattern, RegexFlags flags) {
  constexpr size_t kMaxEntries = 16;
  std::deque<Entry>& entries = call.State<RegexCache>().entries_;
  for (Entry& entry : entries) {
    if (entry.pattern == pattern && entry.flags == flags) return *entry.regex;
  }
  auto regex = std::make_unique<Regex>(pattern, flags);
  if (entries.size() == kMaxEntries) entries.pop_back();
  entries.push_front({std::string(pattern), flags, std::move(regex)});
  return *entries.front().regex;
}

}  // namespace sundog::functions
